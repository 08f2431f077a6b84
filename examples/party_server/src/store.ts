// What a room keeps: SQLite in its Durable Object.
//
// Statements between two awaits are written together or not at all, and no message leaves the
// object before they are: who has seen a reading may rely on it.

import type { Fields } from "./checks.ts";
import type { Scalar } from "./messages.ts";

/** A device the room knows. */
export interface Device {
  name: string;
  at: number; // ms since 1970: last joined, left, said hello or sent a reading
  about: Fields; // its last hello
  last: Map<string, Scalar>; // by value name, the one longest without news first
}

export type Point = [at: number, value: number];

// A series is one row: Cloudflare bills rows, not bytes. Its points are pairs of doubles.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS devices (
    name TEXT PRIMARY KEY, at INTEGER NOT NULL,
    about TEXT NOT NULL,  -- JSON
    last TEXT NOT NULL);  -- JSON: [[name, value], ...], in the order of the map
  CREATE TABLE IF NOT EXISTS series (
    device TEXT NOT NULL, name TEXT NOT NULL, points BLOB NOT NULL, PRIMARY KEY (device, name));
`;

export class Store {
  readonly #sql: SqlStorage;
  readonly #keepPoints: number;

  constructor(sql: SqlStorage, keepPoints: number) {
    this.#sql = sql;
    this.#keepPoints = keepPoints;
    sql.exec(SCHEMA);
  }

  load(): Device[] {
    const rows = this.#sql.exec<{ name: string; at: number; about: string; last: string }>(
      "SELECT name, at, about, last FROM devices",
    );
    return [...rows].map(({ name, at, about, last }) => {
      return { name, at, about: JSON.parse(about), last: new Map(JSON.parse(last)) };
    });
  }

  save(device: Device): void {
    this.#sql.exec(
      "INSERT INTO devices (name, at, about, last) VALUES (?, ?, ?, ?) ON CONFLICT (name)" +
        " DO UPDATE SET at = excluded.at, about = excluded.about, last = excluded.last",
      device.name,
      device.at,
      JSON.stringify(device.about),
      JSON.stringify([...device.last]),
    );
  }

  /** Remove a device with all its values. */
  forget(device: string): void {
    this.#sql.exec("DELETE FROM devices WHERE name = ?", device);
    this.#sql.exec("DELETE FROM series WHERE device = ?", device);
  }

  add(device: string, name: string, point: Point): void {
    if (this.#keepPoints === 0) return;
    const kept = this.#read(device, name);
    const points = new Float64Array(2 * Math.min(kept.length / 2 + 1, this.#keepPoints));
    points.set(kept.subarray(Math.max(0, kept.length + 2 - points.length)));
    points.set(point, points.length - 2);
    this.#sql.exec(
      "INSERT INTO series (device, name, points) VALUES (?, ?, ?) ON CONFLICT (device, name)" +
        " DO UPDATE SET points = excluded.points",
      device,
      name,
      points.buffer,
    );
  }

  drop(device: string, name: string): void {
    this.#sql.exec("DELETE FROM series WHERE device = ? AND name = ?", device, name);
  }

  /** Return the newest `most` points of each series of a device, the oldest first. */
  history(device: string, most: number): Map<string, Point[]> {
    const rows = this.#sql.exec<{ name: string; points: ArrayBuffer }>(
      "SELECT name, points FROM series WHERE device = ?",
      device,
    );
    const newest = 2 * Math.min(most, this.#keepPoints);
    return new Map(
      [...rows].map(({ name, points }) => {
        const all = new Float64Array(points);
        return [name, pairs(all.subarray(Math.max(0, all.length - newest)))];
      }),
    );
  }

  #read(device: string, name: string): Float64Array {
    const rows = this.#sql.exec<{ points: ArrayBuffer }>(
      "SELECT points FROM series WHERE device = ? AND name = ?",
      device,
      name,
    );
    for (const { points } of rows) return new Float64Array(points);
    return new Float64Array();
  }
}

function pairs(flat: Float64Array): Point[] {
  const points: Point[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2)
    points.push([flat[i] as number, flat[i + 1] as number]);
  return points;
}
