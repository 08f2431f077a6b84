// What a room knows about one device, and how a reading changes it.

import type { News } from "./alertRules.ts";
import type { ValueAt } from "./changes.ts";
import type { Fields } from "./checks.ts";
import type { Reading, Scalar, Values } from "./readings.ts";
import type { Point } from "./tiers.ts";

// Value names of one device. The one that was not sent for the longest time is dropped first.
const MAX_SERIES = 64;
const MAX_UNDATED = 20;
const MAX_EPOCHS = 8;

export interface Last {
  value: Scalar;
  // When it was measured, but never ahead of our clock. If it is undated, when it came.
  at: number;
  // The time of the last bool or text in the history. Until then the last change is true.
  known?: number | undefined;
}

/** A device that the room knows. */
export interface Device {
  name: string;
  // When it last joined, left, sent a hello or sent a reading, in ms since 1970.
  at: number;
  // Whether it had a connection when it was stored.
  online: boolean;
  // Its last hello.
  about: Fields;
  // By value name. The one that was not sent for the longest time is the first.
  last: Map<string, Last>;
  // The oldest first.
  undated: [came: number, values: Values][];
  // The highest number of each epoch. The epoch that was used last is the last.
  epochs: Map<string, number>;
}

/** A device as it will be when it is stored, and the points that are stored with it. */
export class Change {
  readonly device: Device;
  // By value name.
  readonly points = new Map<string, Point[]>();
  // Bools and texts by value name, and until when the last change is known to be true.
  readonly values = new Map<string, { known: number; added: ValueAt[] }>();
  // The values that were the last ones of their names when they came, for alerts.
  readonly news: News[] = [];
  // Value names that are forgotten.
  readonly dropped: string[] = [];

  /** Begin with a copy. If the change can't be stored, the device must stay as it was. */
  constructor(device: Device, now: number) {
    const { last, undated, epochs } = device;
    this.device = {
      ...device,
      at: now,
      last: new Map(last),
      undated: [...undated],
      epochs: new Map(epochs),
    };
  }

  /** Replace the hello. */
  tell(about: Fields): void {
    this.device.about = about;
  }

  /**
   * Make each value the last one of its name, unless a later one is known. A live one without a time
   * was measured now.
   */
  show({ values, at }: Reading, isLive = false): void {
    const { last, at: now } = this.device;
    // If a clock was ahead for a moment (the board's or ours), newer values must replace `last`.
    const measured = Math.min(at ?? now, now);
    for (const [key, value] of Object.entries(values)) {
      const old = last.get(key);
      if (old && Math.min(old.at, now) > measured) continue;
      // Move it to the end of the map: it is the name that was sent last.
      last.delete(key);
      last.set(key, { ...old, value, at: measured });
      this.news.push({ name: key, value, at: at === null && !isLive ? null : measured });
    }
  }

  /** Add the reading to the history, or to the undated ones. */
  keep({ values, at }: Reading): void {
    if (at === null) {
      this.device.undated.push([this.device.at, values]);
      return;
    }
    for (const [key, value] of Object.entries(values)) {
      if (typeof value !== "number") this.#keepValue(key, [at, value]);
      else this.#keepNumber(key, [at, value]);
    }
  }

  #keepNumber(key: string, added: Point): void {
    const before = this.points.get(key);
    if (before) before.push(added);
    else this.points.set(key, [added]);
  }

  #keepValue(key: string, added: ValueAt): void {
    const last = this.device.last.get(key);
    const known = last?.known ?? -Infinity;
    const before = this.values.get(key);
    if (before) before.added.push(added);
    else this.values.set(key, { known, added: [added] });
    if (last) this.device.last.set(key, { ...last, known: Math.max(known, added[0]) });
  }

  /** Note the highest number of an epoch. */
  count(epoch: string, n: number): void {
    this.device.epochs.delete(epoch);
    this.device.epochs.set(epoch, n);
  }

  /** Drop what is beyond the limits. */
  trim(): void {
    const { last, undated, epochs } = this.device;
    undated.splice(0, Math.max(0, undated.length - MAX_UNDATED));
    for (const epoch of [...epochs.keys()].slice(0, -MAX_EPOCHS)) epochs.delete(epoch);
    for (const key of [...last.keys()].slice(0, -MAX_SERIES)) {
      last.delete(key);
      this.points.delete(key);
      this.values.delete(key);
      this.dropped.push(key);
    }
  }
}
