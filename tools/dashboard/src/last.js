/** The last value of each name of a device, by the rules of ROOMS.md ("A reading's time"). */

/** The time that counts for a value. A time ahead of the server's counts as the server's. */
export const timeOfValue = (at, now) => (at === null ? now : Math.min(at, now));

/** Whether a value of `time` replaces one of `before`, which is undefined if there is none. */
const isLast = (time, before, now) => before === undefined || time >= Math.min(before, now);

export class Last {
  values = new Map(); // name -> number, string, bool or whatever came
  // name -> the time that counts. For a guessed one: the latest possible time.
  times = new Map();
  // A snapshot has no times for its last values. If nothing else has one: name -> earliest possible.
  #guessed = new Map();

  /** Set a value if it is the last one, else return false. `at` is null if its time is not known. */
  take(name, value, { at, isOfBatch }, now) {
    const isGuessed = this.#guessed.has(name);
    // A batch may be older than the value shown. A reading that comes alone is new.
    if (isGuessed && isOfBatch && at === null) return false;
    const before = isGuessed && !isOfBatch ? this.#guessed.get(name) : this.times.get(name);
    const time = timeOfValue(at, now);
    if (!isLast(time, before, now)) return false;
    this.restore(name, value, time);
    this.#guessed.delete(name);
    return true;
  }

  /** Set a value from a snapshot whose time is known. */
  restore(name, value, time) {
    this.values.set(name, value);
    this.times.set(name, time);
  }

  /** Set a value from a snapshot whose time is between these two. */
  guess(name, value, earliest, latest) {
    this.restore(name, value, latest);
    this.#guessed.set(name, earliest);
  }
}
