/** What is known of the room: its devices. No page, no network. */

import { aboutOf } from "./about.js";
import { Device } from "./device.js";
import { deviceFromSnapshot, keepOlder } from "./snapshot.js";

const MOST_DEVICES = 2000; // a server keeps fewer; this bounds one that does not

const timeOf = (at) => (Number.isFinite(at) ? at : null);

export class Devices {
  byName = new Map();
  #clockAheadMs = 0; // the server's clock minus this computer's

  /** Begin anew with what the server knows; what this page knows of longer ago stays. */
  restore(snapshot) {
    const before = this.byName;
    const now = Number(snapshot.at) || Date.now();
    this.byName = new Map();
    for (const entry of snapshot.devices.slice(0, MOST_DEVICES)) {
      const device = deviceFromSnapshot(entry, now);
      keepOlder(device, before.get(device.name));
      this.byName.set(device.name, device);
    }
    for (const device of before.values()) device.release();
    this.#clockAheadMs = now - Date.now();
  }

  /** What a device tells of itself, in place of what it told before. */
  hello(message) {
    const known = this.#know(message.device);
    if (known) known.about = aboutOf(message);
    return known;
  }

  /** One reading: of its own time, or, if that is not known, with the time at which it came. */
  read({ device, at, values, live, undated }) {
    const known = this.#know(device);
    const now = this.now();
    const time = timeOf(at) ?? now;
    const reading = { at: undated === true ? null : time, came: time, values };
    known?.read({ ...reading, isLive: live === true, isOfBatch: false }, now);
    return known;
  }

  /** What a device has kept while it was away: many readings of their own times, or of none. */
  readAll({ device, at, readings }) {
    const known = this.#know(device);
    const now = this.now();
    const came = timeOf(at) ?? now;
    for (const { at, values } of readings) {
      known?.read({ at: timeOf(at), came, values, isLive: false, isOfBatch: true }, now);
    }
    return known;
  }

  presence({ device, online, at }) {
    const known = this.#know(device);
    known?.present(online === true, Number(at) || this.now());
    return known;
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
