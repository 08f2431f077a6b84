// A rate limit: so many messages a second, and twice as many at once.

export class Rate {
  readonly #perSecond: number;
  #left: number;
  #at = 0; // ms

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#left = 2 * perSecond;
  }

  /** Count one message at `now` (ms) and return true. Return false if it is one too many. */
  allows(now: number): boolean {
    const gained = ((now - this.#at) / 1000) * this.#perSecond;
    this.#left = Math.min(2 * this.#perSecond, this.#left + Math.max(0, gained));
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
