/** The history of one number, in limited memory. */

import { decimalsOf } from "./format.js";
import { drawable, indexIn } from "./points.js";

// Of one series: an hour, with one point a second.
const MOST_POINTS = 3600;
// As many as a snapshot has of one series.
const FEWEST_POINTS = 300;
// 16 bytes each.
const POINTS_IN_ALL = 1_000_000;
// A series may grow to this multiple before it is cut, so that not every reading shifts it.
const SLACK = 1.25;

// The number of series in use.
let count = 0;

/** How many points one series may keep while so many share the memory. */
export function pointsEach(seriesCount) {
  const share = Math.floor(POINTS_IN_ALL / Math.max(1, seriesCount));
  return Math.max(FEWEST_POINTS, Math.min(MOST_POINTS, share));
}

/** Times in ms, ascending, and values. A value that can't be drawn is null. */
export class Series {
  at = [];
  y = [];
  // Since this moment, all readings are here.
  whole = Infinity;
  // How many readings came that are from before that moment.
  late = 0;
  // The most decimals that a number of this series has needed.
  decimals = 0;
  // When the value shown was measured. 0 if that is not known.
  #shownAt = 0;

  constructor() {
    count++;
  }

  /** Add a point in order. The same point again is ignored, because a live value comes twice. */
  add(at, number) {
    this.fit(number);
    const y = drawable(number);
    if (this.at.length === 0) this.whole = at;
    if (at > this.lastAt) {
      this.at.push(at);
      this.y.push(y);
    } else if (!this.#insert(at, y)) return;
    const most = pointsEach(count);
    if (this.at.length > most * SLACK) {
      this.at.splice(0, this.at.length - most);
      this.y.splice(0, this.y.length - most);
      this.whole = Math.max(this.whole, this.at[0]);
    }
  }

  /** Insert a point among the others. False if it is there already. */
  #insert(at, y) {
    const place = this.indexOf(at + 1);
    for (let i = place - 1; i >= 0 && this.at[i] === at; i--) if (this.y[i] === y) return false;
    if (at < this.whole) this.late++;
    this.at.splice(place, 0, at);
    this.y.splice(place, 0, y);
    return true;
  }

  /** As `whole`, when the oldest points have been cut next time. */
  get wholeSoon() {
    const first = this.at[Math.max(0, this.at.length - pointsEach(count))] ?? Infinity;
    return Math.max(this.whole, first);
  }

  /** Note that a number is shown now. `at` is when it was measured, or null. */
  show(at, number) {
    this.fit(number);
    this.#shownAt = at ?? 0;
  }

  /** Treat the last point up to `now` as shown. Points after it come from a clock that was wrong. */
  resume(now) {
    const end = this.indexOf(now + 1) || this.at.length;
    this.#shownAt = this.at[end - 1] ?? 0;
  }

  /** Add the points of `other` that are older than the first one here. */
  keepOlder(other) {
    const end = other.indexOf(this.at[0]);
    this.at = other.at.slice(0, end).concat(this.at);
    this.y = other.y.slice(0, end).concat(this.y);
    this.decimals = Math.max(this.decimals, other.decimals);
  }

  /** Show at least as many decimals as this number needs. */
  fit(number) {
    this.decimals = Math.max(this.decimals, decimalsOf(number));
  }

  /** The end of a picture of the last minutes. Points of a clock that was ahead do not count. */
  get endAt() {
    return this.#shownAt || this.lastAt;
  }

  /** The value at that end. */
  get end() {
    return this.y[this.indexOf(this.endAt + 1) - 1];
  }

  get first() {
    return this.at[0] ?? Infinity;
  }

  get lastAt() {
    return this.at.length ? this.at[this.at.length - 1] : 0;
  }

  /** The mean time between the last `count` points. 0 if there are fewer than two. */
  meanGapMs(count) {
    const first = Math.max(0, this.at.length - count);
    const gaps = this.at.length - 1 - first;
    return gaps > 0 ? (this.lastAt - this.at[first]) / gaps : 0;
  }

  /** Index of the first point at this moment or later. */
  indexOf(at) {
    return indexIn(this.at, at);
  }

  /** End the use of this series, so that the others may keep more. */
  release() {
    count--;
  }
}
