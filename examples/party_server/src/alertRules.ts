// The rules of alerts: what begins and ends with a reading, or because time passes.
//
// Pure: no clock, no network, no store. `now` is in ms since 1970. Nothing here is ever changed, but
// replaced.

import { DAY_MINUTES, isOfTime, type Kind, type Rule } from "./alertChecks.ts";
import type { Scalar } from "./readings.ts";

const MINUTE_MS = 60_000;
// A reading that was measured longer ago comes from a backlog.
const LATE_MS = 60_000;
// From the first that is due to the look. Who vanishes meanwhile is in the same notification.
export const GATHER_MS = 30_000;
const MOST_ON = 5000;
export const EVERY_DEVICE = "*";

const OFFLINE_MINUTES = 5;

/** The alerts that are on: since when, by a rule's id and the device. */
export type On = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** An alert that begins or ends. */
export interface Turn {
  rule: Rule;
  device: string;
  isOn: boolean;
  // The value that did it, or null if it was the time.
  value: Scalar | null;
}

/** A value that is the last one of its name now. */
export interface News {
  name: string;
  value: Scalar;
  // When it was measured; null if the reading is undated and not live.
  at: number | null;
}

/** What a look needs to know of a device. */
export interface Known {
  name: string;
  isOnline: boolean;
  // When it was last heard of.
  at: number;
  // Value name: when the last value was measured.
  times: ReadonlyMap<string, number>;
}

/** Return the turns of a reading. `rules` are those of the device. */
export function heard(
  rules: readonly Rule[],
  on: On,
  device: string,
  news: readonly News[],
  now: number,
): Turn[] {
  const turns: Turn[] = [];
  let count = countOn(on);
  for (const rule of rules) {
    if (isPaused(rule, now)) continue;
    let isOn = on.get(rule.id)?.has(device) ?? false;
    if (isOfTime(rule)) {
      if (isOn && (rule.kind === "offline" || isNew(rule, news, now))) {
        turns.push({ rule, device, isOn: false, value: null });
      }
      continue;
    }
    for (const { name, value, at } of news) {
      if (name !== rule.name || at === null || now - at > LATE_MS) continue;
      const should = isPassed(rule, value, isOn);
      if (should === isOn || (should && count >= MOST_ON)) continue;
      isOn = should;
      count += isOn ? 1 : -1;
      turns.push({ rule, device, isOn, value });
    }
  }
  return turns;
}

/** Return the turns of a device that joined. `rules` are those of the device. */
export function came(rules: readonly Rule[], on: On, device: string, now: number): Turn[] {
  return rules
    .filter((rule) => rule.kind === "offline" && on.get(rule.id)?.has(device))
    .filter((rule) => !isPaused(rule, now))
    .map((rule) => ({ rule, device, isOn: false, value: null }));
}

export interface Look {
  turns: Turn[];
  // When to look again, or null.
  next: number | null;
  // When to look if the turns are not taken yet, or null.
  at: number | null;
}

/**
 * Return the turns of the time that has passed. `devices` are all that the room knows. Nothing counts
 * from before `since`.
 */
export function looked(
  rules: readonly Rule[],
  on: On,
  devices: readonly Known[],
  since: number,
  now: number,
): Look {
  const turns: Turn[] = [];
  let first = Infinity;
  let past = Infinity;
  let count = countOn(on);
  const byName = new Map(devices.map((device) => [device.name, device]));
  for (const rule of rules.filter(isOfTime)) {
    const pausedUntil = rule.paused_until ?? 0;
    const areOn = on.get(rule.id);
    for (const device of watched(rule, byName)) {
      const last = lastOf(rule, device);
      const isOn = areOn?.has(device.name) ?? false;
      if (isOn && pausedUntil > now) {
        first = Math.min(first, pausedUntil);
      } else if (isOn) {
        if (last !== null && last + minutesMs(rule) <= now) continue;
        count -= 1;
        past = Math.min(past, now - GATHER_MS);
        turns.push({ rule, device: device.name, isOn: false, value: null });
      } else if (last !== null) {
        const due = Math.max(Math.max(last, since) + minutesMs(rule), pausedUntil);
        if (due > now) {
          first = Math.min(first, due);
        } else if (count < MOST_ON) {
          count += 1;
          past = Math.min(past, due);
          turns.push({ rule, device: device.name, isOn: true, value: null });
        }
      }
    }
  }
  return { turns, next: lookAfter(first), at: lookAfter(Math.min(first, past)) };
}

/** Return the shortest time of the rules of a kind, `silent` or `offline`; null without any. */
export function leastMs(rules: readonly Rule[], kind: Kind): number | null {
  const times = rules.filter((rule) => rule.kind === kind).map(minutesMs);
  return times.length > 0 ? Math.min(...times) : null;
}

/** Return the alerts that are on after the turns. */
export function applied(on: On, turns: readonly Turn[], now: number): On {
  const after = new Map(on);
  for (const { rule, device, isOn } of turns) {
    const devices = new Map(after.get(rule.id));
    if (isOn) devices.set(device, now);
    else devices.delete(device);
    if (devices.size > 0) after.set(rule.id, devices);
    else after.delete(rule.id);
  }
  return after;
}

/** Return the alerts that stay on when `rules` replace the rules `before`. */
export function carried(on: On, before: readonly Rule[], rules: readonly Rule[]): On {
  const conditions = new Map(before.map((rule) => [rule.id, conditionOf(rule)]));
  const stay = rules.filter((rule) => conditions.get(rule.id) === conditionOf(rule));
  const kept: [string, ReadonlyMap<string, number>][] = [];
  for (const { id } of stay) {
    const devices = on.get(id);
    if (devices) kept.push([id, devices]);
  }
  return new Map(kept);
}

/** Return the alerts that are on when a device is forgotten; `on` itself if that is all. */
export function without(on: On, rules: readonly Rule[], device: string): On {
  const gone = rules.filter((rule) => rule.device === EVERY_DEVICE && on.get(rule.id)?.has(device));
  if (gone.length === 0) return on;
  const turns = gone.map((rule) => ({ rule, device, isOn: false, value: null }));
  return applied(on, turns, 0);
}

/** Return when the rule's quiet hours end, or 0 if they are not now. */
export function heldUntil({ quiet }: Rule, now: number): number {
  if (!quiet) return 0;
  const minute = Math.floor(now / MINUTE_MS);
  const local = inDay(minute + (quiet.offset ?? 0));
  if (inDay(local - quiet.from) >= inDay(quiet.to - quiet.from)) return 0;
  return (minute + inDay(quiet.to - local)) * MINUTE_MS;
}

export function minutesOf({ minutes = OFFLINE_MINUTES }: Rule): number {
  return minutes;
}

function lookAfter(due: number): number | null {
  return due === Infinity ? null : due + GATHER_MS;
}

function inDay(minutes: number): number {
  return ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
}

function countOn(on: On): number {
  let count = 0;
  for (const devices of on.values()) count += devices.size;
  return count;
}

function isPaused({ paused_until = 0 }: Rule, now: number): boolean {
  return paused_until > now;
}

function minutesMs(rule: Rule): number {
  return minutesOf(rule) * MINUTE_MS;
}

/** Whether the alert is on after a value. */
function isPassed({ kind, limit, hysteresis = 0 }: Rule, value: Scalar, isOn: boolean): boolean {
  if (kind === "equal") return value === limit;
  if (typeof value !== "number") return isOn;
  const spare = isOn ? hysteresis : 0;
  const at = limit as number;
  return kind === "above" ? value > at - spare : value < at + spare;
}

/** Whether one of the values ends a rule `silent`. */
function isNew(rule: Rule, news: readonly News[], now: number): boolean {
  const after = now - minutesMs(rule);
  return news.some(
    ({ name, at }) =>
      (rule.name === undefined || rule.name === name) && (at === null || at > after),
  );
}

/** Return the devices that a rule of time is about. */
function watched(rule: Rule, byName: ReadonlyMap<string, Known>): Iterable<Known> {
  const { device, kind, name: wanted } = rule;
  if (device !== EVERY_DEVICE) {
    return [byName.get(device) ?? { name: device, isOnline: false, at: 0, times: new Map() }];
  }
  if (kind === "offline") return byName.values();
  return [...byName.values()].filter(({ times }) =>
    wanted === undefined ? times.size > 0 : times.has(wanted),
  );
}

/** Return the time from which the minutes of a rule count. null: the device is here. */
function lastOf({ kind, name }: Rule, { isOnline, at, times }: Known): number | null {
  if (kind === "offline") return isOnline ? null : at;
  return name === undefined ? Math.max(0, ...times.values()) : (times.get(name) ?? 0);
}

/** Return what makes an alert another one. */
function conditionOf({ device, kind, name, limit, hysteresis, minutes }: Rule): string {
  return JSON.stringify([device, kind, name, limit, hysteresis, minutes]);
}
