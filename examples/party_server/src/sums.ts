// Sums of what a room stores, so that two servers can compare it: SHA-256 of one form of each value.
//
// tools/room_server/moving/sums.py makes the same of its own file.

import type { Json } from "./checks.ts";
import type { Entry } from "./tiers.ts";

/** How many entries, and their SHA-256. */
export type Sum = [count: number, hash: string];

/** Return the sum of entries, which are doubles one after the other. */
export async function sumOfEntries(pieces: Iterable<Entry[]>): Promise<Sum> {
  return sumOf(pieces, (entries) => new Uint8Array(new Float64Array(entries.flat()).buffer));
}

/** Return the sum of any JSON values. */
export async function sumOfValues(values: Json[]): Promise<Sum> {
  const encoder = new TextEncoder();
  return sumOf([values], (some) => encoder.encode(some.map(plain).join("\n")));
}

async function sumOf<T>(pieces: Iterable<T[]>, bytesOf: (piece: T[]) => Uint8Array) {
  const stream = new crypto.DigestStream("SHA-256");
  const writer = stream.getWriter();
  let count = 0;
  for (const piece of pieces) {
    count += piece.length;
    await writer.write(bytesOf(piece));
  }
  await writer.close();
  const hash = new Uint8Array(await stream.digest);
  const hex = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [count, hex] satisfies Sum;
}

/** Return a text that is the same for equal values. Numbers are the bits of their doubles. */
function plain(value: Json): string {
  if (typeof value === "number") return `#${bits(value)}`;
  if (Array.isArray(value)) return `[${value.map(plain).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${plain(item)}`).join(",")}}`;
}

function bits(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}
