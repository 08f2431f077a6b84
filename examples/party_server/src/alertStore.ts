// What a room stores of its alerts. A room that never had rules has no table and no row of them.

import type { Rule } from "./alertChecks.ts";
import type { On } from "./alertRules.ts";
import type { Notice, Notices } from "./notices.ts";

// The keys in storage for the rules, and for the times of the last tries.
const KEY = "alerts";
const TRIED_KEY = "alerts tried";
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS alerts_on (
    rule TEXT NOT NULL, device TEXT NOT NULL, since INTEGER NOT NULL,
    PRIMARY KEY (rule, device)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS notices (
    uid TEXT PRIMARY KEY,
    -- JSON: a Notice
    notice TEXT NOT NULL) WITHOUT ROWID;
`;

/** The rules of a room, and what belongs to them. It is never changed, but replaced. */
export interface Rules {
  // 0: none were ever set.
  version: number;
  list: readonly Rule[];
  // silent and offline do not count from before.
  since: number;
  // The room's party, for webhooks.
  party: string;
  // Target: how many notifications were given up since the rules were set.
  dropped: Readonly<Record<string, number>>;
}

/** By target: when the last try was, in ms since 1970. */
export type Tried = ReadonlyMap<string, number>;

export interface Stored {
  rules: Rules;
  on: On;
  notices: Notices;
  tried: Tried;
}

export class AlertStore {
  readonly #kv: SyncKvStorage;
  readonly #sql: SqlStorage;

  constructor({ kv, sql }: DurableObjectStorage) {
    this.#kv = kv;
    this.#sql = sql;
  }

  load(): Stored {
    const rules = this.#kv.get<Rules>(KEY);
    if (!rules) {
      const none = { version: 0, list: [], since: 0, party: "", dropped: {} };
      return { rules: none, on: new Map(), notices: new Map(), tried: new Map() };
    }
    const on = new Map<string, Map<string, number>>();
    const rows = this.#sql.exec<{ rule: string; device: string; since: number }>(
      "SELECT rule, device, since FROM alerts_on",
    );
    for (const { rule, device, since } of rows) {
      const devices = on.get(rule) ?? new Map<string, number>();
      on.set(rule, devices.set(device, since));
    }
    const found = [...this.#sql.exec<{ notice: string }>("SELECT notice FROM notices")];
    const notices = found.map(({ notice }) => JSON.parse(notice) as Notice);
    notices.sort((a, b) => a.at - b.at);
    const tried = this.#kv.get<Tried>(TRIED_KEY) ?? new Map();
    return { rules, on, notices: new Map(notices.map((notice) => [notice.uid, notice])), tried };
  }

  /** Remove everything. */
  clear(): void {
    if (!this.#kv.delete(KEY)) return;
    this.#sql.exec("DELETE FROM alerts_on");
    this.#sql.exec("DELETE FROM notices");
    this.#kv.delete(TRIED_KEY);
  }

  /** Write what differs. */
  write(before: Stored, after: Stored): void {
    if (after.rules !== before.rules) {
      if (before.rules.version === 0) this.#sql.exec(SCHEMA);
      this.#kv.put(KEY, after.rules);
    }
    if (after.tried !== before.tried) this.#kv.put(TRIED_KEY, after.tried);
    if (after.on !== before.on) this.#writeOn(before.on, after.on);
    if (after.notices !== before.notices) this.#writeNotices(before.notices, after.notices);
  }

  #writeOn(before: On, after: On): void {
    for (const rule of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(rule), after.get(rule)];
      if (old === now) continue;
      for (const device of old?.keys() ?? []) {
        if (now?.has(device)) continue;
        this.#sql.exec("DELETE FROM alerts_on WHERE rule = ? AND device = ?", rule, device);
      }
      for (const [device, since] of now ?? []) {
        if (old?.get(device) === since) continue;
        this.#sql.exec(
          "INSERT OR REPLACE INTO alerts_on (rule, device, since) VALUES (?, ?, ?)",
          rule,
          device,
          since,
        );
      }
    }
  }

  #writeNotices(before: Notices, after: Notices): void {
    for (const uid of before.keys()) {
      if (!after.has(uid)) this.#sql.exec("DELETE FROM notices WHERE uid = ?", uid);
    }
    for (const [uid, notice] of after) {
      if (before.get(uid) === notice) continue;
      this.#sql.exec(
        "INSERT OR REPLACE INTO notices (uid, notice) VALUES (?, ?)",
        uid,
        JSON.stringify(notice),
      );
    }
  }
}
