/** Rules of alerts in words. */

import { formatName, formatSpan, formatTime } from "./format.js";
import { labelOf, valueText, withUnit } from "./names.js";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
// As the servers have it, for a rule without.
export const OFFLINE_MINUTES = 5;

/** The condition of a rule, about a Device or one that is not known. */
export function conditionOf(rule, device) {
  const { kind, name } = rule;
  if (name !== undefined) return `${labelOf(device, name)} ${beyondOf(rule, device)}`;
  return kind === "offline" ? `offline for ${spanOf(rule)}` : `no value for ${spanOf(rule)}`;
}

/** The same without the name of its value. */
export function beyondOf(rule, device) {
  const { kind, name, limit } = rule;
  if (kind === "silent") return `not seen for ${spanOf(rule)}`;
  if (kind === "equal") return `equal to ${valueText(device, name, limit)}`;
  return `${formatName(String(kind))} ${withUnit(device, name, limit)}`;
}

const spanOf = ({ minutes = OFFLINE_MINUTES }) => formatSpan(minutes * MINUTE_MS);

/** What else a rule has, as words. `targets` are those that there are. */
export function detailsOf(rule, device, targets, now) {
  const { hysteresis, name, paused_until: pausedUntil, quiet, text } = rule;
  const words = [];
  if (text) words.push(`“${formatName(text)}”`);
  if (hysteresis) words.push(`over when it came back by ${withUnit(device, name, hysteresis)}`);
  const told = (rule.targets ?? []).map((each) =>
    targets.some((target) => target.name === each) ? formatName(each) : `${formatName(each)} (gone)`,
  );
  words.push(told.length ? `tells ${told.join(", ")}` : "tells only dashboards");
  if (quiet) words.push(`quiet ${localTime(quiet, "from")} to ${localTime(quiet, "to")}`);
  if (pausedUntil > now) words.push(`paused until ${formatTime(pausedUntil)}`);
  return words.join(" · ");
}

/** Minutes by which this browser's clock is ahead of UTC. */
export const ahead = () => -new Date().getTimezoneOffset();

/** A time of quiet hours by this browser's clock, as 22:00. */
export function localTime(quiet, field) {
  const minutes = quiet[field] - (quiet.offset ?? 0) + ahead();
  const within = ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(within / 60))}:${two(within % 60)}`;
}

/** A target in words: its name and kind, and how it is. */
export function targetText({ name, kind, waiting, error, dropped }) {
  const words = [];
  if (waiting) words.push(`${waiting} waiting`);
  if (error) words.push(formatName(String(error)));
  if (dropped) words.push(`${dropped} given up`);
  const state = words.length ? `: ${words.join(", ")}` : "";
  return `${formatName(String(name))} (${formatName(String(kind))})${state}`;
}
