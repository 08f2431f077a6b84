// Room messages from clients, checked and reduced to the known fields.

import { checkAlerts, type Rule } from "./alertChecks.ts";
import {
  checkJson,
  checkName,
  checkScalar,
  checkWhole,
  countChars,
  type Fields,
  has,
  isObject,
  type Json,
  MessageError,
  parseJson,
  shorten,
} from "./checks.ts";
import { checkHello, type LeftOut } from "./hello.ts";
import { checkEntries, checkNumbered, isNumbered, type Numbered } from "./numbered.ts";
import { checkReading, MAX_STRING_CHARS, type Reading } from "./readings.ts";

export type Message =
  | { type: "hello"; about: Fields; leftOut: LeftOut[] }
  | { type: "reading"; reading: Reading; isLive: boolean; device: Json | undefined }
  | { type: "reading" | "batch"; numbered: Numbered }
  | { type: "command"; device: string; name: string; value?: Json }
  | { type: "result"; name: string; ok: boolean; value?: Json; error?: string }
  | { type: "layout"; version: number; layout: Fields }
  | { type: "alerts"; version: number; rules: Rule[] };

// Levels in the value of a command or result.
const MAX_NESTING = 8;
const LAYOUT_NESTING = 16;

const ACCEPTED = "'hello', 'reading', 'batch', 'command', 'result', 'layout' or 'alerts'";

/**
 * Return the room message in `text` with only its known fields, or null if it is not one.
 *
 * `now` is the server's time, with which a reading's time is compared. Throws MessageError if the
 * text begins like a JSON object but is not JSON, or breaks a rule.
 */
export function parse(text: string, now: number): Message | null {
  if (!/^[ \t\r\n]*\{/.test(text)) return null;
  const message = load(text);
  if (!has(message, "type")) return null;
  switch (message.type) {
    case "hello":
      return { type: "hello", ...checkHello(message) };
    case "reading":
      return reading(message, now);
    case "batch":
      return { type: "batch", numbered: checkNumbered(message, checkEntries(message), now) };
    case "command":
      return checkCommand(message);
    case "result":
      return checkResult(message);
    case "layout":
      return checkLayout(message);
    case "alerts":
      return { type: "alerts", ...checkAlerts(message) };
    case "snapshot":
    case "presence":
    case "ack":
    case "storage":
    case "alert":
    case "error":
      throw new MessageError(
        `type ${shorten(message.type)} comes from the server alone: send ${ACCEPTED}`,
      );
  }
  throw new MessageError(
    `unknown type ${shorten(message.type)}: send ${ACCEPTED}, or leave type out`,
  );
}

/** Return the JSON of a text that begins with {. Throws MessageError. */
export function load(text: string): Fields {
  let parsed: Json;
  try {
    parsed = parseJson(text);
  } catch (error) {
    if (error instanceof RangeError) throw new MessageError("nested too deeply: send flat JSON");
    // The engine's own error text would quote the message.
    const where = /position \d+/.exec(String(error))?.[0] ?? "its end";
    throw new MessageError(`a text that begins with { has to be JSON: wrong at ${where}`);
  }
  // The text began with {, so it is an object.
  return parsed as Fields;
}

/** `device` is only used in a POST, and checked there. */
function reading(message: Fields, now: number): Message {
  if (isNumbered(message)) {
    return { type: "reading", numbered: checkNumbered(message, [message], now) };
  }
  const isLive = has(message, "live") ? message.live : false;
  if (typeof isLive !== "boolean") {
    throw new MessageError(`live ${shorten(isLive)}: give true or false`);
  }
  const reading = checkReading(message, now, isLive ? null : now);
  return { type: "reading", reading, isLive, device: message.device };
}

function checkCommand(message: Fields): Message {
  const device = checkName("device", message.device);
  const name = checkName("name", message.name);
  return { type: "command", device, name, ...valueOf(message) };
}

function checkResult(message: Fields): Message {
  const name = checkName("name", message.name);
  const { ok, error } = message;
  if (typeof ok !== "boolean") throw new MessageError(`ok ${shorten(ok)}: give true or false`);
  if (!has(message, "error")) return { type: "result", name, ok, ...valueOf(message) };
  if (typeof error !== "string" || countChars(error) > MAX_STRING_CHARS) {
    const given = `error ${shorten(error)}`;
    throw new MessageError(`${given}: give a string of at most ${MAX_STRING_CHARS} characters`);
  }
  checkScalar("error", error);
  return { type: "result", name, ok, error, ...valueOf(message) };
}

function checkLayout({ version, layout }: Fields): Message {
  if (!isObject(layout)) throw new MessageError(`layout ${shorten(layout)}: give a JSON object`);
  checkJson("layout", layout, LAYOUT_NESTING);
  return { type: "layout", version: checkWhole("version", version, 0), layout };
}

function valueOf(message: Fields): { value?: Json } {
  if (message.value === undefined) return {};
  checkJson("value", message.value, MAX_NESTING);
  return { value: message.value };
}
