/** The range of time that the chart shows: the last minutes, moving, or a fixed part. Pure. */

export const MINUTE_MS = 60_000;
export const SPANS_MS = [5 * MINUTE_MS, 60 * MINUTE_MS, Infinity];

// A shorter range would show nothing useful.
const SHORTEST_MS = 1000;
// A history that is shorter than this does not fill the width.
const EMPTY_MS = 10_000;

export class View {
  spanMs = SPANS_MS[0];
  isZoomed = false;
  // {min, max} that does not move, or null.
  #held = null;

  get isHeld() {
    return this.#held !== null;
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
    this.isZoomed = false;
    this.#held = null;
  }

  /** Stop at the range that is shown. */
  hold(range) {
    this.#held = { ...range };
  }

  /** Show this part, at least a second, within `limits`. */
  zoomTo({ min, max }, limits) {
    const length = Math.min(Math.max(SHORTEST_MS, max - min), limits.max - limits.min);
    const middle = (min + max) / 2;
    const start = Math.min(Math.max(limits.min, middle - length / 2), limits.max - length);
    this.isZoomed = true;
    this.hold({ min: start, max: start + length });
  }

  /** Show `factor` times as much. The moment `at` stays in its place. */
  zoomBy(factor, at, shown, limits) {
    const min = at - (at - shown.min) * factor;
    const max = at + (shown.max - at) * factor;
    this.zoomTo({ min, max }, limits);
  }

  moveBy(ms, shown, limits) {
    this.zoomTo({ min: shown.min + ms, max: shown.max + ms }, limits);
  }
}
