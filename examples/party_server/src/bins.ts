// Aggregates: the mean, least, greatest and number of the readings in one stretch of time.

import { type Bin, type Entry, LENGTH_MS, type Point, type Tier } from "./tiers.ts";

/** Return the entries of a tier that are made of `points`. Both are in the order of their times. */
export function entriesOf(tier: Tier, points: Point[]): Entry[] {
  return tier === "raw" ? points : binned(points, LENGTH_MS[tier]);
}

/** Return all entries of one tier in the order of their times. Bins of the same time become one. */
export function merged(tier: Tier, old: Entry[], more: Entry[]): Entry[] {
  // Mostly there is nothing to merge, and there may be thousands.
  if (old.length === 0) return more;
  if (more.length === 0) return old;
  // The sort is stable: of two points with the same time, the old one stays first.
  const all = [...old, ...more].sort(([a], [b]) => a - b);
  return tier === "raw" ? all : binned(all, LENGTH_MS[tier]);
}

/** Return bins of this length, which begin at its multiples since 1970. Without empty ones. */
export function binned(entries: readonly Entry[], length: number): Bin[] {
  const bins: Bin[] = [];
  for (const entry of entries) {
    const at = Math.floor(entry[0] / length) * length;
    const last = bins.at(-1);
    const bin = asBin(at, entry);
    if (last?.[0] === at) bins[bins.length - 1] = together(last, bin);
    else bins.push(bin);
  }
  return bins;
}

function asBin(at: number, entry: Entry): Bin {
  if (entry.length === 2) return [at, entry[1], entry[1], entry[1], 1];
  const [, mean, min, max, count] = entry;
  return [at, mean, min, max, count];
}

function together(one: Bin, other: Bin): Bin {
  const [more, less] = one[4] < other[4] ? [other, one] : [one, other];
  const min = Math.min(one[2], other[2]);
  const max = Math.max(one[3], other[3]);
  const count = one[4] + other[4];
  // more.mean + (less.mean - more.mean) * less.count / count. The difference of two huge numbers
  // may be no number, but that of their halves is one. A step of half the way is the longest.
  const step = ((less[1] / 2 - more[1] / 2) / count) * less[4] * 2;
  // Rounding must not lead out of the range of the values.
  const mean = Math.min(max, Math.max(min, more[1] + step));
  return [one[0], mean, min, max, count];
}
