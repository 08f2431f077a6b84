// Checks that all kinds of messages need, and the error that they throw.

export const MAX_NAME_CHARS = 64;
// Doubles round larger integers.
export const MAX_INTEGER = 2 ** 53;

// Two names that look alike must not be two devices. So no character that shows nothing, or turns
// the direction of the text. But some scripts need joiners, and many emoji have one inside.
const SCRIPTS = String.raw`\u0600-\u1dff\ua800-\uabff\u{10a00}-\u{11fff}`;
const EMOJI = String.raw`\u2190-\u2bff\u{1f000}-\u{1faff}`;
const INVISIBLE =
  String.raw`\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb` +
  String.raw`\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e007f}`;
const NOT_IN_NAMES = new RegExp(
  String.raw`[\x00-\x1f\x7f-\x9f\p{Surrogate}${INVISIBLE}]` +
    String.raw`|(?<![${SCRIPTS}])(?!(?<=[${EMOJI}\ufe0f])\u200d[${EMOJI}])[\u180e\u200c\u200d]`,
  "u",
);
const SHOWN_CHARS = 40;

/** The server does not accept a message. The text says what was wrong and what is accepted. */
export class MessageError extends Error {}

/** Any parsed JSON. An integer beyond 2**53 is a bigint. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };
export type Fields = { [key: string]: Json };

/** Return `name`, or throw MessageError if it is not a name of 1 to `most` characters. */
export function checkName(what: string, name: unknown, most = MAX_NAME_CHARS): string {
  if (typeof name !== "string" || name === "" || countChars(name) > most) {
    throw new MessageError(`${what} ${shorten(name)}: give a string of 1 to ${most} characters`);
  }
  if (NOT_IN_NAMES.test(name)) {
    const remedy = "leave out control characters and invisible ones";
    throw new MessageError(`${what} ${shorten(name)}: ${remedy}`);
  }
  return name;
}

/** Throw MessageError for a number or string that some clients or servers can't read. */
export function checkScalar(what: string, value: unknown): void {
  if (typeof value === "string") {
    if (!value.isWellFormed()) {
      throw new MessageError(`${what} has half a surrogate pair: send whole characters`);
    }
  } else if (typeof value === "bigint") {
    throw new MessageError(`${what} is ${shorten(value)}: integers go from -2**53 to 2**53`);
  } else if (typeof value === "number" && !Number.isFinite(value)) {
    throw new MessageError(`${what} is too large: send finite numbers, integers to 2**53`);
  }
}

/** Throw MessageError for JSON with more `levels`, or what checkScalar refuses. */
export function checkJson(what: string, value: Json, levels: number): void {
  if (typeof value !== "object" || value === null) return checkScalar(what, value);
  if (levels === 0) throw new MessageError(`${what} is nested too deeply: send fewer levels`);
  for (const [key, item] of Object.entries(value)) {
    checkScalar(what, key);
    checkJson(what, item, levels - 1);
  }
}

/** Like checkScalar; and a string has at most so many characters. */
export function checkText(what: string, value: unknown, most: number): void {
  checkScalar(what, value);
  if (typeof value === "string" && countChars(value) > most) {
    throw new MessageError(`${what} has ${countChars(value)} characters: at most ${most}`);
  }
}

/** Return `value`, or throw MessageError if it is not a whole number from `least` to `most`. */
export function checkWhole(
  what: string,
  value: unknown,
  least: number,
  most = MAX_INTEGER,
): number {
  const isWhole = typeof value === "number" && Number.isInteger(value);
  if (isWhole && least <= value && value <= most) return value;
  const range = `from ${least} to ${most}`;
  throw new MessageError(`${what} ${shorten(value)}: give a whole number ${range}`);
}

/** Count characters like people and Python: an emoji is one, although it has two UTF-16 units. */
export function countChars(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True if the object itself has the field. "constructor" counts only if it was sent. */
export function has(fields: Fields, name: string): boolean {
  return Object.hasOwn(fields, name);
}

/** Parse JSON. Throws SyntaxError, or RangeError if it is nested too deeply. */
export function parseJson(text: string): Json {
  return JSON.parse(text, function (_key: string, value: Json, { source }: { source?: string }) {
    return typeof value === "number" && source && /^-?\d+$/.test(source) ? whole(source) : value;
  } as (key: string, value: unknown) => unknown);
}

// More digits than any double has.
const MAX_DIGITS = 400;

function whole(digits: string): Json {
  if (digits.length > MAX_DIGITS) return Infinity;
  const exact = BigInt(digits);
  return exact > MAX_INTEGER || exact < -MAX_INTEGER ? exact : Number(digits);
}

/** Return `value` for an error message: printable, and always short. */
export function shorten(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `[a list of ${value.length}]`;
  if (typeof value === "object" && value !== null) return "{an object}";
  if (typeof value !== "string") return cut(String(value));
  const printable = (text: string) => text.replace(/[\p{C}\p{Z}]/gu, escapeUnprintable);
  return `'${printable(cut(value))}'`;
}

function cut(text: string): string {
  // 160 UTF-16 units have more than 40 characters in any case.
  const chars = [...text.slice(0, 4 * SHOWN_CHARS)];
  return chars.length > SHOWN_CHARS ? `${chars.slice(0, SHOWN_CHARS - 3).join("")}...` : text;
}

function escapeUnprintable(char: string): string {
  return char === " " ? char : `\\u{${char.codePointAt(0)?.toString(16)}}`;
}
