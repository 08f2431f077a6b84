/** A small line that shows one number over the last minutes. */

import { drawSoon, forgetPicture, watchPicture } from "./paint.js";
import { onThemeChange, theme } from "./theme.js";
import { leastRange } from "./ticks.js";

const SPAN_MS = 10 * 60_000;
// Pixels for the width of the line.
const MARGIN = 2;

const all = new Set();
onThemeChange(() => all.forEach(drawSoon));

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) drawSoon(target.spark);
});

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

  show(series, slot = this.slot) {
    this.series = series;
    this.slot = slot;
    drawSoon(this);
  }

  paint() {
    const { canvas, series } = this;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (!series || width === 0) return;
    const scale = devicePixelRatio;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    const points = this.#points(width, height);
    if (points.length < 2) return;
    pen.lineWidth = 1.5;
    pen.lineJoin = "round";
    pen.strokeStyle = this.slot === null ? theme.axis : theme.series[this.slot];
    pen.beginPath();
    for (const [x, y] of points) pen.lineTo(x, y);
    pen.stroke();
    pen.lineTo(points.at(-1)[0], height);
    pen.lineTo(points[0][0], height);
    pen.globalAlpha = 0.12;
    pen.fillStyle = pen.strokeStyle;
    pen.fill();
  }

  remove() {
    all.delete(this);
    sizes.unobserve(this.canvas);
    forgetPicture(this, this.canvas);
  }

  /** For each pixel, [x, y] of the reading farthest from the middle, so that peaks are kept. */
  #points(width, height) {
    const { at, y } = this.series;
    const last = this.series.endAt;
    const end = this.series.indexOf(last + 1);
    const first = this.series.indexOf(last - SPAN_MS);
    const start = at[first];
    if (!(last > start)) return [];
    const { low, high } = this.series.summary(start, last);
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
