/** Names of values with a meaning (see ROOMS.md), and how names and values are shown. */

import { formatBytes, formatName, formatNumber, formatText } from "./format.js";

export const RSSI = "rssi"; // dBm
export const FREE_MEMORY = "free_memory"; // bytes
export const RECONNECTS = "reconnects";

const VITALS = new Map([
  [RSSI, { label: "signal", unit: "dBm" }],
  [FREE_MEMORY, { label: "free memory", unit: "bytes" }],
  [RECONNECTS, { label: "reconnects", unit: null }],
]);

/** True if it is shown at the head or foot of a card, not among the values. */
export const isVital = (name, value) => VITALS.has(name) && Number.isFinite(value);

// What is wrong with the device, as text. "" if nothing is wrong.
const ERROR = "error";

export const isError = (name, value) => name === ERROR && typeof value === "string" && value !== "";
export const isNoError = (name, value) => name === ERROR && value === "";

const WORDS = /^[A-Za-z0-9]+(_[A-Za-z0-9]+)*$/;

/** The name as people read it: soil_moisture becomes soil moisture. */
export function labelOf(device, name) {
  const told = device?.about.controls.get(name)?.label ?? VITALS.get(name)?.label;
  if (told) return formatName(told);
  return WORDS.test(name) ? name.replaceAll("_", " ") : formatName(name);
}

/** The unit, or null. */
export function unitOf(device, name) {
  const unit = device?.about.units.get(name) ?? VITALS.get(name)?.unit ?? null;
  return unit === null ? null : formatName(unit);
}

/** A number with its unit, as one text. */
export function withUnit(device, name, number, decimals) {
  const unit = unitOf(device, name);
  if (unit === "bytes") return formatBytes(number);
  const text = formatNumber(number, decimals);
  // No line break between a number and its unit.
  return unit === null ? text : `${text}\u00a0${unit}`;
}

/** Any value as one text. */
export function valueText(device, name, value) {
  if (Number.isFinite(value)) return withUnit(device, name, value);
  if (typeof value === "boolean") return value ? "on" : "off";
  return formatText(value);
}
