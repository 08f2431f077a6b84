// Checks the message that sets a room's rules of alerts, and reduces it to the known fields.

import {
  checkName,
  checkScalar,
  checkText,
  checkWhole,
  type Fields,
  has,
  isObject,
  type Json,
  MessageError,
  shorten,
} from "./checks.ts";
import { MAX_STRING_CHARS, type Scalar } from "./readings.ts";

const MOST_RULES = 100;
const MOST_TARGETS = 8;
const MAX_TEXT_CHARS = 128;
// A week.
const MAX_MINUTES = 10080;
export const DAY_MINUTES = 1440;
// No place on earth is further ahead of UTC, or behind it.
const MAX_OFFSET = 840;

const OF_VALUES = ["above", "below", "equal"];
const OF_TIME = ["silent", "offline"];

export type Kind = "above" | "below" | "equal" | "silent" | "offline";

export interface Quiet {
  from: number;
  to: number;
  offset?: number;
}

/** A rule, as in ROOMS.md. */
export interface Rule {
  id: string;
  device: string;
  kind: Kind;
  name?: string;
  limit?: Scalar;
  hysteresis?: number;
  minutes?: number;
  paused_until?: number;
  quiet?: Quiet;
  targets?: string[];
  text?: string;
}

/** Whether the time decides, and not a value. */
export function isOfTime({ kind }: Rule): boolean {
  return OF_TIME.includes(kind);
}

/** Return the version and rules of an `alerts` message. Throws MessageError. */
export function checkAlerts(message: Fields): { version: number; rules: Rule[] } {
  const version = checkWhole("version", message.version, 0);
  const { rules } = message;
  if (!Array.isArray(rules) || rules.length > MOST_RULES) {
    throw new MessageError(`rules ${shorten(rules)}: give a list of at most ${MOST_RULES}`);
  }
  const checked = new Map<string, Rule>();
  for (const rule of rules) {
    const one = checkRule(rule);
    if (checked.has(one.id)) {
      throw new MessageError(`rule ${shorten(one.id)} is there twice: name it once`);
    }
    checked.set(one.id, one);
  }
  return { version, rules: [...checked.values()] };
}

/** Throw MessageError if a rule has a target that is not among the known names. */
export function checkTargets(rules: Rule[], isKnown: (name: string) => boolean): void {
  for (const target of rules.flatMap(({ targets }) => targets ?? [])) {
    if (isKnown(target)) continue;
    const remedy = "give names that the operator of the server has set";
    throw new MessageError(`target ${shorten(target)}: ${remedy}`);
  }
}

function checkRule(rule: Json): Rule {
  if (!isObject(rule)) throw new MessageError(`rule ${shorten(rule)}: give an object`);
  const id = checkName("id of a rule", rule.id);
  const of = ` of rule ${shorten(id)}`;
  const kind = rule.kind as Kind;
  if (typeof kind !== "string" || ![...OF_VALUES, ...OF_TIME].includes(kind)) {
    const accepted = "give above, below, equal, silent or offline";
    throw new MessageError(`kind ${shorten(kind)}${of}: ${accepted}`);
  }
  const checked: Rule = { id, device: checkName(`device${of}`, rule.device), kind };
  if (kind === "offline") {
    refuse(rule, "name", of, "not with offline");
  } else if (OF_VALUES.includes(kind) || has(rule, "name")) {
    checked.name = checkName(`name${of}`, rule.name);
  }
  if (OF_TIME.includes(kind)) checkTime(rule, checked, of);
  else checkLimit(rule, checked, of);
  if (has(rule, "paused_until")) {
    checked.paused_until = checkWhole(`paused_until${of}`, rule.paused_until, 0);
  }
  if (has(rule, "quiet")) checked.quiet = checkQuiet(rule.quiet, of);
  if (has(rule, "targets")) checked.targets = targetsOf(rule.targets, of);
  if (has(rule, "text")) checked.text = checkName(`text${of}`, rule.text, MAX_TEXT_CHARS);
  return checked;
}

function checkTime(rule: Fields, checked: Rule, of: string): void {
  for (const field of ["limit", "hysteresis"]) {
    refuse(rule, field, of, "only with above, below or equal");
  }
  if (checked.kind === "silent" || has(rule, "minutes")) {
    checked.minutes = checkWhole(`minutes${of}`, rule.minutes, 1, MAX_MINUTES);
  }
}

function checkLimit(rule: Fields, checked: Rule, of: string): void {
  refuse(rule, "minutes", of, "only with silent or offline");
  const { limit } = rule;
  if (checked.kind === "equal") {
    if (!["number", "bigint", "string", "boolean"].includes(typeof limit)) {
      throw new MessageError(`limit${of} is ${shorten(limit)}: give a number, string or bool`);
    }
    checkText(`limit${of}`, limit, MAX_STRING_CHARS);
    refuse(rule, "hysteresis", of, "only with above or below");
    checked.limit = limit as Scalar;
    return;
  }
  checked.limit = checkNumber(`limit${of}`, limit);
  if (!has(rule, "hysteresis")) return;
  checked.hysteresis = checkNumber(`hysteresis${of}`, rule.hysteresis);
  if (checked.hysteresis < 0) {
    throw new MessageError(`hysteresis${of} is ${checked.hysteresis}: give 0 or more`);
  }
}

function checkQuiet(quiet: Json | undefined, of: string): Quiet {
  if (!isObject(quiet)) {
    throw new MessageError(`quiet${of} is ${shorten(quiet)}: give an object with from and to`);
  }
  const from = checkWhole(`from of quiet${of}`, quiet.from, 0, DAY_MINUTES - 1);
  const to = checkWhole(`to of quiet${of}`, quiet.to, 0, DAY_MINUTES - 1);
  if (from === to) {
    throw new MessageError(`quiet${of}: give a from and a to that are not the same`);
  }
  if (!has(quiet, "offset")) return { from, to };
  const what = `offset of quiet${of}`;
  return { from, to, offset: checkWhole(what, quiet.offset, -MAX_OFFSET, MAX_OFFSET) };
}

function targetsOf(targets: Json | undefined, of: string): string[] {
  if (!Array.isArray(targets) || targets.length > MOST_TARGETS) {
    throw new MessageError(`targets${of}: give a list of at most ${MOST_TARGETS} names`);
  }
  for (const target of targets) {
    if (typeof target === "string") continue;
    const remedy = "give the name of one that the operator has set";
    throw new MessageError(`target ${shorten(target)}${of}: ${remedy}`);
  }
  return [...new Set(targets as string[])];
}

function checkNumber(what: string, value: Json | undefined): number {
  if (typeof value !== "number" && typeof value !== "bigint") {
    throw new MessageError(`${what} is ${shorten(value)}: give a number`);
  }
  checkScalar(what, value);
  return value as number;
}

function refuse(rule: Fields, field: string, of: string, where: string): void {
  if (has(rule, field)) throw new MessageError(`${field}${of}, ${where}: leave it out`);
}
