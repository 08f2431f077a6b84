/** What is known of the room: devices, what they tell of themselves, their values. No page, no network. */

import { aboutOf } from "./about.js";
import { decimalsOf } from "./format.js";
import { Series } from "./series.js";

const MOST_DEVICES = 2000; // a server keeps fewer; this bounds one that does not
const MOST_VALUES = 128; // names of one device, for the same reason
const SILENT_MS = 60_000;
const SILENT_GAPS = 3;

export class Device {
  online = false;
  at = 0; // ms since 1970 by the server's clock, 0 if never seen
  readAt = 0; // of the last reading
  usualGapMs = 0; // from one reading to the next
  about = aboutOf({});
  last = new Map(); // value name -> number, string, bool or whatever came
  lastAt = new Map(); // value name -> when
  history = new Map(); // value name -> Series

  constructor(name) {
    this.name = name;
  }

  /** What people call it. */
  get title() {
    return this.about.name ?? this.name;
  }

  read(at, values) {
    this.at = Math.max(this.at, at);
    if (this.readAt) this.#note(at - this.readAt);
    this.readAt = at;
    for (const [name, value] of Object.entries(values)) {
      if (!this.last.has(name) && this.last.size >= MOST_VALUES) continue;
      this.last.set(name, value);
      this.lastAt.set(name, at);
      if (Number.isFinite(value)) this.series(name).add(at, value);
    }
  }

  series(name) {
    let series = this.history.get(name);
    if (!series) this.history.set(name, (series = new Series()));
    return series;
  }

  /** Nothing has come for longer than is usual for it; a minute is never long. */
  isSilent(now) {
    return now - this.readAt > Math.max(SILENT_MS, SILENT_GAPS * this.usualGapMs);
  }

  #note(gapMs) {
    const weight = this.usualGapMs ? 0.2 : 1;
    this.usualGapMs += weight * (Math.max(0, gapMs) - this.usualGapMs);
  }

  release() {
    for (const series of this.history.values()) series.release();
  }
}

function deviceFromSnapshot(entry) {
  const device = new Device(String(entry.device));
  device.online = entry.online === true;
  device.at = Number(entry.at) || 0;
  device.about = aboutOf(entry.about);
  for (const [name, points] of Object.entries(entry.history ?? {}).slice(0, MOST_VALUES)) {
    for (const [at, number] of points) {
      if (Number.isFinite(number)) device.series(name).add(at, number);
    }
    const series = device.series(name);
    device.readAt = Math.max(device.readAt, series.lastAt);
    device.usualGapMs = Math.max(device.usualGapMs, series.meanGapMs(10));
  }
  for (const [name, value] of Object.entries(entry.last ?? {}).slice(0, MOST_VALUES)) {
    device.last.set(name, value);
    device.lastAt.set(name, device.history.get(name)?.lastAt || device.readAt || device.at);
    if (Number.isFinite(value)) {
      const series = device.series(name);
      series.decimals = Math.max(series.decimals, decimalsOf(value));
    }
  }
  return device;
}

export class Devices {
  byName = new Map();
  #clockAheadMs = 0; // the server's clock minus this computer's

  /** Begin anew with what the server knows; what this page knows of longer ago stays. */
  restore(snapshot) {
    const before = this.byName;
    this.byName = new Map();
    for (const entry of snapshot.devices.slice(0, MOST_DEVICES)) {
      const device = deviceFromSnapshot(entry);
      keepOlder(device, before.get(device.name));
      this.byName.set(device.name, device);
    }
    for (const device of before.values()) device.release();
    this.#clockAheadMs = (Number(snapshot.at) || Date.now()) - Date.now();
  }

  /** What a device tells of itself, in place of what it told before. */
  hello(message) {
    const known = this.#know(message.device);
    if (known) known.about = aboutOf(message);
    return known;
  }

  read({ device, at, values }) {
    const known = this.#know(device);
    known?.read(Number(at) || this.now(), values);
    return known;
  }

  presence({ device, online, at }) {
    const known = this.#know(device);
    if (!known) return null;
    known.online = online === true;
    known.at = Math.max(known.at, Number(at) || this.now());
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

/** Put what the page has seen before the snapshot's first point in front of it. */
function keepOlder(device, before) {
  for (const [name, old] of before?.history ?? []) {
    const series = device.history.get(name);
    if (!series?.at.length) continue; // the server has forgotten this value
    const end = old.indexOf(series.at[0]);
    series.at = old.at.slice(0, end).concat(series.at);
    series.y = old.y.slice(0, end).concat(series.y);
    series.decimals = Math.max(series.decimals, old.decimals);
  }
}
