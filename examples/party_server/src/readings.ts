// Which readings are valid, and when they were measured.

import {
  checkName,
  checkText,
  checkWhole,
  type Fields,
  has,
  isObject,
  type Json,
  MAX_INTEGER,
  MessageError,
  shorten,
} from "./checks.ts";

export type Scalar = number | string | boolean;
export type Values = { [name: string]: Scalar };

export interface Reading {
  values: Values;
  // In ms since 1970. null: it is undated.
  at: number | null;
}

// In one reading.
const MAX_VALUES = 32;
// In a reading's value, or in a result's error.
export const MAX_STRING_CHARS = 256;

// An earlier time comes from a board whose clock is not set.
const EARLIEST = Date.UTC(2020);
const MAX_AHEAD_MS = 24 * 3600 * 1000;

/**
 * Return the reading in `message`. Throws MessageError.
 *
 * `now` is the server's time. `preset` is the time of a reading without its own.
 */
export function checkReading(message: Fields, now: number, preset: number | null): Reading {
  const values = message.values;
  const count = isObject(values) ? Object.keys(values).length : 0;
  if (!isObject(values) || count < 1 || count > MAX_VALUES) {
    const given = `values ${shorten(values)}`;
    throw new MessageError(`${given}: give an object of 1 to ${MAX_VALUES} names and values`);
  }
  for (const [name, value] of Object.entries(values))
    checkValue(checkName("value name", name), value);
  const at = has(message, "at") ? checkTime(message.at, now) : preset;
  return { values: values as Values, at };
}

function checkValue(name: string, value: Json): void {
  const what = `value ${shorten(name)}`;
  if (typeof value === "object") {
    throw new MessageError(`${what} is ${shorten(value)}: give a number, string or bool`);
  }
  checkText(what, value, MAX_STRING_CHARS);
}

/** Return the time, or null if it can't be right. Throws MessageError if it is not a time. */
function checkTime(at: Json | undefined, now: number): number | null {
  const time = checkWhole("at", at, -MAX_INTEGER);
  return time < EARLIEST || time > now + MAX_AHEAD_MS ? null : time;
}
