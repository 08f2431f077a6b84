// What a GET asks for in its query: the whole state, a part of the history, or a file of it.
//
// The worker checks the query and passes it on; the room reads it again.

import { checkName, MessageError, shorten } from "./checks.ts";
import type { Range } from "./range.ts";
import { type Tier, TIERS } from "./tiers.ts";

export const FORMATS = ["csv", "json"] as const;
export type Format = (typeof FORMATS)[number];

const KEYS = ["since", "until", "points", "device", "name", "history", "format", "tier"];
// A client asks for these, if it wants a part of the history.
const OF_PART = ["since", "until", "points", "device", "name"];
const POINTS = 300;
const MOST_POINTS = 2000;

export interface Asked extends Partial<Range> {
  // The most points of a series.
  points: number;
  // Empty: all of them.
  devices: string[];
  names: string[];
  tier: Tier;
  // Null: no file.
  format: Format | null;
  hasHistory: boolean;
  // False: the state as in a snapshot.
  isPart: boolean;
}

/** Return the query for the room. Throws MessageError. */
export function checkAsked(query: URLSearchParams): URLSearchParams {
  readAsked(query);
  return new URLSearchParams([...query].filter(([key]) => KEYS.includes(key)));
}

/** Throws MessageError if a value is wrong. */
export function readAsked(query: URLSearchParams): Asked {
  const since = timeIn(query, "since");
  const until = timeIn(query, "until");
  if (since !== null && until !== null && since >= until) {
    throw new MessageError(`until ${until}: give a time after since, ${since}`);
  }
  const history = query.get("history") ?? "1";
  if (history !== "0" && history !== "1") {
    throw new MessageError(`history ${shorten(history)}: give 0, or leave it out`);
  }
  const format = oneOf("format", query.get("format"), FORMATS);
  const tier = oneOf("tier", query.get("tier"), TIERS);
  if (tier !== null && format === null) {
    throw new MessageError("tier: it is for files, give format=csv or format=json too");
  }
  if (format !== null && query.has("points")) {
    throw new MessageError("points: a file has all of them, leave it out or give a tier");
  }
  return {
    ...(since !== null && { since }),
    ...(until !== null && { until }),
    points: pointsIn(query),
    devices: query.getAll("device").map((device) => checkName("device", device)),
    names: query.getAll("name").map((name) => checkName("name", name)),
    tier: tier ?? "raw",
    format,
    hasHistory: history === "1",
    isPart: history === "0" || OF_PART.some((key) => query.has(key)),
  };
}

/** Whether a name is one of those that are asked for. */
export function isAsked(names: string[], name: string): boolean {
  return names.length === 0 || names.includes(name);
}

function timeIn(query: URLSearchParams, key: string): number | null {
  const text = query.get(key);
  if (text === null) return null;
  if (!/^-?[0-9]{1,15}$/.test(text)) {
    throw new MessageError(`${key} ${shorten(text)}: give ms since 1970`);
  }
  return Number(text);
}

function pointsIn(query: URLSearchParams): number {
  const text = query.get("points");
  if (text === null) return POINTS;
  if (!/^[0-9]{1,4}$/.test(text) || Number(text) < 1 || Number(text) > MOST_POINTS) {
    throw new MessageError(`points ${shorten(text)}: give a whole number, 1 to ${MOST_POINTS}`);
  }
  return Number(text);
}

function oneOf<T extends string>(key: string, text: string | null, all: readonly T[]): T | null {
  if (text === null || all.includes(text as T)) return text as T | null;
  const accepted = `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
  throw new MessageError(`${key} ${shorten(text)}: give ${accepted}`);
}
