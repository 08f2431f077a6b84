// What a room knows of one device, and how a reading changes it.

import type { Fields } from "./checks.ts";
import type { Reading, Scalar, Values } from "./readings.ts";
import type { Point } from "./series.ts";

const MAX_SERIES = 64; // value names kept of one device; the one longest without news goes first
const MAX_UNDATED = 20;
const MAX_EPOCHS = 8;

export interface Last {
  value: Scalar;
  at: number; // when it was measured, but never ahead of us; when it came, if it is undated
}

/** A device the room knows. */
export interface Device {
  name: string;
  at: number; // ms since 1970: last joined, left, said hello or sent a reading
  about: Fields; // its last hello
  last: Map<string, Last>; // by value name, the one longest without news first
  undated: [came: number, values: Values][]; // the oldest first
  epochs: Map<string, number>; // the highest number known of each, the one last used behind
}

/** A device as it will be once it is stored, and the points that are stored with it. */
export class Change {
  readonly device: Device;
  readonly points = new Map<string, Point[]>(); // by value name
  readonly dropped: string[] = []; // value names that are forgotten

  /** Begin with a copy: if the change cannot be stored, the device has to be what it was. */
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

  /** Take a hello in place of the one before. */
  tell(about: Fields): void {
    this.device.about = about;
  }

  /** Note the values as the last ones, each unless a later one is known. */
  show({ values, at }: Reading): void {
    const { last, at: now } = this.device;
    // A clock that was ahead for a moment, the board's or ours, must not keep `last` as it is.
    const measured = Math.min(at ?? now, now);
    for (const [key, value] of Object.entries(values)) {
      const old = last.get(key);
      if (old && Math.min(old.at, now) > measured) continue;
      last.delete(key); // and to the end of the map: it has the latest news
      last.set(key, { value, at: measured });
    }
  }

  /** Put a reading where it belongs: its numbers into the history, or it among the undated. */
  keep({ values, at }: Reading): void {
    if (at === null) {
      this.device.undated.push([this.device.at, values]);
      return;
    }
    for (const [key, value] of Object.entries(values)) {
      if (typeof value !== "number") continue;
      const points = this.points.get(key);
      if (points) points.push([at, value]);
      else this.points.set(key, [[at, value]]);
    }
  }

  /** Note how far the device has come with the numbers of an epoch. */
  count(epoch: string, n: number): void {
    this.device.epochs.delete(epoch);
    this.device.epochs.set(epoch, n);
  }

  /** Let go of what is too much. */
  trim(): void {
    const { last, undated, epochs } = this.device;
    undated.splice(0, Math.max(0, undated.length - MAX_UNDATED));
    for (const epoch of [...epochs.keys()].slice(0, -MAX_EPOCHS)) epochs.delete(epoch);
    for (const key of [...last.keys()].slice(0, -MAX_SERIES)) {
      last.delete(key);
      this.points.delete(key);
      this.dropped.push(key);
    }
  }
}
