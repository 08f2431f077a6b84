/** A part of the server's history of one value, as it was when the server was asked. Pure. */

import { changesIn } from "./changes.js";
import { Points } from "./points.js";

// A part is too coarse for a range that is so many times shorter.
const COARSE = 2.5;

const listOf = (value) => (Array.isArray(value) ? value : []);

export class Part {
  /** `question`: {since, until, points}. `memory`: a Series, Changes, or null. */
  constructor({ since = -Infinity, until = Infinity, points }, memory) {
    this.since = since;
    this.until = until;
    this.askedMs = until - since;
    this.most = points;
    this.memory = memory;
    this.late = memory?.late;
  }

  /** Take the answer that the server gave at this time. */
  fill({ history, changes }, at) {
    this.until = Math.min(this.until, at);
    this.points = Points.ofAnswer(listOf(history));
    this.changes = changesIn(listOf(changes));
    // When its history begins.
    this.first = Math.min(this.points.at[0] ?? Infinity, this.changes[0]?.[0] ?? Infinity);
    const isRaw = this.points.count.every((count) => count === 1);
    this.isFinest = isRaw && this.changes.length < this.most;
    return this;
  }

  /** False if a reading came since that changes it, or a snapshot, which makes a new memory. */
  isCurrent(memory) {
    return this.memory === memory && this.late === memory?.late;
  }

  /** Whether it is enough for this range, together with the memory. */
  covers({ min, max }, memory = null) {
    const meetsMemory = max <= this.until || !(memory?.wholeSoon > this.until);
    return this.since <= min && meetsMemory && this.isFineFor(max - min);
  }

  isFineFor(ms) {
    return this.isFinest || this.askedMs <= COARSE * ms;
  }
}
