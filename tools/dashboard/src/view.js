/** Which stretch of time the chart shows: the last minutes, moving on, or a part held still. Pure. */

export const MINUTE_MS = 60_000;
export const SPANS_MS = [5 * MINUTE_MS, 60 * MINUTE_MS, Infinity];

const SHORTEST_MS = 1000; // closer there is nothing to see
const EMPTY_MS = 10_000; // while there is less history than this, it does not fill the width

export class View {
  spanMs = SPANS_MS[0];
  isZoomed = false;
  #held = null; // {min, max} that does not move, or null

  get isHeld() {
    return this.#held !== null;
  }

  /** {min, max} in ms, when the history begins at `first` and now is `now`. */
  range(first, now) {
    if (this.#held) return this.#held;
    return { min: Math.max(this.limits(first, now).min, now - this.spanMs), max: now };
  }

  /** All there is: nothing beyond is worth a look. */
  limits(first, now) {
    return { min: Math.min(first, now - EMPTY_MS), max: now };
  }

  follow(spanMs = this.spanMs) {
    this.spanMs = spanMs;
    this.isZoomed = false;
    this.#held = null;
  }

  /** Stand still at what is shown. */
  hold(range) {
    this.#held = { ...range };
  }

  /** Show this part, and no less than a second, within `limits`. */
  zoomTo({ min, max }, limits) {
    const length = Math.min(Math.max(SHORTEST_MS, max - min), limits.max - limits.min);
    const middle = (min + max) / 2;
    const start = Math.min(Math.max(limits.min, middle - length / 2), limits.max - length);
    this.isZoomed = true;
    this.hold({ min: start, max: start + length });
  }

  /** Show `factor` times as much, with the moment `at` where it was. */
  zoomBy(factor, at, shown, limits) {
    const min = at - (at - shown.min) * factor;
    const max = at + (shown.max - at) * factor;
    this.zoomTo({ min, max }, limits);
  }

  moveBy(ms, shown, limits) {
    this.zoomTo({ min: shown.min + ms, max: shown.max + ms }, limits);
  }
}
