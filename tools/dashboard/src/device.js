/** What is known of one device. No page, no network. */

import { aboutOf } from "./about.js";
import { Last, timeOfValue } from "./last.js";
import { RECONNECTS } from "./names.js";
import { Series } from "./series.js";

export const MOST_VALUES = 128; // names of one device; a server keeps fewer, this bounds one that does not
const MOST_UNDATED = 20; // as many as a server keeps
const SILENT_MS = 60_000;
const SILENT_GAPS = 3;

export class Device {
  online = false;
  wasPresent = false; // it was seen with a connection of its own
  at = 0; // when it was last heard of, in ms since 1970 by the server's clock, 0 if never
  readAt = 0; // when the latest of its readings was measured
  usualGapMs = 0; // from one reading to the next
  about = aboutOf({});
  history = new Map(); // value name -> Series
  undated = []; // [when it came, values] of readings whose time is not known, the oldest first
  lasts = new Last();
  #hasSentLive = false; // since it came: what it sends without a time may be older than that

  constructor(name) {
    this.name = name;
  }

  /** What people call it. */
  get title() {
    return this.about.name ?? this.name;
  }

  /**
   * It has had a connection of its own. Servers do not tell that of a device that is away, but who
   * only posts has never said hello, and does not count reconnects.
   */
  get hasJoined() {
    const { name, units, controls } = this.about;
    const hasSaidHello = name !== null || units.size > 0 || controls.size > 0;
    return this.wasPresent || hasSaidHello || this.last.has(RECONNECTS);
  }

  /** It has gone, and may come back. */
  get isAway() {
    return this.hasJoined && !this.online;
  }

  /** Value name -> number, string, bool or whatever came. */
  get last() {
    return this.lasts.values;
  }

  /** Value name -> when. */
  get lastAt() {
    return this.lasts.times;
  }

  /** It came, or went. */
  present(isOnline, at) {
    this.online = isOnline;
    this.wasPresent = true;
    this.at = Math.max(this.at, at);
    this.#hasSentLive = false; // that was on another connection
  }

  /**
   * Take a reading: `at`, null if its time is not known, when it `came`, `values`, and whether it
   * `isLive`, or `isOfBatch`. `now` is the server's time.
   */
  read(reading, now) {
    const { at, values, came, isLive } = reading;
    this.at = Math.max(this.at, now);
    if (isLive) this.#hasSentLive = true;
    else if (at === null) this.list([[came, values]]);
    const mayBeLast = at !== null || isLive || !this.#hasSentLive;
    if (mayBeLast) this.#measured(timeOfValue(at, now));
    for (const [name, value] of Object.entries(values)) {
      if (!this.last.has(name) && this.last.size >= MOST_VALUES) continue;
      const isNumber = Number.isFinite(value);
      if (isNumber && at !== null) this.series(name).add(at, value);
      if (!mayBeLast || !this.lasts.take(name, value, reading, now)) continue;
      if (isNumber) this.series(name).show(at, value);
    }
  }

  /** Add readings whose time is not known. */
  list(undated) {
    this.undated = [...this.undated, ...undated].slice(-MOST_UNDATED);
  }

  series(name) {
    let series = this.history.get(name);
    if (!series) this.history.set(name, (series = new Series()));
    return series;
  }

  /** Nothing has come for longer than is usual for it; a minute is never long. */
  isSilent(now) {
    return now - this.readAt > Math.max(SILENT_MS, SILENT_GAPS * this.usualGapMs);
  }

  /** A backlog is older than what is known: it says nothing of gaps. */
  #measured(at) {
    if (at <= this.readAt) return;
    if (this.readAt) {
      const weight = this.usualGapMs ? 0.2 : 1;
      this.usualGapMs += weight * (at - this.readAt - this.usualGapMs);
    }
    this.readAt = at;
  }

  release() {
    for (const series of this.history.values()) series.release();
  }
}
