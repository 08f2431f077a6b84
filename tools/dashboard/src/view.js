/** The range of time that the chart shows: the last hours, moving, or a fixed part. Pure. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const SPANS_MS = [HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS, 365 * DAY_MS];

// The chart begins with the range that has about so many readings.
const READINGS = 100;
// A shorter range would show nothing useful.
const SHORTEST_MS = 1000;
// A history that is shorter than this does not fill the width.
const EMPTY_MS = 10_000;
const MOST_STEPS = 20;

/** The span in which a value that comes so often has about a hundred readings. */
export function spanFor(gapMs) {
  const distance = (spanMs) => Math.abs(Math.log(spanMs / gapMs / READINGS));
  return SPANS_MS.reduce((best, spanMs) => (distance(spanMs) < distance(best) ? spanMs : best));
}

export class View {
  spanMs = SPANS_MS[0];
  // {min, max} that does not move, or null.
  #held = null;
  // What was held before each zoom, the newest last.
  #steps = [];

  get isHeld() {
    return this.#held !== null;
  }

  get isZoomed() {
    return this.#steps.length > 0;
  }

  /** {min, max} in ms. The history begins at `first`. */
  range(first, now) {
    if (this.#held) return this.#held;
    return { min: Math.max(this.limits(first, now).min, now - this.spanMs), max: now };
  }

  /** The widest range. There is nothing to see outside it. */
  limits(first, now) {
    return { min: Math.min(first, now - EMPTY_MS), max: now };
  }

  follow(spanMs = this.spanMs) {
    this.spanMs = spanMs;
    this.#steps = [];
    this.#held = null;
  }

  /** Stop at the range that is shown. */
  hold(range) {
    this.#held = { ...range };
  }

  /** Show this part, at least a second, within `limits`. `back` returns to what is shown now. */
  zoomTo(range, limits) {
    this.#steps = [...this.#steps, this.#held].slice(-MOST_STEPS);
    this.#moveTo(range, limits);
  }

  /** Return to the range before the last zoom. */
  back() {
    this.#held = this.#steps.pop() ?? null;
  }

  /** Show `factor` times as much. The moment `at` stays in its place. */
  zoomBy(factor, at, shown, limits) {
    const min = at - (at - shown.min) * factor;
    const max = at + (shown.max - at) * factor;
    // All turns of the wheel are one step.
    if (this.isZoomed) this.#moveTo({ min, max }, limits);
    else this.zoomTo({ min, max }, limits);
  }

  moveBy(ms, shown, limits) {
    this.#moveTo({ min: shown.min + ms, max: shown.max + ms }, limits);
  }

  #moveTo({ min, max }, limits) {
    const length = Math.min(Math.max(SHORTEST_MS, max - min), limits.max - limits.min);
    const middle = (min + max) / 2;
    const start = Math.min(Math.max(limits.min, middle - length / 2), limits.max - length);
    this.hold({ min: start, max: start + length });
  }
}
