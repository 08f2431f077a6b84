/** Points of a line: readings, or means of many readings with the lowest and highest. Pure. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// As long as the points of a server's answer, so that those fit into each other.
const LENGTHS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
];
// A line breaks where nothing came for this time and for so many times the usual gap.
const GAP_MS = 30 * SECOND;
const GAP_TIMES = 6;
// As many gaps are enough to know the usual one.
const SAMPLE = 200;
// The axis of a chart can't show larger numbers, and its arithmetic overflows.
const LARGEST_DRAWN = 1e15;

export const drawable = (number) => (Math.abs(number) < LARGEST_DRAWN ? number : null);

/** The usual time from one of these moments to the next: the median of the last ones. */
export function usualGap(at) {
  const gaps = [];
  for (let i = Math.max(1, at.length - SAMPLE); i < at.length; i++) gaps.push(at[i] - at[i - 1]);
  gaps.sort((a, b) => a - b);
  return gaps[gaps.length >> 1] ?? 0;
}

/** Index of the first moment that is not before this one. */
export function indexIn(at, moment) {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle] < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The shortest length of which at most `most` cover this time. */
function lengthFor(ms, most) {
  return LENGTHS.find((length) => ms / length < most) ?? Math.ceil(ms / DAY / most) * DAY;
}

const COLUMNS = ["at", "y", "low", "high", "count", "gap"];

/** Columns of the same length, ascending in time. A value that can't be drawn is null. */
export class Points {
  at = [];
  y = [];
  low = [];
  high = [];
  count = [];
  // The usual time between points there.
  gap = [];

  /** `at` and `y` of readings. */
  static ofReadings(at, y) {
    const points = new Points();
    points.at = at;
    points.y = points.low = points.high = y;
    points.count = new Array(at.length).fill(1);
    points.gap = new Array(at.length).fill(usualGap(at));
    return points;
  }

  /** Points of a server's answer: [at, value] or [at, mean, min, max, count]. */
  static ofAnswer(list) {
    const points = new Points();
    const isPoint = (each) => Array.isArray(each) && Number.isFinite(each[0]) && Number.isFinite(each[1]);
    const valid = list.filter(isPoint);
    const gap = usualGap(valid.map(([at]) => at));
    for (const [at, y, low = y, high = y, count = 1] of valid) {
      points.push(at, drawable(y), drawable(low), drawable(high), count, gap);
    }
    return points;
  }

  get length() {
    return this.at.length;
  }

  /** How many are between two moments. */
  countIn({ min, max }) {
    return indexIn(this.at, max + 1) - indexIn(this.at, min);
  }

  push(at, y, low, high, count, gap) {
    this.at.push(at);
    this.y.push(y);
    this.low.push(low);
    this.high.push(high);
    this.count.push(count);
    this.gap.push(gap);
  }

  slice(start, end) {
    const part = new Points();
    for (const column of COLUMNS) part[column] = this[column].slice(start, end);
    return part;
  }

  /** These points, but between two moments those of `other`. */
  overlaid(other, from, to = Infinity) {
    const start = indexIn(this.at, from);
    const end = Math.max(start, indexIn(this.at, to));
    const points = new Points();
    for (const column of COLUMNS) {
      points[column] = this[column].slice(0, start).concat(other[column], this[column].slice(end));
    }
    return points;
  }

  /** The points between two moments, and one on each side, gathered if there are more than `most`. */
  within({ min, max }, most) {
    const start = Math.max(0, indexIn(this.at, min) - 1);
    const part = this.slice(start, indexIn(this.at, max + 1) + 1);
    return part.length > most + 2 ? part.#gathered(lengthFor(max - min, most)) : part;
  }

  /** One point for all in the same multiple of `length`. */
  #gathered(length) {
    const points = new Points();
    for (let i = 0; i < this.length; ) {
      const start = Math.floor(this.at[i] / length) * length;
      let [sum, weight, low, high] = [0, 0, null, null];
      for (; i < this.length && this.at[i] < start + length; i++) {
        if (this.y[i] === null) continue;
        sum += this.y[i] * this.count[i];
        weight += this.count[i];
        if (low === null || this.low[i] < low) low = this.low[i];
        if (high === null || this.high[i] > high) high = this.high[i];
      }
      const gap = Math.max(length, this.gap[i - 1]);
      points.push(start, weight ? sum / weight : null, low, high, weight, gap);
    }
    return points;
  }

  /** [times, highest, lowest, means], with null where the line breaks. */
  table() {
    const [times, high, low, y] = [[], [], [], []];
    const add = (at, ...values) => {
      times.push(at);
      [high, low, y].forEach((column, i) => column.push(values[i]));
    };
    for (let i = 0; i < this.length; i++) {
      const longest = Math.max(GAP_MS, GAP_TIMES * Math.max(this.gap[i], this.gap[i - 1] ?? 0));
      if (i > 0 && this.at[i] - this.at[i - 1] > longest) {
        add((this.at[i] + this.at[i - 1]) / 2, null, null, null);
      }
      // Of two points in the same millisecond, the last is drawn.
      if (this.at[i] === times.at(-1)) for (const column of [times, high, low, y]) column.pop();
      add(this.at[i], this.high[i], this.low[i], this.y[i]);
    }
    return [times, high, low, y];
  }

  /** Index of the last point at a moment or before it, but not before `from`. -1 if there is none. */
  lastIndex(at, from) {
    const i = indexIn(this.at, at + 1) - 1;
    return i >= 0 && this.at[i] >= from ? i : -1;
  }

  /** {count, low, high, mean, latest} between two moments. Numbers are null without points. */
  summary(from, to) {
    const found = { count: 0, low: null, high: null, mean: null, latest: null };
    let sum = 0;
    for (let i = indexIn(this.at, from); i < this.length && this.at[i] <= to; i++) {
      if (this.y[i] === null) continue;
      found.count += this.count[i];
      sum += this.y[i] * this.count[i];
      if (found.low === null || this.low[i] < found.low) found.low = this.low[i];
      if (found.high === null || this.high[i] > found.high) found.high = this.high[i];
      found.latest = this.y[i];
    }
    if (found.count) found.mean = sum / found.count;
    return found;
  }
}
