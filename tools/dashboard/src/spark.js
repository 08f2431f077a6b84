/** A small picture of a value: of a number's last minutes a line, of a bool's or text's last day bars. */

import { spells } from "./changes.js";
import { drawSoon, forgetPicture, watchPicture } from "./paint.js";
import { onThemeChange, theme } from "./theme.js";
import { leastRange } from "./ticks.js";

const SPAN_MS = 10 * 60_000;
const STATES_SPAN_MS = 24 * 3_600_000;
// Of the height.
const BAR = 0.4;
// Pixels for the width of the line.
const MARGIN = 2;

const all = new Set();
onThemeChange(() => all.forEach(drawSoon));

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) drawSoon(target.spark);
});

/** {low, high} of a part of numbers. Null if there are none. */
function extremesOf(y, first, end) {
  let [low, high] = [null, null];
  for (let i = first; i < end; i++) {
    if (y[i] === null) continue;
    if (low === null || y[i] < low) low = y[i];
    if (high === null || y[i] > high) high = y[i];
  }
  return { low, high };
}

export class Spark {
  // The number of its colour in the chart, or null.
  slot = null;

  constructor(canvas) {
    this.canvas = canvas;
    canvas.spark = this;
    all.add(this);
    sizes.observe(canvas);
    watchPicture(this, canvas);
  }

  /** `kept`: a Series or Changes. */
  show(kept, slot) {
    this.kept = kept;
    this.slot = slot;
    drawSoon(this);
  }

  paint() {
    const { canvas, kept } = this;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (!kept || width === 0) return;
    const scale = devicePixelRatio;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.strokeStyle = pen.fillStyle = this.slot === null ? theme.axis : theme.series[this.slot];
    if (kept.list) this.#paintBars(pen, width, height);
    else this.#paintLine(pen, width, height);
  }

  /** A bar for each time in which the value was not false or empty, and where it changed. */
  #paintBars(pen, width, height) {
    const { list, endAt } = this.kept;
    const min = Math.max(list[0]?.[0] ?? endAt, endAt - STATES_SPAN_MS);
    if (!(endAt > min)) return;
    const toX = (at) => (Math.min(1, Math.max(0, (at - min) / (endAt - min)))) * width;
    for (const { from, to, value } of spells(list, { min, max: endAt })) {
      pen.globalAlpha = value ? 0.45 : 0.12;
      pen.fillRect(toX(from), height * (1 - BAR), Math.max(1, toX(to) - toX(from) - 1), height * BAR);
    }
  }

  #paintLine(pen, width, height) {
    const points = this.#points(width, height);
    if (points.length < 2) return;
    pen.lineWidth = 1.5;
    pen.lineJoin = "round";
    pen.beginPath();
    for (const [x, y] of points) pen.lineTo(x, y);
    pen.stroke();
    pen.lineTo(points.at(-1)[0], height);
    pen.lineTo(points[0][0], height);
    pen.globalAlpha = 0.12;
    pen.fill();
  }

  remove() {
    all.delete(this);
    sizes.unobserve(this.canvas);
    forgetPicture(this, this.canvas);
  }

  /** For each pixel, [x, y] of the reading farthest from the middle, so that peaks are kept. */
  #points(width, height) {
    const { at, y, endAt: last } = this.kept;
    const end = this.kept.indexOf(last + 1);
    const first = this.kept.indexOf(last - SPAN_MS);
    const start = at[first];
    if (!(last > start)) return [];
    const { low, high } = extremesOf(y, first, end);
    if (low === null) return [];
    const range = Math.max(high - low, leastRange(low, high));
    const bottom = (low + high - range) / 2;
    const toX = (moment) => MARGIN + ((moment - start) / (last - start)) * (width - 2 * MARGIN);
    const toY = (number) =>
      height - MARGIN - ((number - bottom) / range) * (height - 2 * MARGIN);
    const step = Math.max(1, Math.ceil((end - first) / width));
    const points = [];
    for (let i = first; i < end; i += step) {
      let extreme = y[i];
      for (let k = i + 1; k < Math.min(i + step, end); k++) {
        if (Math.abs(y[k] - bottom - range / 2) > Math.abs(extreme - bottom - range / 2)) {
          extreme = y[k];
        }
      }
      if (extreme !== null) points.push([toX(at[i]), toY(extreme)]);
    }
    return points;
  }
}
