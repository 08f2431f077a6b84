/** The lines of the chart: uPlot with axes for two units, and gaps where nothing came. */

import uPlot from "uplot";
import { theme } from "./theme.js";
import { byteLabels, numberLabels, timeLabels, valueRange } from "./ticks.js";

const FONT = "12px system-ui, sans-serif";
// The width of a digit in FONT, to make the axis as wide as its labels.
const CHAR_WIDTH = 7;
// A line breaks where nothing came for this time and for so many times the usual gap.
const GAP_MS = 30_000;
const GAP_TIMES = 6;
const BYTE_STEPS = Array.from({ length: 44 }, (_, i) => 2 ** i);

/** The usual time from one reading to the next: the median of the last ones. */
function usualGap(at, end) {
  const gaps = [];
  for (let i = Math.max(1, end - 40); i < end; i++) gaps.push(at[i] - at[i - 1]);
  gaps.sort((a, b) => a - b);
  return gaps[gaps.length >> 1] ?? 0;
}

/** [times, values] between two moments, and one point on each side, with null in the gaps. */
function cut(series, { min, max }) {
  const start = Math.max(0, series.indexOf(min) - 1);
  const end = Math.min(series.at.length, series.indexOf(max) + 1);
  const longest = Math.max(GAP_MS, GAP_TIMES * usualGap(series.at, end));
  const times = [];
  const values = [];
  for (let i = start; i < end; i++) {
    if (i > start && series.at[i] - series.at[i - 1] > longest) {
      times.push((series.at[i] + series.at[i - 1]) / 2);
      values.push(null);
    }
    // Of two points in the same millisecond, the last is drawn.
    if (series.at[i] === times.at(-1)) values.pop();
    else times.push(series.at[i]);
    values.push(series.y[i]);
  }
  return [times, values];
}

export class Plot {
  #plot = null;
  #lines = []; // {series, unit, slot}
  #range = { min: 0, max: 1 };
  // The moment under the cursor.
  #at = null;
  // True if the keys have moved the cursor. Then it stays at its moment, not at its pixel.
  #isStepping = false;

  /** `on`: selected(min, max), cursor(at or null). */
  constructor(element, on) {
    this.element = element;
    this.on = on;
  }

  get uplot() {
    return this.#plot;
  }

  /** Draw these lines from now on: {series, unit, slot}. */
  show(lines) {
    this.#plot?.destroy();
    this.#plot = null;
    this.#at = null;
    this.#isStepping = false;
    this.#lines = lines;
  }

  recolour() {
    this.#plot?.redraw(false, true);
  }

  /** Draw the range at this size. Returns the number of points drawn. */
  draw(range, width, height) {
    this.#range = range;
    const tables = this.#lines.map(({ series }) => cut(series, range));
    // Where only other lines have a point, the value is undefined, and the line goes on.
    const data = uPlot.join(tables);
    if (!this.#plot) {
      this.#plot = new uPlot(this.#options(width, height), data, this.element);
    } else {
      if (this.#plot.width !== width || this.#plot.height !== height) {
        this.#plot.setSize({ width, height });
      }
      this.#plot.setData(data, false);
      this.#plot.setScale("x", range);
    }
    return tables.reduce((sum, [times]) => sum + times.length, 0);
  }

  /** Move the cursor to the next drawn moment, in the direction 1 or -1. */
  step(direction) {
    const plot = this.#plot;
    const { min, max } = this.#range;
    const times = plot?.data[0].filter((at) => at >= min && at <= max) ?? [];
    const next =
      this.#at === null
        ? times.at(direction > 0 ? 0 : -1)
        : direction > 0
          ? times.find((at) => at > this.#at)
          : times.findLast((at) => at < this.#at);
    if (next === undefined) return;
    this.#isStepping = true;
    this.#at = next;
    this.#placeCursor();
    this.on.cursor(next);
  }

  #placeCursor() {
    const plot = this.#plot;
    plot.setCursor({ left: plot.valToPos(this.#at, "x"), top: plot.over.clientHeight / 2 }, false);
  }

  /** Remove a cursor that the keys have moved. */
  hideCursor() {
    if (!this.#isStepping) return;
    this.#isStepping = false;
    this.#plot?.setCursor({ left: -10, top: -10 });
  }

  #options(width, height) {
    const units = [...new Set(this.#lines.map(({ unit }) => unit))];
    return {
      width,
      height,
      ms: 1,
      // Space for half of the last time label.
      padding: [10, units.length > 1 ? 0 : 28, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: 4 },
        points: { size: 8 },
      },
      select: { show: true },
      scales: {
        x: { time: true, range: () => [this.#range.min, this.#range.max] },
        ...Object.fromEntries(units.map((unit) => [unit, { range: (_plot, low, high) => valueRange(low, high) }])),
      },
      axes: [this.#timeAxis(), ...units.slice(0, 2).map((unit, i) => this.#valueAxis(unit, i))],
      series: [{}, ...this.#lines.map((line) => this.#line(line))],
      hooks: {
        setSelect: [(plot) => this.#selected(plot)],
        draw: [() => this.#isStepping && this.#placeCursor()],
        setCursor: [(plot) => this.#moved(plot)],
      },
    };
  }

  #axis() {
    return {
      stroke: () => theme.axis,
      font: FONT,
      grid: { stroke: () => theme.grid, width: 1 },
      ticks: { show: false },
    };
  }

  #timeAxis() {
    return {
      ...this.#axis(),
      space: 80,
      size: (_plot, labels) => ((labels ?? []).some((label) => label.includes("\n")) ? 46 : 28),
      values: (_plot, ticks, _axis, _space, step) => timeLabels(ticks, step),
    };
  }

  #valueAxis(unit, i) {
    const axis = this.#axis();
    return {
      ...axis,
      scale: unit,
      side: i === 0 ? 3 : 1,
      grid: { ...axis.grid, show: i === 0 },
      space: 36,
      gap: 6,
      incrs: unit === "bytes" ? BYTE_STEPS : undefined,
      size: (_plot, labels) =>
        14 + CHAR_WIDTH * Math.max(2, ...(labels ?? []).map((label) => label.length)),
      values: (_plot, ticks, _axis, _space, step) =>
        unit === "bytes" ? byteLabels(ticks, step) : numberLabels(ticks, step),
    };
  }

  #line({ unit, slot }) {
    return {
      scale: unit,
      stroke: () => theme.series[slot],
      width: 2,
      points: { size: 5, fill: () => theme.series[slot], stroke: () => theme.series[slot] },
    };
  }

  #selected(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    const [min, max] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.on.selected(min, max);
  }

  #moved(plot) {
    if (this.#isStepping) return;
    const { idx, left } = plot.cursor;
    const isOver = idx !== null && idx !== undefined && left >= 0;
    this.#at = isOver ? plot.data[0][idx] : null;
    this.on.cursor(this.#at);
  }
}
