/**
 * The limits that the user set, and the alerts of values beyond them. An alert is on while one of
 * the last three readings is beyond its limit. So it begins with the first such reading, and does
 * not go on and off when a value varies around the limit.
 */

import { place } from "./address.js";
import { load, save } from "./store.js";

const KEY = `alerts ${place}`;
const MOST_RULES = 200;

export const KINDS = ["above", "below"];

const isBeyond = ({ kind, limit }, number) =>
  number !== null && (kind === "above" ? number > limit : number < limit);

const isRule = (rule) =>
  typeof rule?.device === "string" &&
  typeof rule.name === "string" &&
  KINDS.includes(rule.kind) &&
  Number.isFinite(rule.limit);

/** Whether one of the last values shown is beyond the limit. A backlog does not count. Pure. */
const isPassed = (rule, series) =>
  series?.latest.some((number) => isBeyond(rule, number)) ?? false;

export class Limits {
  rules = load(KEY, []).filter(isRule).slice(0, MOST_RULES);
  active = new Map(); // rule -> since when, ms
  #devices = new Set(); // names of devices with rules

  /** `on`: began(rule), ended(rule), changed(). */
  constructor(on) {
    this.on = on;
    this.#index();
  }

  rulesOf(device) {
    return this.rules.filter((rule) => rule.device === device);
  }

  /** The current alert of this value, or null. */
  of(device, name) {
    if (!this.#devices.has(device)) return null;
    for (const rule of this.active.keys()) {
      if (rule.device === device && rule.name === name) return rule;
    }
    return null;
  }

  has(device) {
    for (const rule of this.active.keys()) if (rule.device === device) return true;
    return false;
  }

  /** Add a rule. False if there is already the same one, or if there are too many. */
  add(rule) {
    const isKnown = this.rules.some(
      (each) =>
        each.device === rule.device &&
        each.name === rule.name &&
        each.kind === rule.kind &&
        each.limit === rule.limit,
    );
    if (isKnown || this.rules.length >= MOST_RULES) return false;
    this.rules.push(rule);
    this.#store();
    return true;
  }

  remove(rule) {
    this.rules = this.rules.filter((each) => each !== rule);
    this.active.delete(rule);
    this.#store();
    this.on.changed();
  }

  /** Check the rules of a device that has new values. */
  check(device) {
    if (!this.#devices.has(device.name)) return;
    let hasChanged = false;
    for (const rule of this.rulesOf(device.name)) {
      const series = device.history.get(rule.name);
      const isNow = isPassed(rule, series);
      if (isNow === this.active.has(rule)) continue;
      hasChanged = true;
      if (isNow) this.active.set(rule, device.lastAt.get(rule.name));
      else this.active.delete(rule);
      this.on[isNow ? "began" : "ended"](rule);
    }
    if (hasChanged) this.on.changed();
  }

  /** Check everything again after a snapshot. The alerts of devices that are gone end. */
  checkAll(devices) {
    for (const rule of [...this.active.keys()]) {
      if (!devices.has(rule.device)) this.active.delete(rule);
    }
    for (const device of devices.values()) this.check(device);
    this.on.changed();
  }

  #store() {
    this.#index();
    save(KEY, this.rules);
  }

  #index() {
    this.#devices = new Set(this.rules.map(({ device }) => device));
  }
}
