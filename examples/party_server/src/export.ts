// Sends the history of a room as a file, in pieces. Nothing is read before the client wants it.

import { file } from "./answers.ts";
import { type Asked, isAsked } from "./asked.ts";
import type { Device } from "./device.ts";
import type { History } from "./history.ts";
import type { Scalar } from "./readings.ts";
import type { Entry } from "./tiers.ts";
import { csv, json, type Line } from "./writers.ts";

// Characters sent in one go.
const PIECE_CHARS = 32768;
// A client that does not read for so long is dropped, because it keeps the room awake.
const READ_WITHIN_MS = 60_000;
const WRITERS = { csv, json };

interface Known {
  history: History;
  devices: Iterable<Device> & { get(name: string): Device | undefined };
}

/** Return an answer with the file that is asked for, or without its content. */
export function exportOf(
  room: string,
  known: Known,
  asked: Asked,
  isEmpty: boolean,
): Response {
  const format = asked.format ?? "csv";
  const pieces = WRITERS[format](room, asked.tier, linesOf(known, asked));
  const name = room.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 64).replace(/^\.+/, "") || "room";
  return file(isEmpty ? null : streamOf(pieces), format, `${name}.${format}`);
}

/** Yield the lines of the file, as many as are read together. */
function* linesOf({ history, devices }: Known, asked: Asked): Generator<Line[]> {
  const found = [...devices].map(({ name }) => name).filter((name) => isAsked(asked.devices, name));
  for (const device of found.sort(byCodePoint)) {
    // It may be gone meanwhile.
    const names = [...(devices.get(device)?.last.keys() ?? [])];
    for (const name of names.filter((name) => isAsked(asked.names, name)).sort(byCodePoint)) {
      for (const entries of entriesOf(history, [device, name], asked)) {
        yield entries.map((entry) => ({ device, name, entry }));
      }
    }
  }
}

/** Yield the entries of one series: numbers, and of the raw readings also bools and texts. */
function* entriesOf(
  history: History,
  series: [string, string],
  { tier, since = -Infinity, until = Infinity }: Asked,
): Generator<(Entry | [number, Scalar])[]> {
  for (let from = since; from < until; ) {
    const now = Date.now();
    const { entries, next } = history.piece(series, tier, { since: from, until }, now);
    if (tier === "raw") {
      const oldest = history.oldest(now).hours;
      const range = { since: Math.max(from, oldest), until: Math.min(next, until) };
      const changes = history.changes.read(series, range);
      yield [...entries, ...changes].sort(([a], [b]) => a - b);
    } else {
      yield entries;
    }
    from = next;
  }
}

/** Return a stream of text, made while it is read. */
function streamOf(texts: Generator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let deadline: ReturnType<typeof setTimeout> | null = null;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(deadline);
        let piece = "";
        let isDone = false;
        while (piece.length < PIECE_CHARS && !isDone) {
          const next = texts.next();
          piece += next.value ?? "";
          isDone = next.done === true;
          // Messages to the room are handled meanwhile.
          await new Promise((resolve) => setTimeout(resolve, 0));
        }
        if (piece !== "") controller.enqueue(encoder.encode(piece));
        if (isDone) return controller.close();
        const drop = () => controller.error(new Error("the client does not read"));
        deadline = setTimeout(drop, READ_WITHIN_MS);
      },
      cancel() {
        clearTimeout(deadline);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Compare like SQLite and Python. JavaScript would compare halves of characters. */
function byCodePoint(one: string, other: string): number {
  const [a, b] = [[...one], [...other]];
  const index = a.findIndex((char, index) => char !== b[index]);
  if (index < 0) return a.length - b.length;
  return (a[index]?.codePointAt(0) ?? 0) - (b[index]?.codePointAt(0) ?? -1);
}
