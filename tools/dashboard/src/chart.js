/** The chart: several values over time, live or stopped, and the same data as a table. */

import { formatSpan, formatTime } from "./format.js";
import { listen } from "./gestures.js";
import { askHistory } from "./history.js";
import { LANE_PX } from "./lanes.js";
import { Line } from "./lines.js";
import { drawSoon, paintAtOnce, watchPicture } from "./paint.js";
import { Past } from "./past.js";
import { Plot } from "./plot.js";
import { usualGap } from "./points.js";
import { chosenSpan, listenToRanges, showSpan } from "./ranges.js";
import { paintTables } from "./tables.js";
import { onThemeChange } from "./theme.js";
import { View, spanFor } from "./view.js";

const byId = (id) => document.getElementById(id);
const chipTemplate = byId("chip");

/** Set a text. The same text again would make the browser lay out the page. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export class Chart {
  #view = new View();
  #lines = [];
  // The lines that have chips.
  #described = null;
  // The lines for which the plot was made.
  #shown = "";
  #range = { min: 0, max: 1 };
  // A moment, or null.
  #cursor = null;
  #width = 0;
  // True if the range was chosen, by the user or for the first readings.
  #hasSpan = false;

  /** `room`: devices (a Map), now(), choice. */
  constructor(room) {
    this.room = room;
    this.box = byId("plot");
    this.past = new Past(askHistory, () => drawSoon(this));
    this.plot = new Plot(this.box, {
      selected: (min, max) => this.#zoom(() => this.#view.zoomTo({ min, max }, this.#limits())),
      cursor: (at) => this.#moved(at),
    });
    listen(this.box, {
      plot: () => this.plot.uplot,
      zoomBy: (factor, at) => this.#zoomBy(factor, at),
      moveBy: (share) => this.#moveBy(share),
      back: () => this.#zoom(() => this.#view.back()),
      reset: () => this.follow(),
      step: (direction) => this.#step(direction),
      leave: () => this.plot.hideCursor(),
    });
    const span = chosenSpan();
    if (span) this.#open(span);
    listenToRanges((spanMs) => this.#open(spanMs));
    byId("pause").addEventListener("click", () => this.#pause());
    byId("back").addEventListener("click", () => this.#zoom(() => this.#view.back()));
    byId("chart-table").addEventListener("toggle", () => this.#paintTables());
    new ResizeObserver(([entry]) => {
      this.#width = Math.floor(entry.contentRect.width);
      drawSoon(this);
    }).observe(this.box);
    onThemeChange(() => this.plot.recolour());
    watchPicture(this, this.box);
    this.choose();
  }

  /** Handle a change of the chosen values, or of their names and units. */
  choose() {
    const { devices, choice } = this.room;
    const before = this.#lines;
    this.#lines = choice.list.map((chosen) => new Line(chosen, devices.get(chosen.device)));
    const described = JSON.stringify(this.#lines.map(({ description }) => description));
    if (described === this.#described) {
      // The chip may have the focus.
      this.#lines.forEach((line, i) => line.succeed(before[i]));
    } else {
      this.#described = described;
      this.#makeTitle();
      this.#makeChips();
      const lanes = this.#lines.filter(({ isState }) => isState).length;
      this.box.style.setProperty("--lanes", `${lanes * LANE_PX}px`);
      this.box.toggleAttribute("data-lanes-only", lanes > 0 && lanes === this.#lines.length);
      byId("chart-empty").hidden = this.#lines.length > 0;
      this.box.hidden = this.#lines.length === 0;
    }
    drawSoon(this);
  }

  /** Handle new values of a device. */
  update(device) {
    const mine = this.#lines.filter(({ key }) => key === device.name);
    if (mine.length === 0) return;
    // A first reading, or one of another kind.
    if (mine.some(({ memory, isState, name }) => !memory || isState === Number.isFinite(device.last.get(name)))) {
      this.choose();
    } else drawSoon(this);
  }

  /** Handle the passing of time. */
  tick() {
    if (this.#lines.length && !this.#view.isHeld) drawSoon(this);
  }

  follow() {
    this.#zoom(() => this.#view.follow());
  }

  paint() {
    if (!this.#hasSpan) this.#suggestSpan();
    const range = this.#view.range(this.#first, this.room.now());
    this.#range = range;
    if (this.#lines.length && this.#width > 0) this.#draw(range);
    this.box.dataset.view = this.#view.isZoomed ? "zoomed" : this.#view.isHeld ? "paused" : "live";
    this.box.dataset.asking = this.past.isAsking;
    this.box.dataset.from = Math.round(range.min);
    this.box.dataset.to = Math.round(range.max);
    this.#paintButtons();
    this.#paintChips();
    this.#paintTables();
    this.#paintWord();
  }

  #draw(range) {
    this.past.look(this.#lines, range, this.#width);
    const numbers = this.#lines.filter(({ isState }) => !isState);
    const states = this.#lines.filter(({ isState }) => isState);
    for (const line of numbers) line.points = this.past.pointsOf(line, range).within(range, this.#width);
    for (const line of states) line.changes = this.past.changesOf(line);
    const lanes = states.map((line) => line.lane(range, this.#nameOf(line)));
    if (this.#described !== this.#shown) this.plot.clear();
    this.#shown = this.#described;
    this.box.dataset.points = this.plot.draw(numbers, lanes, range, this.#width, this.box.clientHeight);
    this.box.dataset.spells = lanes.reduce((sum, { spells }) => sum + spells.length, 0);
  }

  /** When the history of the lines begins. */
  get #first() {
    return Math.min(...this.#lines.map((line) => this.past.firstOf(line)));
  }

  get #last() {
    return Math.max(...this.#lines.map((line) => this.past.lastOf(line)));
  }

  #limits() {
    return this.#view.limits(this.#first, this.room.now());
  }

  /** Follow the range in which there are about a hundred readings, until the user chooses one. */
  #suggestSpan() {
    const gaps = this.#lines.map(({ memory }) => usualGap(memory?.at ?? [])).filter((gap) => gap > 0);
    if (gaps.length === 0) return;
    this.#hasSpan = true;
    this.#view.follow(spanFor(Math.min(...gaps)));
  }

  #open(spanMs) {
    this.#hasSpan = true;
    this.#zoom(() => this.#view.follow(spanMs));
  }

  #zoom(action) {
    action();
    drawSoon(this);
    this.#paintButtons();
  }

  #zoomBy(factor, at) {
    const { min, max } = this.#range;
    const centre = at ?? this.#cursor ?? (min + max) / 2;
    this.#zoom(() => this.#view.zoomBy(factor, centre, this.#range, this.#limits()));
  }

  #moveBy(share) {
    if (!this.#view.isZoomed) return;
    const ms = share * (this.#range.max - this.#range.min);
    this.#zoom(() => this.#view.moveBy(ms, this.#range, this.#limits()));
  }

  #pause() {
    if (this.#view.isHeld) this.follow();
    else this.#zoom(() => this.#view.hold(this.#range));
  }

  #step(direction) {
    this.plot.step(direction);
    const at = this.#cursor;
    if (at === null) return;
    const texts = this.#lines.map((line) => `${this.#nameOf(line)} ${this.#textAt(line, at)}`);
    byId("cursor-said").textContent = `${formatTime(at)}: ${texts.join(", ")}`;
  }

  #moved(at) {
    this.#cursor = at;
    paintAtOnce(this.chips);
  }

  chips = { paint: () => this.#paintChips() };

  #paintButtons() {
    const { isHeld, isZoomed, spanMs } = this.#view;
    showSpan(isZoomed ? null : spanMs);
    byId("pause").setAttribute("aria-pressed", String(isHeld));
    write(byId("pause-word"), isHeld ? "Go on" : "Pause");
    byId("back").hidden = !isZoomed;
  }

  /** True if all lines show the same value. Then it is the title, and the lines have device names. */
  get #isOfOneValue() {
    return new Set(this.#lines.map(({ name }) => name)).size === 1;
  }

  #nameOf({ title, label }) {
    return this.#isOfOneValue ? title : `${title} · ${label}`;
  }

  #textAt(line, at) {
    return line.textAt(at, this.#range.min);
  }

  #makeTitle() {
    const title = this.#isOfOneValue ? this.#lines[0].label : "Chart";
    byId("chart-title").textContent = title.charAt(0).toUpperCase() + title.slice(1);
    const names = this.#lines.map((line) => this.#nameOf(line));
    this.box.setAttribute("aria-label", `${title}, a chart over time of ${names.join(", ")}`);
  }

  #makeChips() {
    byId("chips").replaceChildren(
      ...this.#lines.map((line) => {
        const chip = chipTemplate.content.firstElementChild.cloneNode(true);
        const title = this.#nameOf(line);
        chip.dataset.slot = line.slot;
        chip.querySelector(".chip-name").textContent = title;
        const button = chip.querySelector("button");
        button.setAttribute("aria-label", `Take ${title} out of the chart`);
        button.addEventListener("click", () => {
          this.room.choice.toggle(line.key, line.name);
          byId("add-series").focus();
        });
        line.chip = chip;
        return chip;
      }),
    );
  }

  #paintChips() {
    const at = this.#cursor ?? this.#range.max;
    const isNow = this.#cursor === null && !this.#view.isHeld;
    for (const line of this.#lines) {
      const text = isNow ? line.textNow(this.#range.min) : this.#textAt(line, at);
      write(line.chip.querySelector(".chip-value"), text);
    }
    write(byId("cursor-time"), this.#cursor === null ? this.#span() : formatTime(at));
  }

  #span() {
    const { min, max } = this.#range;
    const span = formatSpan(max - min);
    return this.#view.isHeld ? `${span} until ${formatTime(max)}` : `the last ${span}`;
  }

  /** Say why there is less to see than was asked for. */
  #paintWord() {
    write(byId("chart-word"), this.#word());
  }

  #word() {
    const { error, isAsking } = this.past;
    if (error) return `The history could not be loaded: ${error}`;
    if (this.#lines.length === 0 || isAsking) return "";
    const { min, max } = this.#range;
    const first = this.#first;
    if (first === Infinity) return "No readings yet";
    const isEmpty = this.#lines.every((line) =>
      line.isState ? !(line.changes[0]?.[0] <= max) : line.points?.summary(min, max).count === 0,
    );
    if (isEmpty) {
      const last = formatTime(this.#last);
      return `No readings in this time. They go from ${formatTime(first)} to ${last}`;
    }
    const isAll = !this.#view.isHeld && max - min < this.#view.spanMs;
    return isAll ? `There are readings since ${formatTime(first)}` : "";
  }

  #paintTables() {
    paintTables(this.#lines, this.#range);
  }

  /** What is drawn: the Line objects, and {min, max} in ms. */
  get picture() {
    return { lines: this.#lines, range: this.#range };
  }
}
