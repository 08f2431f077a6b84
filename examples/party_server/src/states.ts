// The devices of a room as clients see them: in a snapshot, and in an answer to GET.

import { type Asked, isAsked } from "./asked.ts";
import type { ValueAt } from "./changes.ts";
import { MessageError } from "./checks.ts";
import type { Device } from "./device.ts";
import type { History } from "./history.ts";
import { LEAST_POINTS } from "./series.ts";
import type { Entry } from "./tiers.ts";

// Of all series together: about half a megabyte.
const SNAPSHOT_POINTS = 20000;
const FEWEST_POINTS = 2;
const SNAPSHOT_CHANGES = 20;
// In one answer to GET.
const MOST_SERIES = 8;

type ByName<T> = Record<string, T>;

export class States {
  readonly #history: History;
  readonly #isOnline: (name: string) => boolean;

  constructor(history: History, isOnline: (name: string) => boolean) {
    this.#history = history;
    this.#isOnline = isOnline;
  }

  /** Return the devices in the form of a snapshot. */
  snapshot(devices: Iterable<Device>, now: number): object[] {
    const all = [...devices];
    const series = all.reduce((sum, { last }) => sum + last.size, 0);
    const share = Math.floor(SNAPSHOT_POINTS / Math.max(1, series));
    const most = Math.min(LEAST_POINTS, share);
    if (most < FEWEST_POINTS) {
      // One point says no more than `last`.
      return all.map((device) => this.#known(device, [...device.last.keys()]));
    }
    return all.map((device) => ({
      ...this.#known(device, [...device.last.keys()]),
      history: Object.fromEntries(this.#history.newest(device.name, most, now)),
      ...this.#newestChanges(device, now),
      ...(device.undated.length > 0 && { undated: device.undated }),
    }));
  }

  /** Return the part of the devices that is asked for. Throws MessageError. */
  part(devices: Iterable<Device>, asked: Asked, now: number): object[] {
    const found: [device: Device, names: string[]][] = [];
    for (const device of devices) {
      if (!isAsked(asked.devices, device.name)) continue;
      const names = [...device.last.keys()].filter((name) => isAsked(asked.names, name));
      if (asked.names.length === 0 || names.length > 0) found.push([device, names]);
    }
    const count = found.reduce((sum, [, names]) => sum + names.length, 0);
    if (asked.hasHistory && count > MOST_SERIES) {
      throw new MessageError(
        `${count} series: ask for at most ${MOST_SERIES}, with device= and name=`,
      );
    }
    return found.map(([device, names]) => ({
      ...this.#known(device, names),
      ...(asked.hasHistory && this.#parts(device, names, asked, now)),
    }));
  }

  /** Return what is known of a device, with its last values of these names. */
  #known({ name, at, about, last }: Device, names: string[]): object {
    return {
      device: name,
      online: this.#isOnline(name),
      at,
      about,
      last: Object.fromEntries(names.map((name) => [name, last.get(name)?.value])),
    };
  }

  #newestChanges({ name: device, last }: Device, now: number): { changes?: ByName<ValueAt[]> } {
    const since = this.#history.oldest(now).hours;
    const range = { since, until: Infinity };
    const found: [string, ValueAt[]][] = [];
    for (const [name, { known }] of last) {
      // Without this time it has never been a bool or a text.
      if (known === undefined) continue;
      const changes = this.#history.changes.read([device, name], range, SNAPSHOT_CHANGES);
      if (changes.length > 0) found.push([name, changes]);
    }
    return found.length > 0 ? { changes: Object.fromEntries(found) } : {};
  }

  #parts({ name: device }: Device, names: string[], asked: Asked, now: number): object {
    const history: [string, Entry[]][] = [];
    const changes: [string, ValueAt[]][] = [];
    for (const name of names) {
      const points = this.#history.part([device, name], asked, now);
      if (points.length > 0) history.push([name, points]);
      const values = this.#changesIn([device, name], asked, now);
      if (values.length > 0) changes.push([name, values]);
    }
    return {
      history: Object.fromEntries(history),
      ...(changes.length > 0 && { changes: Object.fromEntries(changes) }),
    };
  }

  /** Return the newest changes in the range, and before them the one in force at its beginning. */
  #changesIn(series: [string, string], asked: Asked, now: number): ValueAt[] {
    const { hours: oldest } = this.#history.oldest(now);
    const { since = -Infinity, until = Infinity, points } = asked;
    const range = { since: Math.max(since, oldest), until };
    const found = this.#history.changes.read(series, range, points);
    const hasMore = found.length === points;
    if (hasMore || found[0]?.[0] === since) return found;
    const before = this.#history.changes.before(series, since, oldest);
    return before ? [before, ...found] : found;
  }
}
