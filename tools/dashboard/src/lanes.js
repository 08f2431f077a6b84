/** Draws bools and texts over time, below the lines: a row each, with a bar for each value. */

import { theme } from "./theme.js";

// In CSS pixels: a row has its name, its bars, and space below.
const NAME_PX = 15;
const BAR_PX = 17;
export const LANE_PX = 38;
const FONT = "11px system-ui, sans-serif";
const PADDING_PX = 4;
// A shorter bar has no text.
const LEAST_TEXT_PX = 14;
// How much of its colour a bar has.
const STRONG = 0.45;
const WEAK = 0.1;

/** `text`, cut to this width. */
function cut(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  let end = text.length;
  // Halves first, because a text may be long.
  while (end > 1 && pen.measureText(text.slice(0, end >> 1)).width > width) end >>= 1;
  while (end > 0 && pen.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return end > 0 ? `${text.slice(0, end)}…` : "";
}

/**
 * Draw `lanes` from `top` down, in the width of the plot: {name, spells}, and each spell {from, to,
 * text, colour, isOff}. `colour` is the number of a series' colour.
 */
export function drawLanes(plot, lanes, top) {
  const pen = plot.ctx;
  const scale = devicePixelRatio;
  const { left, width } = plot.bbox;
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, width, pen.canvas.height);
  pen.clip();
  pen.scale(scale, scale);
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  pen.font = FONT;
  const start = left / scale;
  const end = (left + width) / scale;
  const toX = (at) => Math.min(end, Math.max(start, plot.valToPos(at, "x", true) / scale));
  lanes.forEach(({ name, spells }, i) => {
    const y = top + i * LANE_PX;
    pen.fillStyle = theme.axis;
    pen.fillText(cut(pen, name, end - start - PADDING_PX), start + PADDING_PX, y + NAME_PX / 2);
    for (const spell of spells) drawSpell(pen, spell, toX, y + NAME_PX);
  });
  pen.restore();
}

function drawSpell(pen, { from, to, text, colour, isOff }, toX, y) {
  const [x, width] = [toX(from), toX(to) - toX(from)];
  pen.fillStyle = theme.series[colour];
  pen.globalAlpha = isOff ? WEAK : STRONG;
  pen.fillRect(x, y, width, BAR_PX);
  pen.globalAlpha = 1;
  // Where one value ends and the next begins.
  pen.fillRect(x, y, Math.min(2, width), BAR_PX);
  if (width < LEAST_TEXT_PX) return;
  pen.fillStyle = theme.text;
  pen.fillText(cut(pen, text, width - 2 * PADDING_PX), x + PADDING_PX + 1, y + BAR_PX / 2);
}
