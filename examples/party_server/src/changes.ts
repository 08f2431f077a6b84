// The history of bools and texts: only the changes of each series, one row for each.

import type { Series } from "./chunks.ts";
import type { Range } from "./range.ts";
import type { Scalar } from "./readings.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS changes (
    device TEXT NOT NULL, name TEXT NOT NULL,
    at INTEGER NOT NULL,
    n INTEGER NOT NULL,  -- the place among those of the same time
    value TEXT NOT NULL,  -- JSON
    PRIMARY KEY (device, name, at, n)) WITHOUT ROWID;
`;
const MOST_CHANGES = 1000;
// To count the changes costs as many rows read, so it is done for one in so many changes.
const COUNT_EVERY = 64;
const SELECT = "SELECT at, n, value FROM changes WHERE device = ? AND name = ?";
const NEWEST_FIRST = "ORDER BY at DESC, n DESC";

export type ValueAt = [at: number, value: Scalar];

type Row = { at: number; n: number; value: string };

export class Changes {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
  }

  /**
   * Note a value. Return whether it was a change.
   *
   * `known` is the time of the last value before this message. Until then the last change is true.
   */
  add(series: Series, [at, value]: ValueAt, known: number): boolean {
    const text = JSON.stringify(value);
    const before = this.#first(`${SELECT} AND at <= ? ${NEWEST_FIRST} LIMIT 1`, ...series, at);
    if (before?.value === text) return false;
    const next = this.#first(`${SELECT} AND at > ? ORDER BY at, n LIMIT 1`, ...series, at);
    this.#insert(series, { at, n: before?.at === at ? before.n + 1 : 0, value: text });
    // After a late value, the next one may be none any more, or the old value comes back.
    if (next?.value === text) this.#remove(series, next);
    if (!next && before && known > at) this.#insert(series, { ...before, at: known, n: 0 });
    return true;
  }

  /** Add changes as another server had them. */
  adopt(series: Series, changes: readonly (readonly [number, number, Scalar])[]): void {
    for (const [at, n, value] of changes) {
      this.#insert(series, { at, n, value: JSON.stringify(value) });
    }
  }

  /** Return all changes, the oldest first, each with its place among those of the same time. */
  all(series: Series): [number, number, Scalar][] {
    const rows = this.#sql.exec<Row>(`${SELECT} ORDER BY at, n`, ...series);
    return [...rows].map(({ at, n, value }) => [at, n, JSON.parse(value)]);
  }

  /** Return the newest changes in the range, the oldest first. */
  read(series: Series, { since, until }: Range, most = MOST_CHANGES): ValueAt[] {
    const rows = this.#sql.exec<Row>(
      `${SELECT} AND at >= ? AND at < ? ${NEWEST_FIRST} LIMIT ?`,
      ...series,
      since,
      until,
      Math.min(most, MOST_CHANGES),
    );
    return [...rows].map(valueOf).reverse();
  }

  /** Return the change that was in force before `at`, if it is not older than `oldest`. */
  before(series: Series, at: number, oldest: number): ValueAt | null {
    const query = `${SELECT} AND at < ? AND at >= ? ${NEWEST_FIRST} LIMIT 1`;
    const row = this.#first(query, ...series, at, oldest);
    return row ? valueOf(row) : null;
  }

  /** Remove what is older, and now and then what is too much. So many were added. */
  trim(series: Series, oldest: number, added: number): void {
    const remove = "DELETE FROM changes WHERE device = ? AND name = ?";
    this.#sql.exec(`${remove} AND at < ?`, ...series, oldest);
    if (Math.random() * COUNT_EVERY >= added) return;
    const last = this.#first(`${SELECT} ${NEWEST_FIRST} LIMIT 1 OFFSET ?`, ...series, MOST_CHANGES);
    if (last) this.#sql.exec(`${remove} AND (at, n) <= (?, ?)`, ...series, last.at, last.n);
  }

  /** Remove so many of the oldest changes. */
  shrink(series: Series, count: number): void {
    const rows = this.#sql.exec<Row>(`${SELECT} ORDER BY at, n LIMIT ?`, ...series, count);
    for (const row of [...rows]) this.#remove(series, row);
  }

  drop(series: Series): void {
    this.#sql.exec("DELETE FROM changes WHERE device = ? AND name = ?", ...series);
  }

  forget(device: string): void {
    this.#sql.exec("DELETE FROM changes WHERE device = ?", device);
  }

  #insert(series: Series, { at, n, value }: Row): void {
    const insert = "INSERT INTO changes (device, name, at, n, value) VALUES (?, ?, ?, ?, ?)";
    this.#sql.exec(insert, ...series, at, n, value);
  }

  #remove(series: Series, { at, n }: Row): void {
    const remove = "DELETE FROM changes WHERE device = ? AND name = ? AND at = ? AND n = ?";
    this.#sql.exec(remove, ...series, at, n);
  }

  #first(query: string, ...values: (string | number)[]): Row | undefined {
    return this.#sql.exec<Row>(query, ...values).next().value;
  }
}

function valueOf({ at, value }: Row): ValueAt {
  return [at, JSON.parse(value)];
}
