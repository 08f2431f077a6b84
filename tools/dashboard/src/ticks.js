/** The axes of a chart: their ranges, and labels that are all different. Pure. */

import { formatDecimals, formatPower } from "./format.js";

// Part of the value. Smaller changes are drawn flat, so that noise does not look large.
const FLATTEST = 0.0005;
// The margin on both sides of a value that never changes, as a part of the value.
const FLAT_MARGIN = 0.1;
const DAY_MS = 24 * 3600 * 1000;
const KIB = 1024;
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB"];

/** The range that values between these two get at least. */
export const leastRange = (low, high) => Math.max(Math.abs(low), Math.abs(high)) * FLATTEST || 1;

/** [lowest, highest] of an axis for values between these two. They may be null. */
export function valueRange(low, high) {
  if (low === null) return [0, 1];
  if (low === high) {
    const margin = Math.max(Math.abs(low) * FLAT_MARGIN, Number.isInteger(low) ? 1 : 0) || 1;
    return [low - margin, high + margin];
  }
  const missing = Math.max(0, Math.max(leastRange(low, high), 1e-9) - (high - low)) / 2;
  const margin = (high - low + 2 * missing) * 0.08;
  return [low - missing - margin, high + missing + margin];
}

const largestOf = (ticks) => Math.max(...ticks.map(Math.abs));

/** [digits after the point, power of ten] of a number: [1, -3] for 2.5e-3. */
function scientific(number) {
  const [digits, power] = Number(number.toPrecision(3)).toExponential().split("e");
  return [Math.max(0, digits.length - 2), Number(power)];
}

/** Labels of ticks that are `step` apart, with as many decimals as the step needs. */
export function numberLabels(ticks, step) {
  const largest = largestOf(ticks);
  const [digits, power] = scientific(step);
  if (largest < 1e9 && largest >= 1e-4) {
    const decimals = Math.max(0, digits - power);
    return ticks.map((tick) => formatDecimals(tick, decimals));
  }
  return ticks.map((tick) => {
    if (tick === 0) return "0";
    const needed = scientific(tick)[1] - power + digits;
    return formatPower(tick, Math.max(0, needed));
  });
}

/** The same in bytes, with a power of two as `step`. All have the unit of the largest. */
export function byteLabels(ticks, step) {
  const largest = largestOf(ticks);
  let unit = 0;
  while (unit < BYTE_UNITS.length - 1 && largest >= KIB ** (unit + 1)) unit++;
  const size = KIB ** unit;
  const decimals = Math.max(0, Math.ceil(-Math.log10(step / size)));
  return ticks.map((tick) => `${formatDecimals(tick / size, decimals)} ${BYTE_UNITS[unit]}`);
}

const timeFormat = (options) => new Intl.DateTimeFormat(undefined, options);
const hours = { hour: "2-digit", minute: "2-digit" };
const clock = timeFormat(hours);
const clockSeconds = timeFormat({ ...hours, second: "2-digit" });
const clockParts = timeFormat({ ...hours, second: "2-digit", fractionalSecondDigits: 2 });
const date = timeFormat({ day: "numeric", month: "short" });
const year = timeFormat({ year: "numeric" });

/** Labels of moments that are `stepMs` apart. They have two lines if one is not enough. */
export function timeLabels(ticks, stepMs) {
  const time = stepMs >= 60_000 ? clock : stepMs >= 1000 ? clockSeconds : clockParts;
  const [short, more] = stepMs >= DAY_MS ? [date, year] : [time, date];
  const labels = ticks.map((at) => short.format(at));
  if (new Set(labels).size === labels.length) return labels;
  return labels.map((label, i) => `${label}\n${more.format(ticks[i])}`);
}
