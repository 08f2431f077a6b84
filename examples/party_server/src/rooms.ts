// The list of rooms. Durable Objects of a namespace can't be listed, so rooms add themselves here.

import { DurableObject } from "cloudflare:workers";

import type { Env } from "./settings.ts";

// The key in a room's storage for "the list has this room".
const IS_KNOWN = "isKnown";
// Places read at once, and so rooms asked at once.
const PAGE = 50;

/**
 * The only object of its class. It has every room that was ever joined, as `PARTY/ROOM`.
 *
 * A room stays in the list for ever, which costs a row, and a request at each stop. If empty rooms
 * were removed, a room could be joined while it is removed, and would then be missing.
 */
export class Rooms extends DurableObject<Env> {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec("CREATE TABLE IF NOT EXISTS rooms (place TEXT PRIMARY KEY) WITHOUT ROWID");
  }

  add(place: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO rooms (place) VALUES (?)", place);
  }

  /** Return the next places after `after`, in their order. Empty after the last one. */
  page(after: string): string[] {
    const rows = this.#sql.exec<{ place: string }>(
      "SELECT place FROM rooms WHERE place > ? ORDER BY place LIMIT ?",
      after,
      PAGE,
    );
    return [...rows].map(({ place }) => place);
  }
}

export function registry(env: Env): DurableObjectStub<Rooms> {
  return env.Rooms.getByName("all");
}

/** Add a room to the list, once in its life. `kv` is the room's own storage. */
export async function register(env: Env, kv: SyncKvStorage, place: string): Promise<void> {
  if (kv.get(IS_KNOWN)) return;
  try {
    await registry(env).add(place);
    kv.put(IS_KNOWN, true);
  } catch (error) {
    // The next join tries again.
    console.error(error);
  }
}
