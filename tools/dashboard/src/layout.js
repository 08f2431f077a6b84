/**
 * How all dashboards of the room arrange its devices. The server keeps it, and does not look into it.
 * Its form is in README.md. What this page does not know stays in it. Pure.
 */

import { isRecord } from "./messages.js";

// As many characters as a device's own name may have.
export const LONGEST_NAME = 64;
// As the servers have it, in bytes of JSON.
const MOST_BYTES = 32_768;

const PLAIN = { name: null, group: null, isPinned: false, isHidden: false };

const textOf = (value) =>
  typeof value === "string" && value.trim() ? value.trim().slice(0, LONGEST_NAME) : null;

function entryOf(told) {
  if (!isRecord(told)) return PLAIN;
  return {
    name: textOf(told.name),
    group: textOf(told.group),
    isPinned: told.pinned === true,
    isHidden: told.hidden === true,
  };
}

const devicesOf = ({ devices }) => (isRecord(devices) ? devices : {});

const orderOf = ({ order }) =>
  (Array.isArray(order) ? order : []).filter((each) => typeof each === "string");

export class Layout {
  version = 0;
  content = {};
  #entries = new Map(); // device name -> entry
  #ranks = new Map(); // device name -> its place

  /** Take what the server keeps: `told` is {version, layout}, or undefined if it has none. */
  take(told) {
    this.version = Number.isInteger(told?.version) ? told.version : 0;
    this.content = isRecord(told?.layout) ? told.layout : {};
    const entries = Object.entries(devicesOf(this.content));
    this.#entries = new Map(entries.map(([name, entry]) => [name, entryOf(entry)]));
    this.#ranks = new Map(orderOf(this.content).map((name, i) => [name, i]));
  }

  /** {name, group, isPinned, isHidden} of a device. A name or group that was not given is null. */
  of(device) {
    return this.#entries.get(device) ?? PLAIN;
  }

  /** Its place among those that were placed. The others come after them. */
  rankOf(device) {
    return this.#ranks.get(device) ?? Infinity;
  }

  /** The names of all groups. */
  get groups() {
    const groups = [...this.#entries.values()].map(({ group }) => group);
    return [...new Set(groups)].filter((group) => group !== null);
  }
}

/** The room's layout. */
export const layout = new Layout();

/** The content with another entry for a device. What else is in the entry stays. */
export function withEntry(content, device, { name, group, isPinned, isHidden }) {
  const devices = devicesOf(content);
  const before = Object.hasOwn(devices, device) ? devices[device] : {};
  const entry = { ...(isRecord(before) ? before : {}) };
  const told = { name: textOf(name), group: textOf(group), pinned: isPinned, hidden: isHidden };
  for (const [key, value] of Object.entries(told)) {
    if (value) entry[key] = value;
    else delete entry[key];
  }
  const others = Object.entries(devices).filter(([each]) => each !== device);
  const own = Object.keys(entry).length ? [[device, entry]] : [];
  return { ...content, devices: Object.fromEntries([...others, ...own]) };
}

/**
 * The content with a device after another, or first if `target` is null. `sorted` has all devices as
 * they are arranged now: those that have no place, and come before it, get one.
 */
export function withPlace(content, device, target, sorted) {
  const order = orderOf(content).filter((each) => each !== device);
  if (target !== null && !order.includes(target)) {
    const free = sorted.filter((each) => each !== device && !order.includes(each));
    order.push(...free.slice(0, free.indexOf(target) + 1));
  }
  order.splice(target === null ? 0 : order.indexOf(target) + 1, 0, device);
  return { ...content, order };
}

/** True if the servers keep so much. */
export const isSmallEnough = (content) =>
  new TextEncoder().encode(JSON.stringify(content)).length <= MOST_BYTES;

const sorted = (key, value) =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

/** True if both have the same fields, in any order. */
export const isSame = (a, b) => JSON.stringify(a, sorted) === JSON.stringify(b, sorted);
