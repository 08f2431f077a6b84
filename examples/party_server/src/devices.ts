// The devices of a room, with their last values. They are in memory while the room is awake. They are
// in the store too, with their histories.

import type { Alerts } from "./alerts.ts";
import type { Fields } from "./checks.ts";
import { Change, type Device } from "./device.ts";
import type { Reading } from "./readings.ts";
import type { Settings } from "./settings.ts";
import type { Store } from "./store.ts";

/** There is no space for one more. The text names the limit and its variable. */
export class RoomFull extends Error {}

/** Numbered readings, and the highest number after them. They are stored together. */
export interface Log {
  epoch: string;
  n: number;
  readings: Reading[];
}

export class Devices {
  readonly #store: Store;
  readonly #settings: Settings;
  readonly #isOnline: (name: string) => boolean;
  readonly #alerts: Alerts;
  readonly #known: Map<string, Device>;

  constructor(
    store: Store,
    settings: Settings,
    isOnline: (name: string) => boolean,
    alerts: Alerts,
  ) {
    this.#store = store;
    this.#settings = settings;
    this.#isOnline = isOnline;
    this.#alerts = alerts;
    this.#known = new Map(store.load().map((device) => [device.name, device]));
  }

  /** Throw RoomFull if there is no space for a device of this name. */
  checkPlace(name: string): void {
    if (!this.#known.has(name)) this.#toForget();
  }

  /** Note that a device joined or left. */
  touch(name: string, now: number): void {
    const device = this.#place(name, now);
    device.at = now;
    device.online = this.#isOnline(name);
    this.#store.save(device);
    const change = this.#alerts.moved(name, now);
    if (change) this.#alerts.write(change);
    this.#alerts.accept(change, now);
  }

  /** Note that a device has lost its connections while the room did not run. */
  vanish(device: Device): void {
    device.online = false;
    this.#store.save(device);
  }

  /** Replace the hello. Throws RoomFull, NotStored. */
  tell(name: string, about: Fields, now: number): void {
    this.#change(name, now, (change) => change.tell(about));
  }

  /** Keep a reading. Throws RoomFull if there are too many devices, or NotStored. */
  keep(name: string, reading: Reading, now: number): void {
    this.#change(name, now, (change) => {
      change.show(reading);
      change.keep(reading);
    });
  }

  /** Keep numbered readings and the highest number. Throws RoomFull, NotStored. */
  count(name: string, { epoch, n, readings }: Log, hasSentLive: boolean, now: number): void {
    this.#change(name, now, (change) => {
      for (const reading of readings) {
        // It is not known when an undated one was measured. A live value may be newer.
        if (reading.at !== null || !hasSentLive) change.show(reading);
        change.keep(reading);
      }
      change.count(epoch, n);
    });
  }

  /** Make the values of a live reading the last ones. Throws RoomFull, NotStored. */
  show(name: string, reading: Reading, now: number): void {
    this.#change(name, now, (change) => change.show(reading, true));
  }

  /** Take a device as another server had it. */
  adopt(device: Device): void {
    this.#store.adopt(device);
    this.#known.set(device.name, device);
  }

  /** Remove a device with all that is kept of it. */
  remove(name: string): void {
    this.#known.delete(name);
    this.#store.forget(name);
  }

  /** Return the highest known number of a device's epoch, or 0. */
  highest(name: string, epoch: string): number {
    return this.#known.get(name)?.epochs.get(epoch) ?? 0;
  }

  [Symbol.iterator](): Iterator<Device> {
    return this.#known.values();
  }

  get(name: string): Device | undefined {
    return this.#known.get(name);
  }

  #change(name: string, now: number, make: (change: Change) => void): void {
    const change = new Change(this.#place(name, now), now);
    make(change);
    change.trim();
    const alerts = this.#alerts.read(change.device, change.news, now);
    this.#store.apply(change, () => alerts && this.#alerts.write(alerts));
    this.#known.set(name, change.device);
    this.#alerts.accept(alerts, now);
  }

  #place(name: string, now: number): Device {
    const known = this.#known.get(name);
    if (known) return known;
    const oldest = this.#toForget();
    if (oldest) {
      this.remove(oldest.name);
      const change = this.#alerts.forgotten(oldest.name);
      if (change) this.#alerts.write(change);
      this.#alerts.accept(change, now);
    }
    const device = {
      name,
      at: now,
      online: false,
      about: {},
      last: new Map(),
      undated: [],
      epochs: new Map(),
    };
    this.#known.set(name, device);
    return device;
  }

  /** Return the device to forget so that a new one has space, or null. Throws RoomFull. */
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
