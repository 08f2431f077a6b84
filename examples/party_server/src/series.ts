// The newest part of each series of numbers: one row with the points that are in no chunk yet, in
// the order of their times.
//
// Each reading writes only this row. So late readings are in it too, until they are moved to their
// chunks. It always has the newest points of the series.

import type { Series } from "./chunks.ts";
import type { Point } from "./tiers.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS series (
    device TEXT NOT NULL, name TEXT NOT NULL,
    points BLOB NOT NULL,  -- pairs of doubles
    PRIMARY KEY (device, name));
`;
/** As many are kept when the others are moved to chunks: a snapshot needs no more. */
export const LEAST_POINTS = 300;
/**
 * So many are moved together, which costs a row for each tier. So it must be many, but until then
 * each reading writes them all.
 */
export const MOVED_POINTS = 500;
// Of a point.
const BYTES = 16;

interface Newest {
  // Of each series.
  most: number;
  points: ReadonlyMap<string, readonly Point[]>;
}

export class Heads {
  readonly #sql: SqlStorage;
  // What was read for the last snapshot, by device, until the device has new points. To read all
  // heads of a large room takes a quarter of a second, and dashboards come together.
  readonly #known = new Map<string, Newest>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
  }

  /** Return all points of a series that are in no chunk. */
  read(series: Series): Point[] {
    return unpack(this.#packed(series));
  }

  /** Return the newest `most` points of each series of a device, by name. */
  newest(device: string, most: number): Newest["points"] {
    const known = this.#known.get(device);
    if (known?.most === most) return known.points;
    const rows = this.#sql.exec<{ name: string; newest: ArrayBuffer }>(
      "SELECT name, substr(points, ?) AS newest FROM series WHERE device = ?",
      -BYTES * most,
      device,
    );
    const unpacked = [...rows].map(
      ({ name, newest }) => [name, unpack(new Float64Array(newest))] as const,
    );
    const points = new Map(unpacked);
    this.#known.set(device, { most, points });
    return points;
  }

  /** Add points. If there are too many, return the oldest ones, which are no longer here. */
  add(series: Series, points: readonly Point[]): Point[] {
    this.#known.delete(series[0]);
    const all = insert(this.#packed(series), points);
    const spare = Math.max(0, all.length / 2 - LEAST_POINTS);
    const cut = 2 * (spare - (spare % MOVED_POINTS));
    this.#sql.exec(
      "INSERT INTO series (device, name, points) VALUES (?, ?, ?) ON CONFLICT (device, name)" +
        " DO UPDATE SET points = excluded.points",
      ...series,
      all.slice(cut).buffer,
    );
    return unpack(all.subarray(0, cut));
  }

  drop(series: Series): void {
    this.#known.delete(series[0]);
    this.#sql.exec("DELETE FROM series WHERE device = ? AND name = ?", ...series);
  }

  forget(device: string): void {
    this.#known.delete(device);
    this.#sql.exec("DELETE FROM series WHERE device = ?", device);
  }

  #packed(series: Series): Float64Array<ArrayBuffer> {
    const rows = this.#sql.exec<{ points: ArrayBuffer }>(
      "SELECT points FROM series WHERE device = ? AND name = ?",
      ...series,
    );
    for (const { points } of rows) return new Float64Array(points);
    return new Float64Array();
  }
}

function insert(kept: Float64Array, points: readonly Point[]): Float64Array<ArrayBuffer> {
  const all = new Float64Array(kept.length + 2 * points.length);
  all.set(kept);
  let end = kept.length;
  for (const point of points) {
    let place = end;
    // Search from the end, because most points are the newest. Of two points with the same time,
    // the one that came later is behind.
    while (place > 0 && (all[place - 2] as number) > point[0]) place -= 2;
    all.copyWithin(place + 2, place, end);
    all.set(point, place);
    end += 2;
  }
  return all;
}

function unpack(packed: Float64Array): Point[] {
  const points: Point[] = [];
  for (let i = 0; i < packed.length; i += 2)
    points.push([packed[i] as number, packed[i + 1] as number]);
  return points;
}
