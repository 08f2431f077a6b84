// The older part of the numbers: for each tier of a series, chunks of entries in the order of their
// times.
//
// A chunk has the entries from its `start` to the start of the next one. Each is one row, because
// Cloudflare bills rows, not bytes. The table has no rowid, because an index would be billed too.

import { merged } from "./bins.ts";
import { MOVED_POINTS } from "./series.ts";
import { type Entry, type Tier, TIERS } from "./tiers.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS chunks (
    device TEXT NOT NULL, name TEXT NOT NULL,
    tier INTEGER NOT NULL,  -- the index in TIERS
    start INTEGER NOT NULL,
    data BLOB NOT NULL,  -- doubles: the entries one after the other
    PRIMARY KEY (device, name, tier, start)) WITHOUT ROWID;
`;
// So that raw readings that come in order fill whole chunks.
const MOST_ENTRIES = 2 * MOVED_POINTS;
const OF_TIER = "device = ? AND name = ? AND tier = ?";

/** A device's name, and a value's. */
export type Series = readonly [device: string, name: string];

export interface Chunk {
  // The start of this chunk and of the next one: infinite if there is none.
  start: number;
  end: number;
  entries: Entry[];
}

export class Chunks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
  }

  /** Return the chunk that an entry of this time belongs to. It is empty if there are no chunks. */
  at(series: Series, tier: Tier, at: number): Chunk {
    const key = [...series, TIERS.indexOf(tier)];
    const select = `SELECT start, data FROM chunks WHERE ${OF_TIER}`;
    // Before the first chunk, it belongs to the first one.
    const found =
      this.#first(`${select} AND start <= ? ORDER BY start DESC LIMIT 1`, ...key, at) ??
      this.#first(`${select} ORDER BY start LIMIT 1`, ...key);
    if (!found) return { start: Infinity, end: Infinity, entries: [] };
    const next = this.#first(
      `SELECT start FROM chunks WHERE ${OF_TIER} AND start > ? ORDER BY start LIMIT 1`,
      ...key,
      found.start,
    );
    const entries = unpack(tier, new Float64Array(found.data));
    return { start: found.start, end: next?.start ?? Infinity, entries };
  }

  /** Add entries, which are in the order of their times. */
  put(series: Series, tier: Tier, entries: Entry[]): void {
    let [first] = entries;
    for (let rest = entries; first; [first] = rest) {
      const chunk = this.at(series, tier, first[0]);
      const count = rest.findIndex(([at]) => at >= chunk.end);
      const here = count < 0 ? rest : rest.slice(0, count);
      this.#extend(series, tier, chunk, here);
      rest = rest.slice(here.length);
    }
  }

  /** Remove the chunks of which all entries are older. */
  trim(series: Series, tier: Tier, oldest: number): void {
    const key = [...series, TIERS.indexOf(tier)];
    // All entries of a chunk are before the start of the next one.
    this.#sql.exec(
      `DELETE FROM chunks WHERE ${OF_TIER} AND start <` +
        ` (SELECT max(start) FROM chunks WHERE ${OF_TIER} AND start <= ?)`,
      ...key,
      ...key,
      oldest,
    );
  }

  /** Remove so many chunks: the oldest of the finest tier first. */
  shrink([device, name]: Series, count: number): void {
    this.#sql.exec(
      "DELETE FROM chunks WHERE device = ?1 AND name = ?2 AND (tier, start) IN" +
        " (SELECT tier, start FROM chunks WHERE device = ?1 AND name = ?2" +
        " ORDER BY tier, start LIMIT ?3)",
      device,
      name,
      count,
    );
  }

  drop(series: Series): void {
    this.#sql.exec("DELETE FROM chunks WHERE device = ? AND name = ?", ...series);
  }

  forget(device: string): void {
    this.#sql.exec("DELETE FROM chunks WHERE device = ?", device);
  }

  /** Add entries to a chunk. Only the rows that change are written. */
  #extend(series: Series, tier: Tier, { start, entries: old }: Chunk, more: Entry[]): void {
    const last = old.at(-1)?.[0] ?? -Infinity;
    const first = more[0]?.[0] ?? Infinity;
    const isAtEnd = first >= last;
    const pieces = cut(merged(tier, old, more), isAtEnd);
    const key = [...series, TIERS.indexOf(tier)] as const;
    const [begin] = pieces[0]?.[0] ?? [start];
    if (old.length > 0 && begin !== start)
      this.#sql.exec(`DELETE FROM chunks WHERE ${OF_TIER} AND start = ?`, ...key, start);
    for (const [index, piece] of pieces.entries()) {
      const isUnchanged = index === 0 && first > last && piece.length === old.length;
      if (!isUnchanged) this.#write(key, piece);
    }
  }

  #write(key: readonly (string | number)[], entries: Entry[]): void {
    this.#sql.exec(
      "INSERT INTO chunks (device, name, tier, start, data) VALUES (?, ?, ?, ?, ?)" +
        " ON CONFLICT (device, name, tier, start) DO UPDATE SET data = excluded.data",
      ...key,
      entries[0]?.[0] as number,
      new Float64Array(entries.flat()).buffer,
    );
  }

  #first(query: string, ...values: (string | number)[]): Row | undefined {
    return this.#sql.exec<Row>(query, ...values).next().value;
  }
}

type Row = { start: number; data: ArrayBuffer };

/**
 * Return the entries in pieces for chunks.
 *
 * At the end of a series, chunks are filled one after the other. Elsewhere a full one is cut into
 * even pieces, so that the next entries have space in each.
 */
function cut(entries: Entry[], isAtEnd: boolean): Entry[][] {
  const count = Math.ceil(entries.length / MOST_ENTRIES);
  const size = isAtEnd ? MOST_ENTRIES : Math.ceil(entries.length / count);
  const pieces: Entry[][] = [];
  for (let start = 0, end = 0; start < entries.length; start = end) {
    end = Math.min(entries.length, start + size);
    // No two chunks have the same start, so points of the same time stay together.
    const isWithin = () => end < entries.length && entries[end]?.[0] === entries[end - 1]?.[0];
    while (end > start + 1 && isWithin()) end--;
    // All that are left have the same time.
    while (isWithin()) end++;
    // Only thousands of raw readings of one ms are more. Then the oldest of them go.
    pieces.push(entries.slice(Math.max(start, end - 2 * MOST_ENTRIES), end));
  }
  return pieces;
}

function unpack(tier: Tier, packed: Float64Array): Entry[] {
  const entries: Entry[] = [];
  const width = tier === "raw" ? 2 : 5;
  // Written out, because this is most of the time of an answer: slices take five times as long.
  const value = (index: number) => packed[index] as number;
  for (let i = 0; i < packed.length; i += width) {
    if (width === 2) entries.push([value(i), value(i + 1)]);
    else entries.push([value(i), value(i + 1), value(i + 2), value(i + 3), value(i + 4)]);
  }
  return entries;
}
