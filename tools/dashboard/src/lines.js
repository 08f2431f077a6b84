/** The values in the chart: where their history is, and how they are named and written. */

import { spells, stateAt } from "./changes.js";
import { formatName, formatNumber } from "./format.js";
import { labelOf, unitOf, valueText, withUnit } from "./names.js";
import { SLOTS } from "./theme.js";

/** A number is drawn as a line, anything else as a row of bars. What was never seen may be a number. */
const isState = (device, name) =>
  device !== undefined && device.last.has(name) && !Number.isFinite(device.last.get(name));

export class Line {
  // Set when the chart is drawn: the Points of a number, or [at, value] of a bool or text.
  points = null;
  changes = [];
  chip = null;
  // Text -> the number of its colour.
  #colours = new Map();

  /** `device` is undefined if it is not in the room. */
  constructor({ device: key, name, slot }, device) {
    this.id = JSON.stringify([key, name]);
    this.key = key;
    this.name = name;
    this.slot = slot;
    this.device = device;
    this.isState = isState(device, name);
    this.memory = (this.isState ? device.changes : device?.history)?.get(name) ?? null;
    this.unit = unitOf(device, name);
    // Values with a unit share an axis with others of it, and those without one with their namesakes.
    this.scale = JSON.stringify([this.unit, this.unit === null ? name : ""]);
  }

  /** All that the picture and its words depend on, but for the readings. */
  get description() {
    const { id, slot, scale, isState, device } = this;
    return [id, slot, scale, isState, device?.title];
  }

  get title() {
    return formatName(this.device?.title ?? this.key);
  }

  get label() {
    return labelOf(this.device, this.name);
  }

  /** What it is at a moment, but not from before `from`: a text, with the range if it is of many. */
  textAt(at, from) {
    if (this.isState) return this.stateText(stateAt(this.changes, at));
    const i = this.points?.lastIndex(at, from) ?? -1;
    if (i < 0 || this.points.y[i] === null) return "–";
    const { low, y, high } = this.points;
    const text = this.numberText(y[i]);
    if (low[i] === high[i]) return text;
    const [least, most] = [low[i], high[i]].map((each) => formatNumber(each, this.#decimals));
    return `${text} (${least} – ${most})`;
  }

  /** Its last value, if it is not from before `from`. */
  textNow(from) {
    const number = this.device?.last.get(this.name);
    const isSeen = this.points?.lastIndex(Infinity, from) >= 0;
    return !this.isState && isSeen && Number.isFinite(number)
      ? this.numberText(number)
      : this.textAt(Infinity, from);
  }

  stateText(value) {
    return value === null ? "–" : valueText(this.device, this.name, value);
  }

  numberText(number, moreDecimals = 0) {
    if (number === null) return "–";
    return withUnit(this.device, this.name, number, this.#decimals + moreDecimals);
  }

  get #decimals() {
    return this.memory?.decimals ?? 1;
  }

  /** The row of a bool or text, for `drawLanes`. */
  lane(range, name) {
    const { slot } = this;
    return {
      name,
      spells: spells(this.changes, range).map(({ from, to, value }) => ({
        from,
        to,
        text: this.stateText(value),
        colour: typeof value === "boolean" ? slot : this.#colourOf(value),
        isOff: value === false || value === "",
      })),
    };
  }

  /** Each text gets a colour when it is first seen, and keeps it. */
  #colourOf(text) {
    if (!this.#colours.has(text)) {
      this.#colours.set(text, (this.slot + this.#colours.size) % SLOTS);
    }
    return this.#colours.get(text);
  }

  /** Take over what stays when the lines are made anew for the same values. */
  succeed(line) {
    this.chip = line.chip;
    this.points = line.points;
    this.changes = line.changes;
    this.#colours = line.#colours;
  }
}
