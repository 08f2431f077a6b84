/** What is known about one device. No page, no network. */

import { aboutOf } from "./about.js";
import { Changes } from "./changes.js";
import { Last, timeOfValue } from "./last.js";
import { layout } from "./layout.js";
import { RECONNECTS } from "./names.js";
import { Series } from "./series.js";

// Names of one device. Our servers keep fewer; this is a limit for others.
export const MOST_VALUES = 128;
// As many as a server keeps.
const MOST_UNDATED = 20;
const SILENT_MS = 60_000;
const SILENT_GAPS = 3;

export class Device {
  online = false;
  // True if it was seen with its own connection.
  wasPresent = false;
  // When it last sent something, in ms since 1970 by the server's clock. 0 if never.
  at = 0;
  // When its latest reading was measured.
  readAt = 0;
  // From one reading to the next.
  usualGapMs = 0;
  about = aboutOf({});
  history = new Map(); // value name -> Series
  changes = new Map(); // value name -> Changes, of bools and texts
  // [when it came, values] of the readings whose time is not known, the oldest first.
  undated = [];
  lasts = new Last();
  // On this connection. A reading without a time may be older than a live value.
  #hasSentLive = false;

  constructor(name) {
    this.name = name;
  }

  /** The name that people see: given to it in this room, or its own. */
  get title() {
    return layout.of(this.name).name ?? this.about.name ?? this.name;
  }

  /**
   * True if it has ever had its own connection. Servers do not say this about an offline device,
   * but a device that only posts has never sent a hello, and does not count reconnects.
   */
  get hasJoined() {
    const { name, units, controls } = this.about;
    const hasSaidHello = name !== null || units.size > 0 || controls.size > 0;
    return this.wasPresent || hasSaidHello || this.last.has(RECONNECTS);
  }

  /** True if it is offline, and may come back. */
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

  /** Note that it came online or went offline. */
  present(isOnline, at) {
    this.online = isOnline;
    this.wasPresent = true;
    this.at = Math.max(this.at, at);
    // What comes next is sent on another connection. That one came online may be told late, when it
    // has already sent something.
    if (!isOnline) this.#hasSentLive = false;
  }

  /**
   * Add a reading. `at` is null if its time is not known; `came` is when it came. `isLive` and
   * `isOfBatch` say how it came. `now` is the server's time.
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
      if (at !== null) (isNumber ? this.series(name) : this.states(name)).add(at, value);
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

  states(name) {
    let changes = this.changes.get(name);
    if (!changes) this.changes.set(name, (changes = new Changes()));
    return changes;
  }

  /** True if nothing came for longer than usual, and for more than a minute. */
  isSilent(now) {
    return now - this.readAt > Math.max(SILENT_MS, SILENT_GAPS * this.usualGapMs);
  }

  /** Update the usual gap. A backlog is older than the latest reading, so it does not count. */
  #measured(at) {
    if (at <= this.readAt) return;
    if (this.readAt) {
      const weight = this.usualGapMs ? 0.2 : 1;
      this.usualGapMs += weight * (at - this.readAt - this.usualGapMs);
    }
    this.readAt = at;
  }

  release() {
    for (const kept of [...this.history.values(), ...this.changes.values()]) kept.release();
  }
}
