/** Formats numbers, moments and other values as the browser's locale does. Pure functions. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// Characters of a value that are shown.
const LONGEST_TEXT = 1024;

// decimals -> Intl.NumberFormat, which is slow to make.
const numberFormats = new Map();

function numberFormat(decimals) {
  let format = numberFormats.get(decimals);
  if (!format) {
    format = new Intl.NumberFormat(undefined, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    numberFormats.set(decimals, format);
  }
  return format;
}

/** Decimals to show for a number of this size: as many as a sensor measures, not all of a float. */
function mostDecimals(number) {
  const size = Math.abs(number);
  if (size >= 10000) return 0;
  if (size >= 100) return 1;
  if (size >= 1 || size === 0) return 2;
  return Math.min(6, 2 - Math.floor(Math.log10(size)));
}

/** Decimals that this number needs: 21 needs none, 21.5 one, 21.4837 two. */
export function decimalsOf(number) {
  let decimals = mostDecimals(number);
  let digits = Math.round(Math.abs(number) * 10 ** decimals);
  for (; decimals > 0 && digits % 10 === 0; decimals--) digits /= 10;
  return decimals;
}

/** As a power of ten, for numbers that are very large or very small: 1.5E9. */
export function formatPower(number, mostDecimals) {
  const options = { notation: "scientific", maximumFractionDigits: Math.min(20, mostDecimals) };
  return new Intl.NumberFormat(undefined, options).format(number);
}

/** With exactly so many decimals. `|| 0` turns -0 into 0. */
export const formatDecimals = (number, decimals) => numberFormat(decimals).format(number || 0);

/** `decimals` is what the series has needed so far, so that 21.5 after 21.48 becomes 21.50. */
export function formatNumber(number, decimals = decimalsOf(number)) {
  const size = Math.abs(number);
  if (size >= 1e9 || (size > 0 && size < 1e-4)) {
    return formatPower(number, 3);
  }
  return numberFormat(Math.min(decimals, mostDecimals(number))).format(number);
}

const KIB = 1024;

/** 57 KiB; whole bytes below 1 KiB. */
export function formatBytes(bytes) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let size = bytes;
  let i = 0;
  while (Math.abs(size) >= KIB && i < units.length - 1) {
    size /= KIB;
    i++;
  }
  return `${formatNumber(size, i && Math.abs(size) < 10 ? 1 : 0)} ${units[i]}`;
}

// These change the direction of the text that follows.
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** A name from a device, which must not change the direction of the text around it. */
export const formatName = (name) => name.replace(TURNS, "\ufffd");

/** A string value, cut if it is long, or anything else as JSON. */
export function formatText(value) {
  const text = formatName(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
  return text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) + "…" : text;
}

export function formatAge(seconds) {
  if (seconds < 5) return "just now";
  if (seconds < MINUTE) return `${Math.floor(seconds)} s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  return `${Math.floor(seconds / DAY)} days ago`;
}

const clockSeconds = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const dateOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A duration in one unit: 45 s, 5 min, 2 h. */
export function formatSpan(ms) {
  const seconds = ms / 1000;
  if (seconds < 2 * MINUTE) return `${formatNumber(seconds, seconds < 10 ? 1 : 0)} s`;
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.round(seconds / HOUR)} h`;
  return `${Math.round(seconds / DAY)} days`;
}

/** The time of day, with its date if that is not today, and its year if it is another one. */
export function formatTime(at) {
  const [then, now] = [new Date(at), new Date()];
  const time = clockSeconds.format(at);
  if (then.toDateString() === now.toDateString()) return time;
  const isThisYear = then.getFullYear() === now.getFullYear();
  return `${(isThisYear ? date : dateOfYear).format(at)}, ${time}`;
}

/** Date and time in full. */
export const formatMoment = (at) => moment.format(at);

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** The date in full. */
export const formatDay = (at) => day.format(at);
