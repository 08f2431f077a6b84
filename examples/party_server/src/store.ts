// What a room stores: SQLite in its Durable Object.
//
// Statements between two awaits are written together or not at all, and no message leaves the
// object before they are written. So members can rely on a reading that they have seen.

import type { Change, Device } from "./device.ts";
import type { Scalar } from "./readings.ts";
import { insert, type Point, unpack } from "./series.ts";

// A series is one row, because Cloudflare bills rows, not bytes.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS devices (
    name TEXT PRIMARY KEY, at INTEGER NOT NULL,
    about TEXT NOT NULL,  -- JSON
    last TEXT NOT NULL);  -- JSON: [[name, value, at], ...], in the order of the map
  CREATE TABLE IF NOT EXISTS series (
    device TEXT NOT NULL, name TEXT NOT NULL, points BLOB NOT NULL, PRIMARY KEY (device, name));
`;
// Columns that were added later: JSON lists, in order. They are in the device's own row, so a
// numbered reading costs no extra row. An older room gets them when it wakes.
const LATER = ["undated", "epochs"];

/** Something could not be stored. The text is for the sender. */
export class NotStored extends Error {
  constructor(cause: unknown) {
    super("the room's storage does not take readings now: try again later");
    // The platform's own error is for the owner of the server.
    console.error(cause);
  }
}

type Row = Record<"name" | "about" | "last" | "undated" | "epochs", string> & { at: number };

export class Store {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  readonly #keepPoints: number;

  constructor(storage: DurableObjectStorage, keepPoints: number) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#keepPoints = keepPoints;
    this.#sql.exec(SCHEMA);
    const columns = this.#sql.exec<{ name: string }>(
      "SELECT name FROM pragma_table_info('devices')",
    );
    const known = [...columns].map(({ name }) => name);
    for (const name of LATER.filter((name) => !known.includes(name))) {
      this.#sql.exec(`ALTER TABLE devices ADD COLUMN ${name} TEXT NOT NULL DEFAULT '[]'`);
    }
  }

  load(): Device[] {
    const rows = this.#sql.exec<Row>("SELECT name, at, about, last, undated, epochs FROM devices");
    return [...rows].map(deviceOf);
  }

  save(device: Device): void {
    this.#sql.exec(
      "INSERT INTO devices (name, at, about, last, undated, epochs) VALUES (?, ?, ?, ?, ?, ?)" +
        " ON CONFLICT (name) DO UPDATE SET at = excluded.at, about = excluded.about," +
        " last = excluded.last, undated = excluded.undated, epochs = excluded.epochs",
      device.name,
      device.at,
      JSON.stringify(device.about),
      JSON.stringify([...device.last].map(([name, { value, at }]) => [name, value, at])),
      JSON.stringify(device.undated),
      JSON.stringify([...device.epochs]),
    );
  }

  /** Write a change completely. If that fails, write nothing of it and throw NotStored. */
  apply({ device, points, dropped }: Change): void {
    try {
      this.#storage.transactionSync(() => {
        for (const [name, added] of points) this.#add(device.name, name, added);
        for (const name of dropped) this.#drop(device.name, name);
        this.save(device);
      });
    } catch (error) {
      throw new NotStored(error);
    }
  }

  /** Wait until all writes so far are on disk. Throws NotStored if that fails. */
  async sync(): Promise<void> {
    try {
      await this.#storage.sync();
    } catch (error) {
      throw new NotStored(error);
    }
  }

  /** Remove a device with all its values. */
  forget(device: string): void {
    this.#sql.exec("DELETE FROM devices WHERE name = ?", device);
    this.#sql.exec("DELETE FROM series WHERE device = ?", device);
  }

  /** Return the newest `most` points of each series of a device, the oldest first. */
  history(device: string, most: number): Map<string, Point[]> {
    const rows = this.#sql.exec<{ name: string; points: ArrayBuffer }>(
      "SELECT name, points FROM series WHERE device = ?",
      device,
    );
    const newest = Math.min(most, this.#keepPoints);
    return new Map(
      [...rows].map(({ name, points }) => [name, unpack(new Float64Array(points), newest)]),
    );
  }

  #add(device: string, name: string, points: readonly Point[]): void {
    if (this.#keepPoints === 0) return;
    this.#sql.exec(
      "INSERT INTO series (device, name, points) VALUES (?, ?, ?) ON CONFLICT (device, name)" +
        " DO UPDATE SET points = excluded.points",
      device,
      name,
      insert(this.#read(device, name), points, this.#keepPoints).buffer,
    );
  }

  #drop(device: string, name: string): void {
    this.#sql.exec("DELETE FROM series WHERE device = ? AND name = ?", device, name);
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

function deviceOf({ name, at, about, last, undated, epochs }: Row): Device {
  return {
    name,
    at,
    about: JSON.parse(about),
    // A value that an older version wrote has no time. The device's own time is not earlier.
    last: new Map(
      (JSON.parse(last) as [string, Scalar, number?][]).map(([key, value, measured = at]) => {
        return [key, { value, at: measured }];
      }),
    ),
    undated: JSON.parse(undated),
    epochs: new Map(JSON.parse(epochs)),
  };
}
