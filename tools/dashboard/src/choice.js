/** The values in the chart. Each keeps its colour as long as it is there. */

import { place } from "./address.js";
import { RSSI, isVital } from "./names.js";
import { load, save } from "./store.js";

// As many as there are colours.
const MOST_CHOSEN = 8;
const SUGGESTED = 4;
const KEY = `chart ${place}`;

const isDrawn = (device, name) => device.history.get(name)?.at.length > 0;

const isSame = (a, device, name) => a.device === device && a.name === name;

/** How suitable a value is for the first chart: best if many devices have it, and with a unit. */
function worth(devices, name) {
  let score = 0;
  for (const device of devices) {
    if (!isDrawn(device, name) || isVital(name, device.last.get(name))) continue;
    if (device.about.controls.has(name)) continue;
    score += device.about.units.has(name) ? 2 : 1;
  }
  return score;
}

/** [{device, name}] for the first chart: one value that most devices have. */
export function suggestion(devices) {
  const known = [...devices];
  const names = new Set(known.flatMap((device) => [...device.history.keys()]));
  names.delete(RSSI);
  const best = [...names]
    .map((name) => ({ name, score: worth(known, name) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))[0];
  if (!best) return [];
  return known
    .filter((device) => isDrawn(device, best.name))
    .sort((a, b) => (a.title < b.title ? -1 : 1))
    .slice(0, SUGGESTED)
    .map((device) => ({ device: device.name, name: best.name }));
}

export class Choice {
  #chosen = []; // {device, name, slot}
  // True if the user has chosen. Otherwise the list is a suggestion, and may grow.
  isOwn = false;

  /** `changed()` is called after each change. */
  constructor(changed) {
    this.changed = changed;
    const stored = load(KEY, []);
    this.isOwn = localStorageHas(KEY);
    for (const each of stored) {
      if (typeof each?.device === "string" && typeof each?.name === "string") {
        this.#insert(each.device, each.name);
      }
    }
  }

  get list() {
    return this.#chosen;
  }

  get isFull() {
    return this.#chosen.length >= MOST_CHOSEN;
  }

  /** The number of its colour, or null if it is not in the chart. */
  slotOf(device, name) {
    return this.#chosen.find((each) => isSame(each, device, name))?.slot ?? null;
  }

  /** Add or remove a value. False if there is no space for it. */
  toggle(device, name) {
    const isChosen = this.slotOf(device, name) !== null;
    if (!isChosen && this.isFull) return false;
    if (isChosen) this.#chosen = this.#chosen.filter((each) => !isSame(each, device, name));
    else this.#insert(device, name);
    this.isOwn = true;
    save(KEY, this.#chosen.map(({ device, name }) => ({ device, name })));
    this.changed();
    return true;
  }

  /** Show these as long as the user has not chosen. */
  suggest(list) {
    if (this.isOwn || list.length === 0) return;
    const isNew = list.some(({ device, name }) => this.slotOf(device, name) === null);
    if (!isNew && list.length === this.#chosen.length) return;
    this.#chosen = [];
    for (const { device, name } of list) this.#insert(device, name);
    this.changed();
  }

  #insert(device, name) {
    if (this.isFull || this.slotOf(device, name) !== null) return;
    const taken = new Set(this.#chosen.map(({ slot }) => slot));
    let slot = 0;
    while (taken.has(slot)) slot++;
    this.#chosen.push({ device, name, slot });
  }
}

function localStorageHas(key) {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return false;
  }
}
