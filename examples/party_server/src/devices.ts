// The devices of a room, with their last values and histories: in memory while the room is awake,
// and all of it in the store.

import type { Fields } from "./checks.ts";
import type { Values } from "./messages.ts";
import type { Settings } from "./settings.ts";
import type { Device, Store } from "./store.ts";

const MAX_SERIES = 64; // value names kept of one device; the one longest without news goes first
const SNAPSHOT_POINTS = 20000; // in all: about half a megabyte

/** No place for one more; the text names the limit and its variable. */
export class RoomFull extends Error {}

export class Devices {
  readonly #store: Store;
  readonly #settings: Settings;
  readonly #isOnline: (name: string) => boolean;
  readonly #known: Map<string, Device>;

  constructor(store: Store, settings: Settings, isOnline: (name: string) => boolean) {
    this.#store = store;
    this.#settings = settings;
    this.#isOnline = isOnline;
    this.#known = new Map(store.load().map((device) => [device.name, device]));
  }

  /** Throw RoomFull if a device of this name would find no place. */
  checkPlace(name: string): void {
    if (!this.#known.has(name)) this.#toForget();
  }

  /** Note that a device came or went. */
  touch(name: string, now: number): void {
    const device = this.#place(name, now);
    device.at = now;
    this.#store.save(device);
  }

  /** Keep a hello in place of the one before. */
  tell(name: string, about: Fields, now: number): void {
    const device = this.#place(name, now);
    device.at = now;
    device.about = about;
    this.#store.save(device);
  }

  /** Keep a reading; throws RoomFull if it is of a device too many. */
  read(name: string, values: Values, now: number): void {
    const device = this.#place(name, now);
    device.at = now;
    for (const [key, value] of Object.entries(values)) {
      device.last.delete(key); // and to the end of the map: it is the newest
      device.last.set(key, value);
      if (typeof value === "number") this.#store.add(name, key, [now, value]);
    }
    for (const key of [...device.last.keys()].slice(0, -MAX_SERIES)) {
      device.last.delete(key);
      this.#store.drop(name, key);
    }
    this.#store.save(device);
  }

  /** Return what a snapshot says of each device. */
  states(): object[] {
    let series = 0;
    for (const { last } of this.#known.values()) series += last.size;
    const points = Math.max(1, Math.floor(SNAPSHOT_POINTS / Math.max(1, series)));
    return [...this.#known.values()].map(({ name, at, about, last }) => ({
      device: name,
      online: this.#isOnline(name),
      at,
      about,
      last: Object.fromEntries(last),
      history: Object.fromEntries(this.#store.history(name, points)),
    }));
  }

  #place(name: string, now: number): Device {
    const known = this.#known.get(name);
    if (known) return known;
    const oldest = this.#toForget();
    if (oldest) {
      this.#known.delete(oldest.name);
      this.#store.forget(oldest.name);
    }
    const device = { name, at: now, about: {}, last: new Map() };
    this.#known.set(name, device);
    return device;
  }

  /** Return the device that has to go for a new one, if any; throws RoomFull. */
  #toForget(): Device | null {
    const limit = this.#settings.maxDevices;
    if (this.#known.size < limit) return null;
    let oldest: Device | null = null;
    for (const device of this.#known.values()) {
      if (!this.#isOnline(device.name) && (!oldest || device.at < oldest.at)) oldest = device;
    }
    if (!oldest) throw new RoomFull(`${limit} devices are in the room: raise MAX_DEVICES`);
    return oldest;
  }
}
