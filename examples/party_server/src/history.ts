// The history of a room: numbers in three tiers, and the changes of bools and texts.

import { binned, entriesOf, merged } from "./bins.ts";
import { Changes, type ValueAt } from "./changes.ts";
import { Chunks, type Series } from "./chunks.ts";
import { lengthFor, type Range, tierFor, whole } from "./range.ts";
import { Heads } from "./series.ts";
import {
  type ByTier,
  type Entry,
  LENGTH_MS,
  NOTHING_IS_OLD,
  oldest,
  type Point,
  type Tier,
  TIERS,
} from "./tiers.ts";

// Longer ago than any reading, in ms.
const EVER = 1e15;
// To make points of seconds, at most so many readings are read.
const MOST_RAW = 20000;

/** What is asked of a series. Without a bound, all that is kept. */
export interface Wanted extends Partial<Range> {
  points: number;
}

/** A tier of a series: what is in its chunks, and the entries that are in none yet. */
interface Source {
  series: Series;
  tier: Tier;
  head: Entry[];
}

/** Entries that were read together, and the time from which the next ones are read. */
export interface Piece {
  entries: Entry[];
  next: number;
}

export class History {
  readonly changes: Changes;
  readonly #heads: Heads;
  readonly #chunks: Chunks;
  readonly #sql: SqlStorage;
  readonly #ages: ByTier;
  readonly #maxBytes: number;

  constructor(sql: SqlStorage, ages: ByTier, maxBytes: number) {
    this.#sql = sql;
    this.#ages = ages;
    this.#maxBytes = maxBytes;
    this.#heads = new Heads(sql);
    this.#chunks = new Chunks(sql);
    this.changes = new Changes(sql);
  }

  /** Add numbers. What is older than `oldest` is left out or deleted. */
  addPoints(series: Series, points: readonly Point[], oldest: ByTier): void {
    const young = points.filter(([at]) => at >= oldest.hours);
    if (young.length === 0) return;
    const older = this.#heads.add(series, young);
    if (older.length === 0) return;
    // Two chunks for the one that comes, so that the storage becomes smaller.
    if (this.#isFull()) this.#chunks.shrink(series, 2);
    for (const tier of TIERS) {
      const kept = older.filter(([at]) => at >= oldest[tier]);
      this.#chunks.put(series, tier, entriesOf(tier, kept));
      this.#chunks.trim(series, tier, oldest[tier]);
    }
  }

  /** Add bools and texts. `known` is the time of the last one before. */
  addValues(series: Series, values: readonly ValueAt[], known: number, oldest: ByTier): void {
    let last = known;
    let added = 0;
    for (const value of values) {
      if (value[0] < oldest.hours) continue;
      if (this.changes.add(series, value, last)) added++;
      last = Math.max(last, value[0]);
    }
    if (added === 0) return;
    if (this.#isFull()) this.changes.shrink(series, 2 * added);
    this.changes.trim(series, oldest.hours, added);
  }

  /** Add numbers of another server, of all ages. They are the newest of their series. */
  adoptPoints(series: Series, points: readonly Point[]): void {
    this.addPoints(series, points, NOTHING_IS_OLD);
  }

  /** Add entries of a tier of another server, which are in no other tier. */
  adopt(series: Series, tier: Tier, entries: Entry[]): void {
    this.#chunks.put(series, tier, entries);
  }

  /** Yield all entries of a tier before `until`, of all ages. */
  *all(series: Series, tier: Tier, until: number): Generator<Entry[]> {
    const source = this.#source(series)(tier);
    for (let since = -EVER; since < until; ) {
      const { entries, next } = this.#piece(source, { since, until }, -Infinity);
      yield entries;
      since = next;
    }
  }

  /** Remove a series. */
  drop(series: Series): void {
    for (const part of [this.#heads, this.#chunks, this.changes]) part.drop(series);
  }

  /** Remove all series of a device. */
  forget(device: string): void {
    for (const part of [this.#heads, this.#chunks, this.changes]) part.forget(device);
  }

  /** Return the times before which entries are too old to be shown. */
  oldest(now: number): ByTier {
    return oldest(this.#ages, now);
  }

  /** Return the newest readings of each series of a device, the oldest first. */
  newest(device: string, most: number, now: number): Map<string, Point[]> {
    const oldest = this.oldest(now).raw;
    const found = new Map<string, Point[]>();
    for (const [name, points] of this.#heads.newest(device, most)) {
      const young = points.filter(([at]) => at >= oldest);
      if (young.length > 0) found.set(name, young);
    }
    return found;
  }

  /** Return the finest points of a series that fit. */
  part(series: Series, wanted: Wanted, now: number): Entry[] {
    const source = this.#source(series);
    const ends = TIERS.map((tier) => this.#ends(source(tier), wanted, now));
    for (const [index, finest] of TIERS.entries()) {
      // The points go from the first in the range to the last: empty time needs none.
      const range = around(ends.slice(0, index + 1));
      if (range === null || !reaches(range, index, ends)) continue;
      if (finest === "raw") {
        const raw = this.#read(source("raw"), range, wanted.points, now);
        if (raw) return raw;
      }
      const length = lengthFor(range, wanted.points, finest);
      const tier = tierFor(length);
      const most = tier === "raw" ? MOST_RAW : Infinity;
      const entries = this.#read(source(tier), whole(range, length), most, now);
      if (entries) return binned(entries, length);
    }
    return [];
  }

  /** Return the next entries of a tier in the range: what one chunk and the head have of it. */
  piece(series: Series, tier: Tier, range: Range, now: number): Piece {
    return this.#piece(this.#source(series)(tier), range, now);
  }

  /** Return a function that returns a tier of a series. Its newest points are read only once. */
  #source(series: Series): (tier: Tier) => Source {
    const points = this.#heads.read(series);
    return (tier) => ({ series, tier, head: entriesOf(tier, points) });
  }

  #piece({ series, tier, head }: Source, { since, until }: Range, now: number): Piece {
    const from = Math.max(since, this.oldest(now)[tier]);
    const { end, entries } = this.#chunks.at(series, tier, from);
    const to = Math.min(end, until);
    const isHere = ([at]: Entry) => from <= at && at < to;
    const here = merged(tier, entries.filter(isHere), head.filter(isHere));
    return { entries: here, next: end < until ? end : Infinity };
  }

  /** Return all entries in the range, or null if there are more than `most`. */
  #read(source: Source, range: Range, most: number, now: number): Entry[] | null {
    const all: Entry[] = [];
    for (let { since, until } = range; since < until; ) {
      const { entries, next } = this.#piece(source, { since, until }, now);
      for (const entry of entries) all.push(entry);
      if (all.length > most) return null;
      since = next;
    }
    return all;
  }

  /** Return the part of time that the entries in the range take. Null: there are none. */
  #ends(source: Source, { since, until }: Wanted, now: number): Range | null {
    const { tier } = source;
    const length = tier === "raw" ? 1 : LENGTH_MS[tier];
    // An entry is in the range if its start is.
    const from = Math.ceil((since ?? 0) / length) * length;
    const first = this.#first(source, { since: from, until: until ?? Infinity }, now);
    if (first === null) return null;
    return { since: first, until: this.#last(source, until ?? Infinity) + length };
  }

  #first(source: Source, { since, until }: Range, now: number): number | null {
    for (let from = since; from < until; ) {
      const piece = this.#piece(source, { since: from, until }, now);
      if (piece.entries[0]) return piece.entries[0][0];
      from = piece.next;
    }
    return null;
  }

  /** Return the time of the last entry before `until`. There is one. */
  #last({ series, tier, head }: Source, until: number): number {
    const { entries } = this.#chunks.at(series, tier, until - 1);
    const isBefore = ([at]: Entry) => at < until;
    const last = (all: Entry[]) => all.findLast(isBefore)?.[0] ?? -Infinity;
    return Math.max(last(entries), last(head));
  }

  #isFull(): boolean {
    return this.#sql.databaseSize > this.#maxBytes;
  }
}

/** Return the part of time around all of these. Null: there are none. */
function around(ranges: (Range | null)[]): Range | null {
  const found = ranges.filter((range) => range !== null);
  if (found.length === 0) return null;
  const since = Math.min(...found.map((range) => range.since));
  return { since, until: Math.max(...found.map((range) => range.until)) };
}

/** Whether a range begins as early as those of the longer tiers, which have longer entries. */
function reaches({ since }: Range, index: number, ends: (Range | null)[]): boolean {
  return TIERS.every((tier, other) => {
    const longer = ends[other];
    if (other <= index || tier === "raw" || !longer) return true;
    return Math.floor(since / LENGTH_MS[tier]) * LENGTH_MS[tier] <= longer.since;
  });
}
