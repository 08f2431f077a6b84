// Numbered readings: what a message of them may be, and what in it is new.

import { type Fields, isObject, type Json, MessageError, shorten } from "./checks.ts";
import { checkReading, type Reading } from "./readings.ts";

const MAX_NUMBER = 2 ** 53;

/** A reading that broke a rule, for good: its number, and what is wrong with it. */
export type Refused = [n: number, reason: string];

/** One numbered reading, or a batch of them. */
export interface Numbered {
  epoch: string;
  after: number; // the number of the reading before the first one
  entries: [n: number, Reading | MessageError][]; // their numbers grow
}

export interface News {
  n: number; // how far the device has come with it
  readings: Reading[];
  refused: Refused[];
}

/** Return the numbered readings `of` the message; throws MessageError if it cannot be counted. */
export function checkNumbered(message: Fields, of: Json[], now: number): Numbered {
  const { epoch } = message;
  if (typeof epoch !== "string") {
    throw new MessageError(`epoch ${shorten(epoch)}: give the one of the join`);
  }
  const after = checkNumber("after", message.after, 0);
  let last = after;
  const entries = of.map((entry): [number, Reading | MessageError] => {
    if (!isObject(entry)) throw new MessageError(`reading ${shorten(entry)}: give an object`);
    const n = checkNumber("n", entry.n, 1);
    if (n <= last) throw new MessageError(`n ${n} comes after ${last}: numbers only grow`);
    last = n;
    return [n, readingIn(entry, now)];
  });
  return { epoch, after, entries };
}

/** Return the entries of a batch; throws MessageError. */
export function checkEntries(message: Fields): Json[] {
  const { readings } = message;
  if (!Array.isArray(readings) || readings.length === 0) {
    throw new MessageError(`readings ${shorten(readings)}: give a list of readings with n`);
  }
  return readings;
}

/** Return what is new to somebody who knows the numbers up to `highest`. */
export function newsOf({ entries }: Numbered, highest: number): News {
  const news: News = { n: highest, readings: [], refused: [] };
  for (const [n, reading] of entries) {
    if (n <= highest) continue;
    news.n = n;
    if (reading instanceof MessageError) news.refused.push([n, reading.message]);
    else news.readings.push(reading);
  }
  return news;
}

/** What is wrong with one reading must not stop those behind it. */
function readingIn(entry: Fields, now: number): Reading | MessageError {
  try {
    return checkReading(entry, now, null);
  } catch (error) {
    if (error instanceof MessageError) return error;
    throw error;
  }
}

function checkNumber(what: string, n: Json | undefined, least: number): number {
  if (typeof n !== "number" || !Number.isInteger(n) || n < least || n > MAX_NUMBER) {
    throw new MessageError(`${what} ${shorten(n)}: give a whole number, ${least} to 2**53`);
  }
  return n;
}
