/**
 * The history of the values in the chart: what the page's memory has, and where that does not reach,
 * what the server has. For each line, {id, memory}, it asks for an overview of all time, and for
 * finer points of the range that is seen. `memory` is a Series, Changes, or null.
 */

import { overlaidChanges } from "./changes.js";
import { Part } from "./part.js";
import { Points, indexIn } from "./points.js";

const OVERVIEW = { points: 300 };
const MOST_POINTS = 2000;
// What is asked for on both sides of the range, as a part of it, so that a small move needs no more.
const MARGIN = 0.1;
const SOON_MS = 150;
// The server is left alone for so many times as long as its answer took.
const REST = 4;
const LONGEST_REST_MS = 1500;
const AFTER_ERROR_MS = 10_000;

const NO_MEMORY = { at: [], y: [], list: [], first: Infinity, whole: Infinity, indexOf: () => 0 };

/** Whether the memory has all that there is of the range. */
const reaches = (memory, { min }, overview) => memory.whole <= Math.max(min, overview.first);

export class Past {
  // Why the last question has no answer, or "".
  error = "";
  #kept = new Map(); // id of a line -> {overview, detail}, each a Part or undefined
  // What is seen now: {lines, range, points}.
  #wish = null;
  // The question under way: {detail, stop()}, or null.
  #job = null;
  #timer = null;
  #mayAskAt = 0;

  /**
   * `ask(lines, question, signal)` returns {at, found}: the server's time, and id -> {history,
   * changes}. `changed()` is called after each answer or error.
   */
  constructor(ask, changed) {
    this.ask = ask;
    this.changed = changed;
  }

  get isAsking() {
    return this.#job !== null || this.#timer !== null;
  }

  /** Note what is seen now, and ask for what is missing. Lines that are gone are forgotten. */
  look(lines, range, points) {
    this.#wish = { lines, range, points };
    const ids = new Set(lines.map(({ id }) => id));
    for (const id of this.#kept.keys()) if (!ids.has(id)) this.#kept.delete(id);
    if (this.#missing.length === 0) {
      this.error = "";
      return;
    }
    if (this.#job?.detail.covers(range)) return;
    this.#job?.stop();
    this.#timer ??= setTimeout(() => this.#run(), Math.max(SOON_MS, this.#mayAskAt - Date.now()));
  }

  /** When the history of this line begins, as far as is known. Infinity if it has none. */
  firstOf({ id, memory }) {
    return Math.min(this.#kept.get(id)?.overview?.first ?? Infinity, (memory ?? NO_MEMORY).first);
  }

  /** When the last reading of this line was. -Infinity if it has none. */
  lastOf({ id, memory }) {
    return memory?.endAt || (this.#kept.get(id)?.overview?.points.at.at(-1) ?? -Infinity);
  }

  /** The Points of a line whose memory is a Series, as far as they are needed for this range. */
  pointsOf({ id, memory }, range) {
    const { overview, detail } = this.#kept.get(id) ?? {};
    const known = memory ?? NO_MEMORY;
    if (!overview || reaches(known, range, overview)) return Points.ofReadings(known.at, known.y);
    let points = overview.points;
    if (detail) points = points.overlaid(detail.points, detail.since, detail.until);
    // The point in which the memory begins is whole only at the server.
    const from = points.at[indexIn(points.at, known.whole)] ?? known.whole;
    const start = known.indexOf(from);
    return points.overlaid(Points.ofReadings(known.at.slice(start), known.y.slice(start)), from);
  }

  /** [at, value] of a line whose memory is Changes. */
  changesOf({ id, memory }) {
    const { overview, detail } = this.#kept.get(id) ?? {};
    let list = overview?.changes ?? [];
    if (detail) list = overlaidChanges(list, detail.changes, detail.since, detail.until);
    const { list: known, whole } = memory ?? NO_MEMORY;
    const until = Math.max(overview?.until ?? -Infinity, detail?.until ?? -Infinity);
    // A change that came late is not in the memory.
    const from = Math.min(whole, until);
    return overlaidChanges(list, known.filter(([at]) => at >= from), from, Infinity);
  }

  /** The lines whose range is not known. */
  get #missing() {
    return this.#wish.lines.filter((line) => !this.#isKnown(line, this.#wish.range));
  }

  #isKnown({ id, memory }, range) {
    const { overview, detail } = this.#kept.get(id) ?? {};
    if (!overview?.isCurrent(memory)) return false;
    const parts = [overview, detail].filter((part) => part?.isCurrent(memory));
    if (parts.some((part) => part.covers(range, memory))) return true;
    return reaches(memory ?? NO_MEMORY, range, overview);
  }

  async #run() {
    this.#timer = null;
    const { range, points } = this.#wish;
    const margin = MARGIN * (range.max - range.min);
    const question = {
      since: Math.floor(range.min - margin),
      until: Math.ceil(range.max + margin),
      points: Math.min(MOST_POINTS, Math.ceil(points * (1 + 2 * MARGIN))),
    };
    const missing = this.#missing;
    const unseen = missing.filter(({ id, memory }) => !this.#kept.get(id)?.overview?.isCurrent(memory));
    const abort = new AbortController();
    const job = { detail: new Part(question, null), stop: () => abort.abort() };
    this.#job = job;
    const begun = Date.now();
    try {
      await Promise.all([
        this.#learn("overview", unseen, OVERVIEW, abort.signal),
        this.#learn("detail", missing, question, abort.signal),
      ]);
      this.error = "";
      this.#mayAskAt = Date.now() + Math.min(LONGEST_REST_MS, REST * (Date.now() - begun));
    } catch (error) {
      if (!abort.signal.aborted) {
        this.error = error.message;
        this.#mayAskAt = Date.now() + AFTER_ERROR_MS;
      }
      abort.abort();
    }
    if (this.#job === job) this.#job = null;
    this.changed();
  }

  async #learn(what, lines, question, signal) {
    if (lines.length === 0) return;
    const parts = lines.map(({ id, memory }) => ({ id, part: new Part(question, memory) }));
    const { at, found } = await this.ask(lines, question, signal);
    for (const { id, part } of parts) {
      this.#kept.set(id, { ...this.#kept.get(id), [what]: part.fill(found.get(id) ?? {}, at) });
    }
  }
}
