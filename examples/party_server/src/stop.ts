// A stop that the owner announces: every client of every room is told when to come back.

import { routePartykitRequest } from "partyserver";

import { json, Refusal } from "./answers.ts";
import { shorten } from "./checks.ts";
import type { Devices } from "./devices.ts";
import type { Members } from "./members.ts";
import { registry } from "./rooms.ts";
import type { Env } from "./settings.ts";
import { close } from "./wire.ts";

const AWAY_S = 10;
const MOST_S = 86400;
// Clients that may come back each second, like --join-rate of the room server.
const JOIN_RATE = 200;

/** Close all clients with 1001. `query` may have `away` and `spread`. Throws Refusal. */
export async function stop(query: URLSearchParams, env: Env): Promise<Response> {
  const away = seconds("away", query) ?? AWAY_S;
  let spread = seconds("spread", query);
  if (spread === null) {
    const { clients } = await askAll(env, null);
    spread = Math.ceil(clients / JOIN_RATE);
  }
  const reason = `the server stops; retry-after=${away}; spread=${spread}`;
  const { rooms, clients, failed } = await askAll(env, reason);
  if (failed > 0) {
    throw new Refusal(500, `${failed} rooms could not be told, the others were: ask again`);
  }
  return json({ ok: true, rooms, clients });
}

/**
 * The part of a room: close all its members, if `query` has a `reason`. Return how many there are,
 * or were.
 */
export function stopAll(query: URLSearchParams, members: Members, devices: Devices): number {
  const reason = query.get("reason");
  const { count } = members;
  if (reason === null) return count;
  const now = Date.now();
  const all = [...members];
  // Remove all before the first is closed, so that members are not told that the others leave.
  for (const { connection } of all) members.remove(connection);
  for (const device of new Set(all.map(({ device }) => device))) {
    if (device !== null) devices.touch(device, now);
  }
  for (const member of all) close(member, 1001, reason);
  return count;
}

interface Told {
  // Rooms that have clients.
  rooms: number;
  clients: number;
  // Rooms that did not answer.
  failed: number;
}

/** Let every room close its clients with the reason. With null they are only counted. */
async function askAll(env: Env, reason: string | null): Promise<Told> {
  const told = { rooms: 0, clients: 0, failed: 0 };
  const known = registry(env);
  // Page by page, because the list of all rooms may not fit into memory, and to limit requests.
  for (let places = await known.page(""); places.length > 0; ) {
    for (const clients of await Promise.all(places.map((place) => ask(env, place, reason)))) {
      if (clients === null) told.failed += 1;
      else if (clients > 0) told.rooms += 1;
      told.clients += clients ?? 0;
    }
    places = await known.page(places.at(-1) as string);
  }
  return told;
}

/** Return how many clients the room has or had, or null if the request failed. */
async function ask(env: Env, place: string, reason: string | null): Promise<number | null> {
  const inner = new URL(`http://room/parties/${place}`);
  if (reason !== null) inner.searchParams.set("reason", reason);
  try {
    // A request from a client never becomes a PUT: see forTheRoom in worker.ts.
    const reply = await routePartykitRequest(new Request(inner, { method: "PUT" }), env);
    if (!reply?.ok) throw new Error(`status ${reply?.status}: ${await reply?.text()}`);
    return (await reply.json<{ clients: number }>()).clients;
  } catch (error) {
    console.error(error);
    return null;
  }
}

function seconds(name: string, query: URLSearchParams): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (!/^\d{1,5}$/.test(text) || Number(text) > MOST_S) {
    throw new Refusal(400, `${name} ${shorten(text)}: give whole seconds, 0 to ${MOST_S}`);
  }
  return Number(text);
}
