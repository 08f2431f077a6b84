// Numbered readings: which messages are valid, and which of their readings are new.

import {
  checkWhole,
  type Fields,
  has,
  isObject,
  type Json,
  MessageError,
  shorten,
} from "./checks.ts";
import { checkReading, type Reading } from "./readings.ts";

/** A reading that is refused for good: its number, and what is wrong with it. */
export type Refused = [n: number, reason: string];

/** One numbered reading, or a batch of them. */
export interface Numbered {
  epoch: string;
  // The number of the reading before the first one.
  after: number;
  // Their numbers grow.
  entries: [n: number, Reading | MessageError][];
}

export interface News {
  // The highest number after the message.
  n: number;
  readings: Reading[];
  refused: Refused[];
}

/** Return `epoch`, or throw MessageError. It is a secret, so error texts do not contain it. */
export function checkEpoch(epoch: unknown): string {
  if (typeof epoch === "string" && /^[0-9a-f]{16}$/.test(epoch)) return epoch;
  throw new MessageError("epoch: give 16 hexadecimal digits in lower case");
}

/** Whether a reading is numbered, or should be. */
export function isNumbered(message: Fields): boolean {
  return ["n", "after", "epoch"].some((name) => has(message, name));
}

/** Return the numbered readings `of` the message. Throws MessageError if a number is invalid. */
export function checkNumbered(message: Fields, of: Json[], now: number): Numbered {
  const epoch = checkEpoch(message.epoch);
  const after = checkWhole("after", message.after, 0);
  let last = after;
  const entries = of.map((entry): [number, Reading | MessageError] => {
    if (!isObject(entry)) {
      throw new MessageError(`reading ${shorten(entry)}: give an object with n and values`);
    }
    const n = checkWhole("n", entry.n, 1);
    if (n <= last) {
      throw new MessageError(`n ${n} does not come after ${last}: numbers have to grow`);
    }
    last = n;
    return [n, readingIn(entry, now)];
  });
  return { epoch, after, entries };
}

/** Return the entries of a batch. Throws MessageError. */
export function checkEntries(message: Fields): Json[] {
  const { readings } = message;
  if (!Array.isArray(readings) || readings.length === 0) {
    throw new MessageError(`readings ${shorten(readings)}: give a list of one or more`);
  }
  return readings;
}

/** Return the readings with numbers above `highest`. */
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

/** Return the error of an invalid reading, because it must not stop the readings after it. */
function readingIn(entry: Fields, now: number): Reading | MessageError {
  try {
    return checkReading(entry, now, null);
  } catch (error) {
    if (error instanceof MessageError) return error;
    throw error;
  }
}
