// What a room stores: SQLite in its Durable Object.
//
// Statements between two awaits are written together or not at all, and no message leaves the
// object before they are written. So members can rely on a reading that they have seen.

import { Clock } from "./clock.ts";
import type { Change, Device } from "./device.ts";
import { History } from "./history.ts";
import type { Scalar } from "./readings.ts";
import type { Settings } from "./settings.ts";
import { type ByTier, NOTHING_IS_OLD } from "./tiers.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS devices (
    name TEXT PRIMARY KEY, at INTEGER NOT NULL,
    about TEXT NOT NULL,  -- JSON
    -- JSON: [[name, value, at, known], ...], in the order of the map
    last TEXT NOT NULL);
`;
// Columns that were added later: JSON lists, in order. They are in the device's own row, so a
// numbered reading costs no extra row. An older room gets them when it wakes.
const LATER = ["undated", "epochs"];
// Whether a device had a connection. It is in the device's row for the same reason.
const ONLINE = "online";

/** Something could not be stored. The text is for the sender. */
export class NotStored extends Error {
  constructor(cause: unknown) {
    super("the room's storage does not take readings now: try again later");
    // The platform's own error is for the owner of the server.
    console.error(cause);
  }
}

/** Let `write` write all that it writes. If that fails, write nothing and throw NotStored. */
export function writeAll(storage: DurableObjectStorage, write: () => void): void {
  try {
    storage.transactionSync(write);
  } catch (error) {
    throw error instanceof NotStored ? error : new NotStored(error);
  }
}

type Row = Record<"name" | "about" | "last" | "undated" | "epochs", string> & {
  at: number;
  online: number;
};

export class Store {
  readonly history: History;
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  readonly #clock: Clock;

  constructor(storage: DurableObjectStorage, settings: Settings, warn: (text: string) => void) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#sql.exec(SCHEMA);
    this.history = new History(storage.sql, settings.keep, settings.maxDbBytes);
    const columns = this.#sql.exec<{ name: string }>(
      "SELECT name FROM pragma_table_info('devices')",
    );
    const known = [...columns].map(({ name }) => name);
    for (const name of LATER.filter((name) => !known.includes(name))) {
      this.#sql.exec(`ALTER TABLE devices ADD COLUMN ${name} TEXT NOT NULL DEFAULT '[]'`);
    }
    if (!known.includes(ONLINE)) {
      this.#sql.exec(`ALTER TABLE devices ADD COLUMN ${ONLINE} INTEGER NOT NULL DEFAULT 0`);
    }
    // A time in the future is from a clock that was wrong.
    const heard = this.#sql.exec<{ at: number | null }>(
      "SELECT max(at) AS at FROM devices WHERE at <= ?",
      Date.now(),
    );
    this.#clock = new Clock(storage.kv, heard.one().at, warn);
  }

  load(): Device[] {
    const rows = this.#sql.exec<Row>(
      "SELECT name, at, about, last, undated, epochs, online FROM devices",
    );
    return [...rows].map(deviceOf);
  }

  save(device: Device): void {
    this.#clock.hear(device.at);
    this.adopt(device);
  }

  /** Save a device that another server has heard: its time says nothing of our clock. */
  adopt(device: Device): void {
    this.#sql.exec(
      "INSERT INTO devices (name, at, about, last, undated, epochs, online)" +
        " VALUES (?, ?, ?, ?, ?, ?, ?)" +
        " ON CONFLICT (name) DO UPDATE SET at = excluded.at, about = excluded.about," +
        " last = excluded.last, undated = excluded.undated, epochs = excluded.epochs," +
        " online = excluded.online",
      device.name,
      device.at,
      JSON.stringify(device.about),
      JSON.stringify(
        [...device.last].map(([name, { value, at, known }]) => {
          return known === undefined ? [name, value, at] : [name, value, at, known];
        }),
      ),
      JSON.stringify(device.undated),
      JSON.stringify([...device.epochs]),
      device.online ? 1 : 0,
    );
  }

  /**
   * Write a change completely, and with it what `more` writes. If that fails, write nothing of it and
   * throw NotStored.
   */
  apply({ device, points, values, dropped }: Change, more: () => void): void {
    writeAll(this.#storage, () => {
      this.save(device);
      const oldest = this.#oldest(device.at);
      for (const [name, added] of points) {
        this.history.addPoints([device.name, name], added, oldest);
      }
      for (const [name, { known, added }] of values) {
        this.history.addValues([device.name, name], added, known, oldest);
      }
      for (const name of dropped) this.history.drop([device.name, name]);
      more();
    });
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
    this.history.forget(device);
  }

  /** Return the times before which entries may be deleted. */
  #oldest(now: number): ByTier {
    // While the clock is not trusted, nothing is.
    return this.#clock.mayDelete(now) ? this.history.oldest(now) : NOTHING_IS_OLD;
  }
}

function deviceOf({ name, at, about, last, undated, epochs, online }: Row): Device {
  return {
    name,
    at,
    online: online === 1,
    about: JSON.parse(about),
    // A value that an older version wrote has no time. The device's own time is not earlier.
    last: new Map(
      (JSON.parse(last) as [string, Scalar, number?, number?][]).map(
        ([key, value, measured = at, known]) => [key, { value, at: measured, known }],
      ),
    ),
    undated: JSON.parse(undated),
    epochs: new Map(JSON.parse(epochs)),
  };
}
