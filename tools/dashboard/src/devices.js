/** What is known of the room: devices, their last values, their history. No page, no network. */

import { decimalsOf } from "./format.js";

const MOST_POINTS = 2000; // per value; more than a chart has pixels
const SLACK_POINTS = 500; // let the arrays overrun by this, so that not every reading shifts them
const LARGEST_DRAWN = 1e15; // a chart's axis is meaningless beyond, and its arithmetic overflows

/** The past of one number: times in ms, ascending, and values, null where it cannot be drawn. */
export class Series {
  at = [];
  y = [];
  decimals = 0; // the most that a number of this series has needed

  add(at, number) {
    while (this.at.length && this.at[this.at.length - 1] > at) {
      this.at.pop(); // the server's clock was set back: the newest reading is right
      this.y.pop();
    }
    this.at.push(at);
    this.y.push(Math.abs(number) < LARGEST_DRAWN ? number : null);
    this.decimals = Math.max(this.decimals, decimalsOf(number));
    const excess = this.at.length - MOST_POINTS;
    if (excess > SLACK_POINTS) {
      this.at.splice(0, excess);
      this.y.splice(0, excess);
    }
  }
}

class Device {
  online = false;
  at = 0; // ms since 1970 by the server's clock, 0 if never seen
  last = new Map(); // value name -> number, string, bool or whatever came
  history = new Map(); // value name -> Series

  constructor(name) {
    this.name = name;
  }

  read(at, values) {
    this.at = Math.max(this.at, at);
    for (const [name, value] of Object.entries(values)) {
      this.last.set(name, value);
      if (Number.isFinite(value)) this.series(name).add(at, value);
    }
  }

  series(name) {
    let series = this.history.get(name);
    if (!series) this.history.set(name, (series = new Series()));
    return series;
  }
}

function deviceFromSnapshot(entry) {
  const device = new Device(String(entry.device));
  device.online = entry.online === true;
  device.at = Number(entry.at) || 0;
  for (const [name, points] of Object.entries(entry.history ?? {})) {
    for (const [at, number] of points) {
      if (Number.isFinite(number)) device.series(name).add(at, number);
    }
  }
  for (const [name, value] of Object.entries(entry.last ?? {})) {
    device.last.set(name, value);
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

  /** Forget everything and begin with what the server knows. */
  restore(snapshot) {
    this.byName.clear();
    for (const entry of snapshot.devices) {
      const device = deviceFromSnapshot(entry);
      this.byName.set(device.name, device);
    }
    this.#clockAheadMs = (Number(snapshot.at) || Date.now()) - Date.now();
  }

  read({ device, at, values }) {
    const known = this.#know(device);
    known.read(Number(at) || this.now(), values);
    return known;
  }

  presence({ device, online, at }) {
    const known = this.#know(device);
    known.online = online === true;
    known.at = Math.max(known.at, Number(at) || this.now());
    return known;
  }

  /** Ms since 1970 by the server's clock. */
  now() {
    return Date.now() + this.#clockAheadMs;
  }

  #know(name) {
    const key = String(name);
    let device = this.byName.get(key);
    if (!device) this.byName.set(key, (device = new Device(key)));
    return device;
  }
}
