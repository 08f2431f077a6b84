/** The last value of each name of a device: which one that is, ROOMS.md says ("A reading's time"). */

/** The time for which a value counts: one that is ahead of the server's counts as the server's. */
export const timeOfValue = (at, now) => (at === null ? now : Math.min(at, now));

/** Whether a value of `time` takes the place of one of `before`, undefined if there is none. */
const isLast = (time, before, now) => before === undefined || time >= Math.min(before, now);

export class Last {
  values = new Map(); // name -> number, string, bool or whatever came
  times = new Map(); // name -> for when it counts; of a guessed one, no later than this
  // A snapshot says no times of its last values. Where nothing else does: name -> no earlier.
  #guessed = new Map();

  /** Take a value if it is the last one; false if it is not. `at` is null if its time is not known. */
  take(name, value, { at, isOfBatch }, now) {
    const isGuessed = this.#guessed.has(name);
    // A batch may be a backlog that the value shown has overtaken; what comes alone is news.
    if (isGuessed && isOfBatch && at === null) return false;
    const before = isGuessed && !isOfBatch ? this.#guessed.get(name) : this.times.get(name);
    const time = timeOfValue(at, now);
    if (!isLast(time, before, now)) return false;
    this.restore(name, value, time);
    this.#guessed.delete(name);
    return true;
  }

  /** A value of a snapshot, of this time. */
  restore(name, value, time) {
    this.values.set(name, value);
    this.times.set(name, time);
  }

  /** A value of a snapshot, of a time between these two. */
  guess(name, value, earliest, latest) {
    this.restore(name, value, latest);
    this.#guessed.set(name, earliest);
  }
}
