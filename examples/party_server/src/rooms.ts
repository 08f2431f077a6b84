// Which rooms there are: a namespace of Durable Objects cannot be listed, so they write it down here.

import { DurableObject } from "cloudflare:workers";

import type { Env } from "./settings.ts";

const PAGE = 50; // places at once, and so as many rooms asked at once

/**
 * The one object that knows every room that somebody ever joined, as `PARTY/ROOM`.
 *
 * A room stays in it for ever. One that left when it is empty could be joined while it leaves, and
 * then be missing; that costs a row, and a request at each stop.
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

  /** Return the next places behind `after`, in their order; none behind the last. */
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
