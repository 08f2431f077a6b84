/** The picture of the chart: lines with axes for two units, and rows of bools and texts below. */

import uPlot from "uplot";
import { LANE_PX, drawLanes } from "./lanes.js";
import { theme } from "./theme.js";
import { byteLabels, numberLabels, timeLabels, valueRange } from "./ticks.js";

const FONT = "12px system-ui, sans-serif";
// The width of a digit in FONT, to make the axis as wide as its labels.
const CHAR_WIDTH = 7;
const BYTE_STEPS = Array.from({ length: 44 }, (_, i) => 2 ** i);
// How much of its colour the band between lowest and highest has.
const BAND_ALPHA = "2e";
// uPlot has three series for each line: highest, lowest, mean. The first series of all is the time.
const EACH = 3;
const isMean = (index) => index > 0 && index % EACH === 0;
const TOP_PX = 10;
// The time axis, with one line of labels and with two.
const TIME_PX = 28;
const TWO_LINES_PX = 46;

/** The range of values, made longer at its low end, so that `lanesPx` of the height are below it. */
function rangeAbove(lanesPx, height, low, high) {
  const [bottom, top] = valueRange(low, high);
  const part = Math.min(0.9, lanesPx / height);
  return [bottom - ((top - bottom) * part) / (1 - part), top];
}

const heightOf = (plot) => plot.bbox.height / devicePixelRatio;

/** The axis that lines share -> {key, unit}. uPlot keeps scales in a plain object, by our own key. */
function scalesOf(lines) {
  const scales = new Map();
  for (const { scale, unit } of lines) {
    if (!scales.has(scale)) scales.set(scale, { key: `y${scales.size}`, unit });
  }
  return scales;
}

/** When a value in the rows became another. */
function momentsOf(lanes, { min }) {
  const moments = lanes.flatMap(({ spells }) => spells.map(({ from }) => from));
  return [...new Set(moments)].filter((at) => at >= min).sort((a, b) => a - b);
}

export class Plot {
  #plot = null;
  #lines = []; // {points, scale, slot}
  #lanes = []; // {name, spells}
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

  /** Make the picture anew, for other lines. */
  clear() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#at = null;
    this.#isStepping = false;
  }

  recolour() {
    this.#plot?.redraw(false, true);
  }

  /**
   * Draw lines {points, unit, scale, slot} and lanes. `scale` names what lines with the same axis
   * share. Returns the number of points in the range.
   */
  draw(lines, lanes, range, width, height) {
    this.#lines = lines;
    this.#lanes = lanes;
    this.#range = range;
    const tables = lines.map(({ points }) => points.table());
    // Where only other lines have a point, the value is undefined, and the line goes on.
    const data = uPlot.join([...tables, [momentsOf(lanes, range)]]);
    if (!this.#plot) {
      this.#plot = new uPlot(this.#options(width, height), data, this.element);
    } else {
      if (this.#plot.width !== width || this.#plot.height !== height) {
        this.#plot.setSize({ width, height });
      }
      this.#plot.setData(data, false);
      this.#plot.setScale("x", range);
    }
    return lines.reduce((sum, { points }) => sum + points.countIn(range), 0);
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
    const scales = scalesOf(this.#lines);
    const lanesPx = this.#lanes.length * LANE_PX;
    // Before it is drawn for the first time, the plot has no height.
    const range = (plot, low, high) =>
      rangeAbove(lanesPx, heightOf(plot) || height - TOP_PX - TIME_PX, low, high);
    return {
      width,
      height,
      ms: 1,
      // Space for half of the last time label.
      padding: [TOP_PX, scales.size > 1 ? 0 : 28, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: 4 },
        points: { size: (_plot, index) => (isMean(index) ? 8 : 0) },
      },
      select: { show: true },
      scales: {
        x: { time: true, range: () => [this.#range.min, this.#range.max] },
        ...Object.fromEntries([...scales.values()].map(({ key }) => [key, { range }])),
      },
      axes: [
        this.#timeAxis(),
        ...[...scales.values()].slice(0, 2).map((scale, i) => this.#valueAxis(scale, i, lanesPx)),
      ],
      series: [{}, ...this.#lines.flatMap((line) => this.#line(line, scales.get(line.scale).key))],
      bands: this.#lines.map(({ slot }, i) => ({
        series: [EACH * i + 1, EACH * i + 2],
        fill: () => theme.series[slot] + BAND_ALPHA,
      })),
      hooks: {
        setSelect: [(plot) => this.#selected(plot)],
        draw: [(plot) => this.#drawRest(plot, lanesPx)],
        setCursor: [(plot) => this.#moved(plot)],
      },
    };
  }

  #drawRest(plot, lanesPx) {
    drawLanes(plot, this.#lanes, plot.bbox.top / devicePixelRatio + heightOf(plot) - lanesPx);
    if (this.#isStepping) this.#placeCursor();
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
      space: 90,
      size: (_plot, labels) => ((labels ?? []).some((label) => label.includes("\n")) ? TWO_LINES_PX : TIME_PX),
      values: (_plot, ticks, _axis, _space, step) => timeLabels(ticks, step),
    };
  }

  #valueAxis({ key, unit }, i, lanesPx) {
    const axis = this.#axis();
    const isBytes = unit === "bytes";
    // Beside the rows there are no labels.
    const filter = (plot, ticks) => {
      const least = lanesPx ? plot.posToVal(heightOf(plot) - lanesPx, key) : -Infinity;
      return ticks.map((tick) => (tick < least ? null : tick));
    };
    return {
      ...axis,
      scale: key,
      side: i === 0 ? 3 : 1,
      grid: { ...axis.grid, show: i === 0, filter },
      space: 36,
      gap: 6,
      incrs: isBytes ? BYTE_STEPS : undefined,
      filter,
      size: (_plot, labels) =>
        14 + CHAR_WIDTH * Math.max(2, ...(labels ?? []).map((label) => label?.length ?? 0)),
      values: (_plot, ticks, _axis, _space, step) => {
        const shown = ticks.filter((tick) => tick !== null);
        const labels = isBytes ? byteLabels(shown, step) : numberLabels(shown, step);
        return ticks.map((tick) => (tick === null ? null : labels.shift()));
      },
    };
  }

  /** Three series: highest and lowest, between which the band is, and the mean. */
  #line({ slot }, scale) {
    const colour = () => theme.series[slot];
    const edge = { scale, width: 0, points: { show: false } };
    const points = { size: 5, fill: colour, stroke: colour };
    return [edge, edge, { scale, stroke: colour, width: 2, points }].map((each) => ({ ...each }));
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
