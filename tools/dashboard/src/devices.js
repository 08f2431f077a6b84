/** What is known about the room: its devices. No page, no network. */

import { aboutOf } from "./about.js";
import { Device } from "./device.js";
import { deviceFromSnapshot, keepOlder } from "./snapshot.js";

// As many as our servers keep by default.
const MOST_DEVICES = 2000;

const changesOf = (online, offline) => [
  ...online.map((name) => [name, true]),
  ...offline.map((name) => [name, false]),
];

const timeOf = (at) => (Number.isFinite(at) ? at : null);

export class Devices {
  // It is always the same Map.
  byName = new Map();
  // The server's clock minus this computer's.
  #clockAheadMs = 0;

  /** Start again with the server's snapshot. Older points that this page has stay. */
  restore(snapshot) {
    const before = new Map(this.byName);
    const now = Number(snapshot.at) || Date.now();
    this.byName.clear();
    for (const entry of snapshot.devices.slice(0, MOST_DEVICES)) {
      const device = deviceFromSnapshot(entry, now);
      keepOlder(device, before.get(device.name));
      this.byName.set(device.name, device);
    }
    for (const device of before.values()) device.release();
    this.#clockAheadMs = now - Date.now();
  }

  /** Replace the hello of a device. */
  hello(message) {
    const known = this.#know(message.device);
    if (known) known.about = aboutOf(message);
    return known;
  }

  /** Add a reading. `at` is its own time or, if that is not known, the time at which it came. */
  read({ device, at, values, live, undated }) {
    const known = this.#know(device);
    const now = this.now();
    const time = timeOf(at) ?? now;
    const reading = { at: undated === true ? null : time, came: time, values };
    known?.read({ ...reading, isLive: live === true, isOfBatch: false }, now);
    return known;
  }

  /** Add a batch of readings that a device kept. Each has its own time, or none. */
  readAll({ device, at, readings }) {
    const known = this.#know(device);
    const now = this.now();
    const came = timeOf(at) ?? now;
    for (const { at, values } of readings) {
      known?.read({ at: timeOf(at), came, values, isLive: false, isOfBatch: true }, now);
    }
    return known;
  }

  /** Note who came and went: one device, or lists. Returns the devices that changed. */
  presence({ device, online, offline = [], at }) {
    const time = Number(at) || this.now();
    const one = [[device, online === true]];
    const changes = device === undefined ? changesOf(online ?? [], offline) : one;
    return changes.map(([name, isOnline]) => {
      const known = this.#know(name);
      known?.present(isOnline, time);
      return known;
    });
  }

  /** Ms since 1970 by the server's clock. */
  now() {
    return Date.now() + this.#clockAheadMs;
  }

  #know(key) {
    let device = this.byName.get(key);
    if (!device && this.byName.size < MOST_DEVICES) {
      this.byName.set(key, (device = new Device(key)));
    }
    return device ?? null;
  }
}
