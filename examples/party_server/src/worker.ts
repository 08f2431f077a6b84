// The entry: checks who may come into which room. room.ts handles the rest.

import { routePartykitRequest } from "partyserver";

import { json, noToken, Refusal, wrongToken } from "./answers.ts";
import { checkAsked } from "./asked.ts";
import { bodyOf } from "./body.ts";
import { checkName, MessageError, shorten } from "./checks.ts";
import { type Hears, HEARS, type Role, ROLES, toQuery } from "./join.ts";
import { check, type Link } from "./links.ts";
import { checkImportToken, move } from "./moves.ts";
import { badMethod, page } from "./page.ts";
import { checkEpoch } from "./numbered.ts";
import { type Env, readSettings, SettingError, type Settings } from "./settings.ts";
import { keyOf, share } from "./shares.ts";
import { stop } from "./stop.ts";
import { readTargets } from "./targets.ts";
import { Tokens, tokensOf } from "./tokens.ts";

export { Main } from "./room.ts";
export { Rooms } from "./rooms.ts";

// PartyServer derives these from the bindings' names: `BigHall` becomes `big-hall`.
const PARTIES = ["main"];
const ROOM = /^[!-~]{1,256}$/;
const MOVES = "the room is out of reach: it may just move to another machine, try again";
// A fleet should spread, but a room that moves is back within 20 s: CLUSTER.md.
const MOVES_S = "4";
const ONLY_READS = "your token only reads: give one that may write";

export default {
  async fetch(request, env) {
    try {
      return await answer(request, env);
    } catch (error) {
      if (error instanceof Refusal) return error.answer();
      if (error instanceof MessageError) return json({ error: error.message }, 400);
      if (error instanceof SettingError)
        return json({ error: `a setting of the server: ${error.message}` }, 500);
      // The log must not contain the request's address, which may contain a token.
      console.error(error);
      if ((error as { retryable?: boolean }).retryable) {
        return new Refusal(503, MOVES, { "Retry-After": MOVES_S }).answer();
      }
      return json({ error: "internal error" }, 500);
    }
  },
} satisfies ExportedHandler<Env>;

async function answer(request: Request, env: Env): Promise<Response> {
  const { settings, tokens } = await configure(env);
  const url = URL.parse(request.url);
  if (!url) throw new Refusal(400, "no HTTP request: send a host and a path of a URL");
  if (url.pathname === "/stop") {
    await checkOwner(request, url, tokens);
    checkOrigin(request, url, settings);
    if (request.method !== "POST") throw badMethod(request, "POST");
    return stop(url.searchParams, env);
  }
  const [, prefix, party, room] = url.pathname.split("/");
  if (prefix !== "parties" || !party || !room) return page(request, url, env.ASSETS);
  const given = tokensOf(request, url.searchParams);
  const visit = await admit(tokens, party, room, given);
  checkOrigin(request, url, settings);
  if (!PARTIES.includes(party)) {
    throw new Refusal(
      400,
      `Invalid request: no party ${shorten(party)}, give one of ${PARTIES.join(", ")}`,
    );
  }
  if (!ROOM.test(room)) {
    throw new Refusal(400, "room name: give 1 to 256 ASCII characters, others percent-encoded");
  }
  const ask = async (inner: Request) => {
    const reply = await routePartykitRequest(inner, env);
    if (!reply) throw new Error("PartyServer found no room in the address");
    return request.method === "HEAD" ? new Response(null, reply) : reply;
  };
  if (url.searchParams.has("shares")) {
    if (visit.onlyReads) throw new Refusal(403, ONLY_READS);
    const key = await keyOf(tokens, party, room);
    return share(request, `${party}/${room}`, key, settings.maxMessageBytes, ask);
  }
  if (url.searchParams.has("import")) {
    if (visit.onlyReads) throw new Refusal(403, ONLY_READS);
    return move(request, `${party}/${room}`, env.IMPORT_TOKEN, ask);
  }
  const inner = new URL(`http://room/parties/${party}/${room}`);
  return ask(await forTheRoom(request, url.searchParams, inner, visit, settings));
}

/** What a request may do. `link` is the share link by which it came, or null. */
interface Visit {
  onlyReads: boolean;
  link: Link | null;
}

/** Throws Refusal if none of the `given` tokens opens the room. */
async function admit(
  tokens: Tokens,
  party: string,
  room: string,
  given: readonly string[],
): Promise<Visit> {
  const access = await tokens.access(party, room, given);
  if (access !== null) return { onlyReads: access === "read", link: null };
  const key = await tokens.signingKey(party, room);
  for (const token of given) {
    const link = key && (await check(key, `${party}/${room}`, token));
    if (link) return { onlyReads: true, link };
  }
  throw given.length > 0 ? wrongToken() : noToken();
}

/** Only a token that writes in every room may stop them all. Throws Refusal. */
async function checkOwner(request: Request, url: URL, tokens: Tokens): Promise<void> {
  if (!tokens.hasOwner) {
    throw new Refusal(403, "no token opens every room for writing: set TOKEN first");
  }
  if (await tokens.isOwner(tokensOf(request, url.searchParams))) return;
  const wanted =
    "give the token that opens every room for writing: `Authorization: Bearer <token>`";
  throw new Refusal(401, wanted, { "WWW-Authenticate": "Bearer" });
}

/**
 * Return the request for the room: checked, and with only what the room needs.
 *
 * It has no headers of the client, because PartyServer trusts those that begin with x-partykit-.
 * It has no token, because PartyServer keeps a connection's address while the connection lives.
 * Its method is only GET, HEAD or POST, because a PUT comes from the worker itself, see stop.ts and
 * moves.ts.
 */
async function forTheRoom(
  request: Request,
  query: URLSearchParams,
  inner: URL,
  visit: Visit,
  settings: Settings,
): Promise<Request> {
  if (request.method === "GET" && isUpgrade(request)) {
    if (!isHandshake(request)) {
      throw new Refusal(400, "no WebSocket handshake: version 13 and a 16-byte key are needed");
    }
    inner.search = joining(query, visit).toString();
    return new Request(inner, { headers: { Upgrade: "websocket" } });
  }
  if (request.method === "GET" || request.method === "HEAD") {
    inner.search = checkAsked(query).toString();
    if (visit.link) inner.searchParams.set("link", visit.link.id);
    return new Request(inner, { method: request.method });
  }
  if (request.method !== "POST") throw badMethod(request, "GET, HEAD, POST");
  if (visit.onlyReads) throw new Refusal(403, ONLY_READS);
  const body = await bodyOf(request, settings.maxMessageBytes);
  const name = query.get("name");
  if (name !== null) inner.searchParams.set("name", name);
  const type = typeof body === "string" ? "text/plain" : "application/octet-stream";
  return new Request(inner, { method: "POST", body, headers: { "Content-Type": type } });
}

function joining(query: URLSearchParams, { onlyReads, link }: Visit): URLSearchParams {
  const role = query.get("role") ?? "";
  if (!ROLES.includes(role as Role)) {
    throw new Refusal(400, `role ${shorten(role)}: give device, dashboard, or nothing`);
  }
  const hears = query.get("hears") ?? HEARS[0];
  if (!HEARS.includes(hears as Hears)) {
    const accepted = `give ${HEARS.join(" or ")}, or leave it out`;
    throw new Refusal(400, `hears ${shorten(hears)}: ${accepted}`);
  }
  if (onlyReads && role === "device") throw new Refusal(403, ONLY_READS);
  const id = checkName("_pk", query.get("_pk") || crypto.randomUUID());
  const device = role === "device" ? checkName("name", query.get("name") ?? id) : null;
  const epoch = query.has("epoch") ? checkEpoch(query.get("epoch")) : null;
  if (epoch !== null && device === null) {
    throw new Refusal(400, "epoch: only a device has one, join with role=device or without it");
  }
  return toQuery(id, {
    role: role as Role,
    device,
    epoch,
    hears: hears as Hears,
    onlyReads,
    link,
    asked: Date.now(),
  });
}

/** Check the origin, so that other web pages can't use the rooms through a visitor's browser. */
function checkOrigin(request: Request, url: URL, settings: Settings): void {
  const origin = request.headers.get("Origin");
  if (origin === null || settings.allowedOrigins.includes(origin)) return;
  const host = /^[^/]*:\/\/(.*)$/.exec(origin)?.[1];
  if (host?.toLowerCase() !== url.host) {
    const text = `origin ${shorten(origin)} is not this server: let it in with ALLOW_ORIGINS`;
    throw new Refusal(403, text);
  }
}

function isUpgrade(request: Request): boolean {
  return request.headers.get("Upgrade")?.toLowerCase() === "websocket";
}

/** False for handshakes that workerd refuses only after the room has announced the device, or not
 * at all.
 */
function isHandshake(request: Request): boolean {
  const key = request.headers.get("Sec-WebSocket-Key");
  const version = request.headers.get("Sec-WebSocket-Version");
  // HTTP/2, or another worker in front of this one, removes these headers.
  return (
    (version === null || version === "13") && (key === null || /^[A-Za-z0-9+/]{22}==$/.test(key))
  );
}

interface Configuration {
  settings: Settings;
  tokens: Tokens;
}

// The variables do not change during a worker's life.
const configurations = new WeakMap<Env, Configuration>();

async function configure(env: Env): Promise<Configuration> {
  const known = configurations.get(env);
  if (known) return known;
  // The room reads the targets itself. Here an invalid one is told before any room runs.
  readTargets(env.ALERT_TARGETS);
  checkImportToken(env.IMPORT_TOKEN);
  const made = { settings: readSettings(env), tokens: await Tokens.read(env) };
  configurations.set(env, made);
  return made;
}
