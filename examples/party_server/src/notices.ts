// Notifications that wait for a target: what is in one, in which order they go, and when again.
//
// Pure: no clock, no network, no store. A notice is never changed, but replaced. `now` is in ms since
// 1970.

import type { Kind } from "./alertChecks.ts";
import { heldUntil, minutesOf, type Turn } from "./alertRules.ts";
import { type Fields, isObject } from "./checks.ts";
import type { Scalar } from "./readings.ts";

const MOST_WAITING = 100; // of a room
const MOST_EVENTS = 50; // that one names; the others are counted
const MOST_LINES = 10;
// ntfy refuses more than 4,096, or makes a file of it. Any one line fits.
const MOST_BYTES = 3800;
const GIVE_UP_MS = 3 * 86_400_000;
const LONGEST_WAIT_MS = 3_600_000;

/** What a notification says of an alert that began or ended. */
export interface Event {
  rule: string;
  device: string;
  on: boolean;
  at: number;
  kind: Kind;
  name?: string;
  limit?: Scalar;
  minutes?: number;
  text?: string;
  value?: Scalar;
  // The device's own name, and the value's unit.
  title?: string;
  unit?: string;
}

export interface Notice {
  uid: string;
  target: string;
  at: number;
  // Quiet hours hold it until then, or 0.
  hold: number;
  // When to try.
  due: number;
  tries: number;
  // Why the last try failed.
  error?: string;
  // Events, and how many of them are alerts that began.
  count: number;
  began: number;
  events: Event[];
}

/** By uid, in order. */
export type Notices = ReadonlyMap<string, Notice>;

export interface Making {
  // The hello of a device.
  about: (device: string) => Fields;
  // Whether the operator has set such a target.
  isTarget: (name: string) => boolean;
  newId: () => string;
  // Notices that are on their way.
  isFlying: (uid: string) => boolean;
}

/** Return the waiting notices with the turns; `waiting` itself if none is for a target. */
export function withTurns(
  waiting: Notices,
  turns: readonly Turn[],
  making: Making,
  now: number,
): Notices {
  let after: Map<string, Notice> | null = null;
  for (const turn of turns) {
    for (const target of turn.rule.targets ?? []) {
      if (!making.isTarget(target)) continue;
      after ??= new Map(waiting);
      const hold = heldUntil(turn.rule, now);
      const event = eventOf(turn, making.about(turn.device), now);
      const notice = joined(open(after, target, hold, making, now), event);
      after.set(notice.uid, notice);
    }
  }
  return after ?? waiting;
}

/** Return the notice of one target that goes now, or null; and if null, when one may go. */
export function nextOf(
  waiting: readonly Notice[],
  now: number,
): { notice: Notice | null; at: number | null } {
  let first: Notice | null = null;
  let at = Infinity;
  for (const notice of waiting) {
    if (notice.hold > now) at = Math.min(at, notice.hold);
    else if (!first || readyAt(notice) < readyAt(first)) first = notice;
  }
  if (first && first.due <= now) return { notice: first, at: null };
  at = Math.min(at, first?.due ?? Infinity);
  return { notice: null, at: at === Infinity ? null : at };
}

/** Return the notice after a try that failed, or null if it is given up. `chance`: 0 to 1. */
export function failed(
  notice: Notice,
  error: string,
  everyMs: number,
  chance: number,
  now: number,
): Notice | null {
  if (now - readyAt(notice) >= GIVE_UP_MS) return null;
  const longest = Math.min(LONGEST_WAIT_MS, 2 * everyMs * 2 ** Math.min(notice.tries, 30));
  const due = now + Math.floor(longest * (0.5 + chance / 2));
  return { ...notice, tries: notice.tries + 1, error, due };
}

/** Return its id for the receiver. If it says more than before, the id is another. */
export function idOf({ uid, count }: Notice): string {
  return `${uid}-${count}`;
}

export function titleOf({ count, began }: Pick<Notice, "count" | "began">, room: string): string {
  const over = count - began;
  if (began > 0 && over > 0) {
    return `${began} ${began === 1 ? "alert" : "alerts"} began, ${over} over in ${room}`;
  }
  const alerts = count === 1 ? "Alert" : `${count} alerts`;
  return began > 0 ? `${alerts} in ${room}` : `${alerts} over in ${room}`;
}

/** Return a line for each of the first events, as many as fit. */
export function textOf({ events, count }: Pick<Notice, "events" | "count">): string {
  const lines: string[] = [];
  let left = MOST_BYTES;
  for (const line of events.slice(0, MOST_LINES).map(lineOf)) {
    left -= new TextEncoder().encode(line).length + 1;
    if (left < 0) break;
    lines.push(line);
  }
  if (count > lines.length) lines.push(`and ${count - lines.length} more`);
  return lines.join("\n");
}

function eventOf({ rule, device, isOn, value }: Turn, about: Fields, now: number): Event {
  const { id, kind, name, limit, text } = rule;
  const units = isObject(about.units) ? about.units : {};
  const unit = name !== undefined && Object.hasOwn(units, name) ? units[name] : undefined;
  return {
    rule: id,
    device,
    on: isOn,
    at: now,
    kind,
    ...(name !== undefined && { name }),
    ...(limit !== undefined && { limit }),
    ...((kind === "silent" || kind === "offline") && { minutes: minutesOf(rule) }),
    ...(text !== undefined && { text }),
    ...(value !== null && { value }),
    ...(typeof about.name === "string" && { title: about.name }),
    ...(typeof unit === "string" && { unit }),
  };
}

function readyAt({ hold, at }: Notice): number {
  return Math.max(hold, at);
}

/** Return the notice that takes one more event: one that waits, or a new one. */
function open(
  waiting: Notices,
  target: string,
  hold: number,
  { isFlying, newId }: Making,
  now: number,
): Notice {
  const open = [...waiting.values()].filter(
    (notice) => notice.target === target && notice.tries === 0 && !isFlying(notice.uid),
  );
  const same = open.findLast((notice) => notice.hold === hold);
  const last = same ?? (waiting.size >= MOST_WAITING ? open.at(-1) : undefined);
  if (last) return last;
  const empty = { tries: 0, count: 0, began: 0, events: [] };
  return { uid: newId(), target, at: now, hold, due: now, ...empty };
}

function joined(notice: Notice, event: Event): Notice {
  const { count, began } = notice;
  const events =
    notice.events.length < MOST_EVENTS ? [...notice.events, event] : notice.events;
  return { ...notice, count: count + 1, began: began + (event.on ? 1 : 0), events };
}

function lineOf(event: Event): string {
  const text = event.text === undefined ? "" : `. ${event.text}`;
  return `${event.title ?? event.device}: ${whatOf(event)}${text}`;
}

function whatOf({ kind, name, on, minutes, value, limit, unit }: Event): string {
  const time = minutes === 1 ? "1 minute" : `${minutes} minutes`;
  if (kind === "offline") return on ? `offline for ${time}` : "no longer offline";
  if (kind === "silent") {
    if (on) return `no ${name ?? "value"} for ${time}`;
    return name === undefined ? "values come again" : `${name} comes again`;
  }
  const [is, than] = [shown(value, unit), shown(limit, unit)];
  if (kind === "equal") return on ? `${name} is ${is}` : `${name} is ${is}, no longer ${than}`;
  return `${name} ${is}, ${on ? "" : "no longer "}${kind} ${than}`;
}

function shown(value: Scalar | undefined, unit: string | undefined): string {
  return typeof value === "number" && unit !== undefined ? `${value} ${unit}` : `${value}`;
}
