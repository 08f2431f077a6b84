/** The chart: several values over time, live or stopped, and the same data as a table. */

import { formatName, formatSpan, formatTime } from "./format.js";
import { listen } from "./gestures.js";
import { labelOf, unitOf, withUnit } from "./names.js";
import { drawSoon, paintSoon, watchPicture } from "./paint.js";
import { Plot } from "./plot.js";
import { onThemeChange } from "./theme.js";
import { View } from "./view.js";

const byId = (id) => document.getElementById(id);
const chipTemplate = byId("chip");

export class Chart {
  #view = new View();
  #lines = []; // {device, name, slot, series, unit, chip}
  // The lines that have chips.
  #described = null;
  // The lines for which the plot was made.
  #shown = "";
  #range = { min: 0, max: 1 };
  // A moment, or null.
  #cursor = null;
  #width = 0;

  /** `room`: devices (a Map), now(), choice. */
  constructor(room) {
    this.room = room;
    this.box = byId("plot");
    this.plot = new Plot(this.box, {
      selected: (min, max) => this.#zoom(() => this.#view.zoomTo({ min, max }, this.#limits())),
      cursor: (at) => this.#moved(at),
    });
    listen(this.box, {
      plot: () => this.plot.uplot,
      zoomBy: (factor, at) => this.#zoomBy(factor, at),
      moveBy: (share) => this.#moveBy(share),
      reset: () => this.follow(),
      step: (direction) => this.#step(direction),
      leave: () => this.plot.hideCursor(),
    });
    for (const button of byId("ranges").children) {
      button.addEventListener("click", () => this.follow(Number(button.dataset.span)));
    }
    byId("pause").addEventListener("click", () => this.#pause());
    byId("reset").addEventListener("click", () => this.follow());
    byId("chart-table").addEventListener("toggle", () => this.#paintTable());
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
    this.#lines = choice.list.map(({ device, name, slot }) => {
      const known = devices.get(device);
      const series = known?.history.get(name) ?? null;
      // A value without a unit shares its scale with values of the same name.
      const unit = unitOf(known, name) ?? name;
      return { device: known, key: device, name, slot, series, unit };
    });
    const described = JSON.stringify(
      this.#lines.map((line) => [line.key, line.name, line.slot, line.unit, line.device?.title]),
    );
    if (described === this.#described) {
      // The chip may have the focus.
      this.#lines.forEach((line, i) => (line.chip = before[i].chip));
      drawSoon(this);
      return;
    }
    this.#described = described;
    this.#makeTitle();
    this.#makeChips();
    byId("chart-empty").hidden = this.#lines.length > 0;
    this.box.hidden = this.#lines.length === 0;
    drawSoon(this);
  }

  /** Handle new values of a device. */
  update(device) {
    const isMine = this.#lines.some((line) => line.key === device.name);
    if (!isMine) return;
    if (this.#lines.some((line) => !line.series)) this.choose();
    else drawSoon(this);
  }

  /** Handle the passing of time. */
  tick() {
    if (this.#lines.length && !this.#view.isHeld) drawSoon(this);
  }

  follow(spanMs) {
    this.#view.follow(spanMs);
    this.#paintButtons();
    drawSoon(this);
  }

  paint() {
    const drawn = this.#lines.filter(({ series }) => series);
    const key = JSON.stringify(drawn.map(({ key, name, slot, unit }) => [key, name, slot, unit]));
    if (key !== this.#shown || drawn.some(({ series }, i) => series !== this.drawn[i].series)) {
      this.plot.show(drawn);
      this.#shown = key;
      this.drawn = drawn;
    }
    this.#range = this.#view.range(this.#limits().min, this.room.now());
    if (drawn.length && this.#width > 0) {
      const height = this.box.clientHeight;
      this.box.dataset.points = this.plot.draw(this.#range, this.#width, height);
    }
    this.box.dataset.view = this.#view.isZoomed ? "zoomed" : this.#view.isHeld ? "paused" : "live";
    this.box.dataset.from = Math.round(this.#range.min);
    this.box.dataset.to = Math.round(this.#range.max);
    this.#paintButtons();
    this.#paintChips();
    this.#paintTable();
  }

  #limits() {
    const first = Math.min(...this.#lines.map(({ series }) => series?.at[0] ?? Infinity));
    return this.#view.limits(first, this.room.now());
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
    paintSoon(this.chips);
  }

  chips = { paint: () => this.#paintChips() };

  #paintButtons() {
    const { isHeld, isZoomed, spanMs } = this.#view;
    for (const button of byId("ranges").children) {
      const isPressed = !isZoomed && Number(button.dataset.span) === spanMs;
      button.setAttribute("aria-pressed", String(isPressed));
    }
    byId("pause").setAttribute("aria-pressed", String(isHeld));
    byId("pause-word").textContent = isHeld ? "Go on" : "Pause";
    byId("reset").hidden = !isZoomed;
  }

  #nameOf({ device, key, name }) {
    const title = formatName(device?.title ?? key);
    return this.#isOfOneValue ? title : `${title} · ${labelOf(device, name)}`;
  }

  #text(line, number, moreDecimals = 0) {
    if (number === null || number === undefined) return "–";
    return withUnit(line.device, line.name, number, line.series.decimals + moreDecimals);
  }

  /** True if all lines show the same value. Then it is the title, and the lines have device names. */
  get #isOfOneValue() {
    return new Set(this.#lines.map(({ name }) => name)).size === 1;
  }

  #textAt(line, at) {
    return this.#text(line, line.series?.valueAt(at, this.#range.min));
  }

  #makeTitle() {
    const [first] = this.#lines;
    const title = this.#isOfOneValue ? labelOf(first.device, first.name) : "Chart";
    byId("chart-title").textContent = title.charAt(0).toUpperCase() + title.slice(1);
    const names = this.#lines.map((line) => this.#nameOf(line));
    this.box.setAttribute("aria-label", `${title}, a line chart of ${names.join(", ")}`);
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
    for (const line of this.#lines) {
      const value = line.chip.querySelector(".chip-value");
      const text = this.#textAt(line, at);
      if (value.textContent !== text) value.textContent = text;
    }
    byId("cursor-time").textContent = this.#cursor === null ? this.#span() : formatTime(at);
  }

  #span() {
    const { min, max } = this.#range;
    const span = formatSpan(max - min);
    return this.#view.isHeld ? `${span} until ${formatTime(max)}` : `the last ${span}`;
  }

  #paintTable() {
    const details = byId("chart-table");
    if (!details.open) return;
    const { min, max } = this.#range;
    byId("chart-caption").textContent = `From ${formatTime(min)} to ${formatTime(max)}`;
    byId("chart-rows").replaceChildren(
      ...this.#lines.map((line) => {
        const found = line.series?.summary(min, max) ?? { points: 0 };
        const row = document.createElement("tr");
        const head = document.createElement("th");
        head.scope = "row";
        head.textContent = `${formatName(line.device?.title ?? line.key)} · ${labelOf(line.device, line.name)}`;
        row.append(head);
        for (const number of [found.latest, found.low, found.high]) {
          row.insertCell().textContent = this.#text(line, number);
        }
        row.insertCell().textContent = this.#text(line, found.mean, 1);
        row.insertCell().textContent = found.points;
        return row;
      }),
    );
  }

  /** The points in the range that is shown: [{device, name, at, y}]. */
  points() {
    const { min, max } = this.#range;
    return this.#lines
      .filter(({ series }) => series)
      .map(({ key, name, series }) => {
        const [from, to] = [series.indexOf(min), series.indexOf(max + 1)];
        return { device: key, name, at: series.at.slice(from, to), y: series.y.slice(from, to) };
      });
  }
}
