// Which points answer a question: how long they are, and of which tier they are made.

import { LENGTH_MS, type Tier } from "./tiers.ts";

const S = 1000;
const MIN = LENGTH_MS.minutes;
const H = LENGTH_MS.hours;
const DAY = 24 * H;
const LENGTHS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * S),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MIN),
  ...[1, 2, 3, 6, 12].map((n) => n * H),
];
const LEAST = { raw: S, minutes: MIN, hours: H };

/** A part of time: `since` <= at < `until`, in ms since 1970. */
export interface Range {
  since: number;
  until: number;
}

/**
 * Return the shortest length of which at most `most` points cover the range.
 *
 * `finest` is the finest tier that has what is needed.
 */
export function lengthFor(range: Range, most: number, finest: Tier): number {
  const fits = (length: number) => length >= LEAST[finest] && needed(range, length) <= most;
  const length = LENGTHS.find(fits);
  if (length !== undefined) return length;
  let days = Math.max(1, Math.floor((range.until - range.since) / DAY / most));
  while (needed(range, days * DAY) > most) days++;
  return days * DAY;
}

/** Return the tier of which points of this length are made. */
export function tierFor(length: number): Tier {
  if (length < MIN) return "raw";
  return length < H ? "minutes" : "hours";
}

/** Return the range made longer, so that it has only whole points of this length. */
export function whole({ since, until }: Range, length: number): Range {
  const down = Math.floor(since / length) * length;
  return { since: down, until: Math.ceil(until / length) * length };
}

function needed(range: Range, length: number): number {
  const { since, until } = whole(range, length);
  return (until - since) / length;
}
