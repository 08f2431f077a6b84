// The tiers of the history: what an entry of each is, and how long it is kept.

export type Point = [at: number, value: number];
/** The readings of one minute, one hour or another length. `at` is its start. */
export type Bin = [at: number, mean: number, min: number, max: number, count: number];
export type Entry = Point | Bin;

/** From the finest to the longest. */
export const TIERS = ["raw", "minutes", "hours"] as const;
export type Tier = (typeof TIERS)[number];

/** How long the bins of a tier are, in ms. */
export const LENGTH_MS = { minutes: 60_000, hours: 3_600_000 };

/** By tier: a time in ms, or an age in ms. */
export type ByTier = Record<Tier, number>;

/** The times before which nothing is too old. */
export const NOTHING_IS_OLD: ByTier = { raw: -Infinity, minutes: -Infinity, hours: -Infinity };

/** Return the times before which entries are too old to be shown. */
export function oldest(ages: ByTier, now: number): ByTier {
  return { raw: now - ages.raw, minutes: now - ages.minutes, hours: now - ages.hours };
}
