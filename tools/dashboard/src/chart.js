/** A small line chart of one value: its time below, the reading under the cursor. */

import uPlot from "uplot";
import { decimalsOf, formatEnd, formatNumber, formatTime } from "./format.js";
import { chartSoon, forgetChart, watchChart } from "./paint.js";
import { colourOf, offThemeChange, onThemeChange, theme } from "./theme.js";

const HEIGHT = 76; // the times below take the rest of .chart
const FONT = "11px system-ui, sans-serif";
const CHAR_WIDTH = 6.2; // of a digit in FONT, to leave the axis as much room as its labels take
const SHORTEST_SPAN_MS = 1000;
const FLATTEST = 0.0005; // of the value: less than this is drawn as flat, not blown up to mountains

/** Time from the first to the last point, never nothing. */
function timeRange(_plot, first, last) {
  return [Math.min(first, last - SHORTEST_SPAN_MS), last];
}

/** All with the same decimals. */
function numberLabels(_plot, ticks) {
  const decimals = Math.max(0, ...ticks.map(decimalsOf));
  return ticks.map((tick) => formatNumber(tick, decimals));
}

/** Values with a margin around them; a flat line runs through the middle. */
function valueRange(_plot, low, high) {
  if (low === null) return [0, 1];
  const smallest = Math.max(Math.abs(low), Math.abs(high)) * FLATTEST || 1;
  const missing = Math.max(0, Math.max(smallest, 1e-9) - (high - low)) / 2;
  const margin = (high - low + 2 * missing) * 0.12;
  return [low - missing - margin, high + missing + margin];
}

export class Chart {
  #plot = null;
  #width = 0;

  /** `group`: charts of one group (a device's) share the cursor. */
  constructor(element, name, series, group) {
    this.element = element;
    this.name = name;
    this.series = series;
    this.group = group;
    this.tip = document.createElement("div");
    this.tip.className = "tip";
    this.tip.hidden = true;
    this.times = document.createElement("div");
    this.times.className = "times";
    this.times.append(document.createElement("span"), document.createElement("span"));
    this.resized = new ResizeObserver(([entry]) => {
      this.#width = Math.floor(entry.contentRect.width);
      chartSoon(this);
    });
    this.recolour = () => this.#plot?.redraw(true, true);
    this.resized.observe(element);
    onThemeChange(this.recolour);
    watchChart(this, element);
    chartSoon(this);
  }

  /** Show another series from now on: a snapshot replaced everything. */
  show(series) {
    this.series = series;
    chartSoon(this);
  }

  paint() {
    if (this.series.at.length < 2) {
      this.#remove();
    } else if (this.#width > 0) {
      if (!this.#plot) this.#make();
      else this.#refresh();
    }
  }

  destroy() {
    this.#remove();
    this.resized.disconnect();
    offThemeChange(this.recolour);
    forgetChart(this, this.element);
  }

  #remove() {
    this.#plot?.destroy();
    this.#plot = null;
    this.times.remove();
    this.tip.hidden = true;
  }

  #make() {
    this.#plot = new uPlot(this.#options(), this.#data(), this.element);
    this.#plot.over.append(this.tip);
    this.element.append(this.times);
  }

  #refresh() {
    if (this.#plot.width !== this.#width) {
      this.#plot.setSize({ width: this.#width, height: HEIGHT });
    }
    this.#plot.setData(this.#data());
  }

  #data() {
    return [this.series.at, this.series.y];
  }

  #options() {
    const axis = {
      stroke: () => theme.axis,
      font: FONT,
      grid: { stroke: () => theme.grid, width: 1 },
      ticks: { show: false },
      gap: 4,
    };
    return {
      width: this.#width,
      height: HEIGHT,
      ms: 1,
      padding: [6, 2, 4, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 7 },
        sync: { key: this.group, scales: ["x", null] },
      },
      scales: { x: { time: true, range: timeRange }, y: { range: valueRange } },
      axes: [
        { show: false }, // ticks that wander by are unrest: #showTimes labels both ends
        {
          ...axis,
          space: 26,
          size: (_plot, labels) =>
            10 + CHAR_WIDTH * Math.max(2, ...(labels ?? []).map((label) => label.length)),
          values: numberLabels,
        },
      ],
      series: [
        {},
        {
          stroke: () => colourOf(this.name),
          fillTo: (plot) => plot.scales.y.min, // also below zero
          fill: () => colourOf(this.name) + "1f", // the colours are #rrggbb
          width: 1.75,
          points: { show: false },
        },
      ],
      hooks: {
        draw: [(plot) => this.#showTimes(plot)],
        setCursor: [(plot) => this.#point(plot)],
      },
    };
  }

  #showTimes(plot) {
    const { min, max } = plot.scales.x;
    const [first, last] = this.times.children;
    first.textContent = formatEnd(min, max - min);
    last.textContent = formatEnd(max, max - min);
    this.times.style.paddingLeft = `${plot.bbox.left / uPlot.pxRatio}px`;
  }

  #point(plot) {
    const { idx, left } = plot.cursor;
    const number = idx === null || idx === undefined || left < 0 ? null : plot.data[1][idx];
    this.tip.hidden = number === null || number === undefined;
    if (this.tip.hidden) return;
    const decimals = this.series.decimals;
    this.tip.textContent = `${formatNumber(number, decimals)} · ${formatTime(plot.data[0][idx])}`;
    const room = plot.over.clientWidth - this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(0, Math.min(room, left - this.tip.offsetWidth / 2))}px`;
  }
}
