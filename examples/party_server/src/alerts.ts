// The alerts of a room: what is on, what waits to be sent, and when the room's alarm rings for them.

import { checkTargets, type Rule } from "./alertChecks.ts";
import {
  applied,
  came,
  carried,
  EVERY_DEVICE,
  GATHER_MS,
  heard,
  type Known,
  leastMs,
  type Look,
  looked,
  type News,
  type On,
  type Turn,
  without,
} from "./alertRules.ts";
import { AlertStore, type Stored } from "./alertStore.ts";
import type { Fields } from "./checks.ts";
import { Courier } from "./courier.ts";
import type { Device } from "./device.ts";
import type { Devices } from "./devices.ts";
import type { Member } from "./members.ts";
import { withTurns } from "./notices.ts";
import { writeAll } from "./store.ts";
import type { Targets } from "./targets.ts";
import type { Telling } from "./telling.ts";

// A look that comes so late was not held up by the platform.
const LATE_MS = 60_000;

/** How the alerts change: before and after. */
export type AlertChange = readonly [Stored, Stored];

export interface Surroundings {
  room: () => string;
  devices: () => Devices;
  isOnline: (device: string) => boolean;
  telling: Telling;
  warn: (text: string) => void;
}

export class Alerts {
  readonly #storage: DurableObjectStorage;
  readonly #store: AlertStore;
  readonly #targets: Targets;
  readonly #around: Surroundings;
  #stored: Stored;
  // The rules of each device.
  #byDevice = new Map<string, Rule[]>();
  #silentMs: number | null = null;
  #offlineMs: number | null = null;
  // When to look at the time, in ms since 1970.
  #lookAt: number | null = null;
  // When the alarm rings. Infinity: it is not set.
  #ringsAt = Infinity;
  readonly #courier: Courier;

  constructor(storage: DurableObjectStorage, targets: Targets, around: Surroundings) {
    this.#storage = storage;
    this.#store = new AlertStore(storage);
    this.#targets = targets;
    this.#around = around;
    this.#stored = this.#store.load();
    this.#index();
    this.#courier = new Courier(targets, () => this.#stored, {
      save: (after, isNews) => {
        this.#save(after);
        if (isNews) around.telling.dashboards(this.#message());
      },
      room: around.room,
      warn: around.warn,
    });
  }

  /** To be called when the room wakes. Devices whose end it has not seen have their time again. */
  async wake(now: number): Promise<void> {
    if (this.#stored.rules.version === 0) return;
    if (this.#hasTimes) {
      const { isOnline, devices } = this.#around;
      const vanished = [...devices()].filter(({ name, online }) => online && !isOnline(name));
      if (vanished.length > 0) this.#restarted(vanished, now);
      this.#lookAt = this.#look(now).at;
    }
    this.#ringsAt = (await this.#storage.getAlarm()) ?? Infinity;
    this.#set(now);
  }

  /** Return the fields of a message `alerts`. */
  shown(): object {
    const { rules, on } = this.#stored;
    const targets = this.#courier.shown();
    return { version: rules.version, rules: rules.list, state: stateOf(on), targets };
  }

  /** Replace the rules, or tell the sender the newest. Throws MessageError, NotStored. */
  take(sender: Member, version: number, list: readonly Rule[], now: number): void {
    const { rules, on } = this.#stored;
    const { telling } = this.#around;
    if (version !== rules.version) return telling.stale(sender, this.#message());
    const [, , party = ""] = new URL(sender.connection.uri ?? "").pathname.split("/");
    checkTargets([...list], (name) => this.#targets.has(name));
    this.#save({
      ...this.#stored,
      rules: { version: version + 1, list, since: now, party, dropped: {} },
      on: carried(on, rules.list, list),
    });
    this.#lookAt = this.#hasTimes ? this.#look(now).at : null;
    this.#set(now);
    telling.dashboards(this.#message(), sender);
  }

  /** 0: no rules were ever set. */
  get version(): number {
    return this.#stored.rules.version;
  }

  /** Return all that another server needs to go on with them: see moveRows.ts. */
  row(): Fields {
    const { rules, on, notices } = this.#stored;
    const { version, list, dropped } = rules;
    const row = { version, rules: list, on: stateOf(on), dropped, notices: [...notices.values()] };
    return row as unknown as Fields;
  }

  /** Take alerts as another server had them. wake() must follow. */
  adopt(stored: Stored): void {
    // Of a piece that was not stored, there is something in memory and nothing on disk.
    this.#stored = this.#store.load();
    this.#save(stored);
  }

  /** Remove the alerts. */
  clear(): void {
    this.#store.clear();
    this.#stored = this.#store.load();
    this.#index();
  }

  /** Return how values of a device change the alerts. Then write() and accept() it. */
  read(device: Device, news: readonly News[], now: number): AlertChange | null {
    const rules = this.#rulesOf(device.name);
    if (rules.length === 0) return null;
    this.#lookWithin(this.#silentMs, now);
    if (!this.#around.isOnline(device.name)) this.#lookWithin(this.#offlineMs, now);
    return this.#change(heard(rules, this.#stored.on, device.name, news, now), now);
  }

  /** The same for a device that joined, or left. */
  moved(device: string, now: number): AlertChange | null {
    const rules = this.#rulesOf(device);
    if (rules.length === 0) return null;
    if (!this.#around.isOnline(device)) {
      this.#lookWithin(this.#offlineMs, now);
      return null;
    }
    return this.#change(came(rules, this.#stored.on, device, now), now);
  }

  /** The same for a device that is forgotten. */
  forgotten(device: string): AlertChange | null {
    const on = without(this.#stored.on, this.#stored.rules.list, device);
    return on === this.#stored.on ? null : [this.#stored, { ...this.#stored, on }];
  }

  write([before, after]: AlertChange): void {
    this.#store.write(before, after);
  }

  /** Note that a change is written, and set the alarm. */
  accept(change: AlertChange | null, now: number): void {
    if (change) {
      const [before, after] = change;
      this.#stored = after;
      if (after.on !== before.on) this.#tellTurns(before.on, after.on, now);
    }
    this.#set(now);
  }

  /** To be called when the alarm rings. */
  async ring(now: number): Promise<void> {
    this.#ringsAt = Infinity;
    if (this.#stored.rules.version === 0) return;
    if (this.#lookAt !== null && this.#lookAt <= now) {
      // The server was away. Devices have their time again.
      if (now - this.#lookAt > LATE_MS) this.#countFrom(now);
      const { turns, next } = this.#look(now);
      this.#lookAt = next;
      const change = this.#change(turns, now);
      if (change) this.write(change);
      this.accept(change, now);
      // What is sent must be on disk.
      await this.#storage.sync();
    }
    await this.#courier.send();
    this.#set(Date.now());
  }

  #message(): object {
    return { type: "alerts", ...this.shown() };
  }

  get #hasTimes(): boolean {
    return this.#silentMs !== null || this.#offlineMs !== null;
  }

  #index(): void {
    const { list } = this.#stored.rules;
    this.#byDevice = Map.groupBy(list, ({ device }) => device);
    this.#silentMs = leastMs(list, "silent");
    this.#offlineMs = leastMs(list, "offline");
  }

  #rulesOf(device: string): readonly Rule[] {
    const { size } = this.#byDevice;
    if (size === 0) return [];
    return [
      ...(this.#byDevice.get(EVERY_DEVICE) ?? []),
      ...(this.#byDevice.get(device) ?? []),
    ];
  }

  /** The room was ended, and so were the connections of these devices. */
  #restarted(vanished: Device[], now: number): void {
    for (const device of vanished) this.#around.devices().vanish(device);
    this.#countFrom(now);
  }

  /** Let nothing of the time count from before now. */
  #countFrom(now: number): void {
    this.#save({ ...this.#stored, rules: { ...this.#stored.rules, since: now } });
  }

  #look(now: number): Look {
    const { rules, on } = this.#stored;
    const { devices, isOnline } = this.#around;
    const known = Array.from(devices(), ({ name, at, last }): Known => {
      const times = new Map([...last].map(([key, { at }]) => [key, at]));
      return { name, isOnline: isOnline(name), at, times };
    });
    return looked(rules.list, on, known, rules.since, now);
  }

  #lookWithin(ms: number | null, now: number): void {
    if (ms === null) return;
    this.#lookAt = Math.min(this.#lookAt ?? Infinity, now + ms + GATHER_MS);
  }

  #change(turns: Turn[], now: number): AlertChange | null {
    if (turns.length === 0) return null;
    const making = {
      about: (device: string) => this.#around.devices().get(device)?.about ?? {},
      isTarget: (name: string) => this.#targets.has(name),
      newId: () => crypto.randomUUID().replaceAll("-", "").slice(0, 16),
      isFlying: (uid: string) => this.#courier.isFlying(uid),
    };
    const on = applied(this.#stored.on, turns, now);
    const notices = withTurns(this.#stored.notices, turns, making, now);
    return [this.#stored, { ...this.#stored, on, notices }];
  }

  /** Set the alarm, if it has to ring earlier. It is written with all else of this turn. */
  #set(now: number): void {
    const at = Math.min(this.#lookAt ?? Infinity, this.#courier.nextAt(now));
    if (at >= this.#ringsAt) return;
    this.#ringsAt = at;
    void this.#storage.setAlarm(Math.max(at, now));
  }

  /** Throws NotStored. */
  #save(after: Stored): void {
    writeAll(this.#storage, () => this.#store.write(this.#stored, after));
    this.#stored = after;
    this.#index();
  }

  #tellTurns(before: On, after: On, now: number): void {
    const [began, ended] = [minus(after, before), minus(before, after)];
    if (began.length + ended.length === 0) return;
    this.#around.telling.dashboards({
      type: "alert",
      at: now,
      ...(began.length > 0 && { began }),
      ...(ended.length > 0 && { ended }),
    });
  }
}

function stateOf(on: On): Record<string, Record<string, number>> {
  return Object.fromEntries([...on].map(([rule, devices]) => [rule, Object.fromEntries(devices)]));
}

/** Return the pairs of a rule and a device that are on in the one but not in the other. */
function minus(these: On, those: On): [string, string][] {
  const pairs: [string, string][] = [];
  for (const [rule, devices] of these) {
    const others = those.get(rule);
    if (devices === others) continue;
    for (const device of devices.keys()) if (!others?.has(device)) pairs.push([rule, device]);
  }
  return pairs;
}
