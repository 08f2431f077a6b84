/** The history of one bool or text, in limited memory: when it became what. */

// Of one series. The server keeps more.
const MOST = 200;
const FEWEST = 20;
const ALL = 200_000;

// The number of series in use.
let count = 0;

const isState = (value) => typeof value === "boolean" || typeof value === "string";

/** [at, value] of a list, without what is no change. */
export const changesIn = (list) =>
  (Array.isArray(list) ? list : []).filter(
    (each) => Array.isArray(each) && Number.isFinite(each[0]) && isState(each[1]),
  );

/** Leave out each one that does not change the value. */
const distinct = (list) => list.filter(([, value], i) => value !== list[i - 1]?.[1]);

export class Changes {
  // [at, value], ascending.
  list = [];
  // How many values came that were measured before a newer one. Only the server knows their place.
  late = 0;
  #readAt = 0;

  constructor() {
    count++;
  }

  /** Start with the list of a snapshot. */
  restore(list) {
    this.list = changesIn(list);
    this.#readAt = this.list.at(-1)?.[0] ?? 0;
  }

  /** When the last value was measured. */
  get endAt() {
    return this.#readAt;
  }

  get first() {
    return this.list[0]?.[0] ?? Infinity;
  }

  /** Since this moment, all changes are here. */
  get whole() {
    return this.late ? Infinity : this.first;
  }

  /** As `whole`, when the oldest change has been cut next time. */
  get wholeSoon() {
    return this.first;
  }

  add(at, value) {
    if (!isState(value)) return;
    if (at < this.#readAt) {
      this.late++;
      return;
    }
    this.#readAt = at;
    if (value === this.list.at(-1)?.[1]) return;
    this.list.push([at, value]);
    const most = Math.max(FEWEST, Math.min(MOST, Math.floor(ALL / count)));
    if (this.list.length > most) this.list = this.list.slice(-most);
  }

  /** End the use of this series, so that the others may keep more. */
  release() {
    count--;
  }
}

/** These changes, but between two moments those of `other`. Its first may be from before `from`. */
export function overlaidChanges(list, other, from, to) {
  const start = Math.min(from, other[0]?.[0] ?? Infinity);
  return distinct([
    ...list.filter(([at]) => at < start),
    ...other,
    ...list.filter(([at]) => at >= to),
  ]);
}

/** {from, to, value} of the changes that are seen between two moments. The last one lasts. */
export function spells(list, { min, max }) {
  return list
    .map(([at, value], i) => ({ from: at, to: list[i + 1]?.[0] ?? Infinity, value }))
    .filter(({ from, to }) => to > min && from <= max);
}

/** The value in force at a moment, or null. */
export const stateAt = (list, moment) => list.findLast(([at]) => at <= moment)?.[1] ?? null;
