/** The past of one number, in bounded memory. */

import { decimalsOf } from "./format.js";

const MOST_POINTS = 3600; // of one series: an hour, one a second
const FEWEST_POINTS = 300; // what a server's snapshot holds of one
const POINTS_IN_ALL = 1_000_000; // 16 bytes each
const SLACK = 1.25; // series overrun by this before they are cut, so that not every reading shifts them
const LATEST = 3;
const LARGEST_DRAWN = 1e15; // a chart's axis is meaningless beyond, and its arithmetic overflows

let count = 0; // series that live

/** What one series may keep while so many share the memory. */
export function pointsEach(seriesCount) {
  const share = Math.floor(POINTS_IN_ALL / Math.max(1, seriesCount));
  return Math.max(FEWEST_POINTS, Math.min(MOST_POINTS, share));
}

const drawable = (number) => (Math.abs(number) < LARGEST_DRAWN ? number : null);

/** Times in ms, ascending, and values, null where they cannot be drawn. */
export class Series {
  at = [];
  y = [];
  decimals = 0; // the most that a number of this series has needed
  latest = []; // the last values shown, the newest last: an alert looks at them
  #shownAt = 0; // when the value shown was measured, 0 if nobody knows

  constructor() {
    count++;
  }

  /** Put a point where it belongs. The same one again is no other: a live value comes twice. */
  add(at, number) {
    this.fit(number);
    const y = drawable(number);
    const place = at > this.lastAt ? this.at.length : this.indexOf(at + 1);
    for (let i = place - 1; i >= 0 && this.at[i] === at; i--) if (this.y[i] === y) return;
    this.at.splice(place, 0, at);
    this.y.splice(place, 0, y);
    const most = pointsEach(count);
    if (this.at.length > most * SLACK) {
      this.at.splice(0, this.at.length - most);
      this.y.splice(0, this.y.length - most);
    }
  }

  /** A number is the value shown now; `at` is when it was measured, or null. */
  show(at, number) {
    this.fit(number);
    const y = drawable(number);
    const isAgain = at !== null && at === this.#shownAt && y === this.latest.at(-1);
    this.#shownAt = at ?? 0;
    if (isAgain) return;
    this.latest.push(y);
    if (this.latest.length > LATEST) this.latest.shift();
  }

  /** As if its points up to `now` had been shown: those beyond are of a clock that was wrong. */
  resume(now) {
    const end = this.indexOf(now + 1) || this.at.length;
    this.latest = this.y.slice(Math.max(0, end - LATEST), end);
    this.#shownAt = this.at[end - 1] ?? 0;
  }

  /** Put the points of `other` that are before the first one here in front of it. */
  keepOlder(other) {
    const end = other.indexOf(this.at[0]);
    this.at = other.at.slice(0, end).concat(this.at);
    this.y = other.y.slice(0, end).concat(this.y);
    this.decimals = Math.max(this.decimals, other.decimals);
  }

  /** Be written with as many decimals as this number needs. */
  fit(number) {
    this.decimals = Math.max(this.decimals, decimalsOf(number));
  }

  /** Where a picture of the last minutes ends: not at a point of a clock that was ahead. */
  get endAt() {
    return this.#shownAt || this.lastAt;
  }

  get lastAt() {
    return this.at.length ? this.at[this.at.length - 1] : 0;
  }

  /** From point to point, over the last `count` of them; 0 if there are fewer than two. */
  meanGapMs(count) {
    const first = Math.max(0, this.at.length - count);
    const gaps = this.at.length - 1 - first;
    return gaps > 0 ? (this.lastAt - this.at[first]) / gaps : 0;
  }

  /** Index of the first point at this moment or later. */
  indexOf(at) {
    let low = 0;
    let high = this.at.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at[middle] < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The value at a moment: the last one that came since `from`; null if there is none. */
  valueAt(at, from) {
    const i = this.indexOf(at + 1) - 1;
    return i < 0 || this.at[i] < from ? null : this.y[i];
  }

  /** {points, low, high, mean, latest} between two moments; numbers null if there are no points. */
  summary(from, to) {
    const found = { points: 0, low: null, high: null, mean: null, latest: null };
    let sum = 0;
    for (let i = this.indexOf(from); i < this.at.length && this.at[i] <= to; i++) {
      const number = this.y[i];
      if (number === null) continue;
      found.points++;
      sum += number;
      if (found.low === null || number < found.low) found.low = number;
      if (found.high === null || number > found.high) found.high = number;
      found.latest = number;
    }
    if (found.points) found.mean = sum / found.points;
    return found;
  }

  /** It is used no more: others may keep as much more. */
  release() {
    count--;
  }
}
