// The share links of a room. The worker has the key and signs them; the room keeps which there are.
//
// The room is asked only about a link that is signed: such a one was made for it. It does not keep
// those that were revoked, so a room without its data has no links.

import { done, json, Refusal, wrongToken } from "./answers.ts";
import { bodyOf } from "./body.ts";
import { checkName, checkWhole, shorten } from "./checks.ts";
import { RoomFull } from "./devices.ts";
import { newId, sign } from "./links.ts";
import { load } from "./messages.ts";
import { badMethod } from "./page.ts";
import { writeAll } from "./store.ts";
import { MIN_KEY_CHARS, type Tokens } from "./tokens.ts";

// Those that have expired not counted.
const MAX_LINKS = 100;
const MAX_DAYS = 365;
const DAYS = 30;
const DAY_MS = 86_400_000;
// The key in the room's storage. All links are one row.
const KEY = "shares";

const OPEN = "the server has no token, so the room's address alone is enough: give that";
const SHORT =
  "who has a link can try guesses of the room's token, and it is short: give the server one of" +
  ` ${MIN_KEY_CHARS} characters or more`;

interface Share {
  id: string;
  label: string;
  // ms since 1970
  made: number;
  expires: number;
}

/** Return the key that signs links to a room. Throws Refusal if none may be made. */
export async function keyOf(tokens: Tokens, party: string, room: string): Promise<CryptoKey> {
  if (!tokens.areSet) throw new Refusal(400, OPEN);
  const key = await tokens.signingKey(party, room);
  if (!key) throw new Refusal(400, SHORT);
  return key;
}

/**
 * Answer a request about the links of a place, `PARTY/ROOM`, from a client that may write there.
 *
 * `ask` sends a request to the room. Throws Refusal, MessageError.
 */
export async function share(
  request: Request,
  place: string,
  key: CryptoKey,
  maxBytes: number,
  ask: (inner: Request) => Promise<Response>,
): Promise<Response> {
  const { method } = request;
  const inner = new URL(`http://room/parties/${place}`);
  inner.searchParams.set("shares", new URL(request.url).searchParams.get("shares") ?? "");
  if (["GET", "HEAD", "DELETE"].includes(method)) return ask(new Request(inner, { method }));
  if (method !== "POST") throw badMethod(request, "GET, HEAD, POST, DELETE");
  const { days, label } = wanted(await bodyOf(request, maxBytes));
  const made = Date.now();
  const link: Share = { id: newId(), label, made, expires: made + days * DAY_MS };
  const reply = await ask(new Request(inner, { method, body: JSON.stringify(link) }));
  return reply.ok ? json({ ...link, token: await sign(key, place, link) }) : reply;
}

/** The part of the room. */
export class Shares {
  readonly #storage: DurableObjectStorage;
  readonly #end: (id: string) => void;

  /** `end` closes the connections of a link that was revoked. */
  constructor(storage: DurableObjectStorage, end: (id: string) => void) {
    this.#storage = storage;
    this.#end = end;
  }

  has(id: string): boolean {
    return this.#kept().some((link) => link.id === id);
  }

  /** Throw Refusal if the worker let a request in by a link that the room does not have. */
  check(query: URLSearchParams): void {
    const id = query.get("link");
    if (id !== null && !this.has(id)) throw wrongToken();
  }

  /** Answer a request of share(). Throws Refusal, RoomFull, NotStored. */
  async answer(request: Request): Promise<Response> {
    if (request.method === "DELETE") {
      this.#revoke(new URL(request.url).searchParams.get("shares") as string);
      return done();
    }
    if (request.method === "POST") this.#add(await request.json<Share>());
    return json({ shares: this.#valid() });
  }

  #add(link: Share): void {
    const valid = this.#valid();
    if (valid.length >= MAX_LINKS) {
      throw new RoomFull(`${MAX_LINKS} links are in the room: revoke one of them first`);
    }
    this.#keep([...valid, link]);
  }

  #revoke(id: string): void {
    if (!this.has(id)) {
      throw new Refusal(404, `link ${shorten(id)} is not of this room: GET ?shares lists them`);
    }
    this.#keep(this.#kept().filter((link) => link.id !== id));
    this.#end(id);
  }

  #valid(): Share[] {
    const now = Date.now();
    return this.#kept().filter(({ expires }) => expires > now);
  }

  #kept(): Share[] {
    return this.#storage.kv.get<Share[]>(KEY) ?? [];
  }

  #keep(links: Share[]): void {
    writeAll(this.#storage, () => this.#storage.kv.put(KEY, links));
  }
}

/** Return what a POST asks for. Throws Refusal, MessageError. */
function wanted(body: string | Uint8Array): { days: number; label: string } {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  if (!text.trimStart().startsWith("{")) {
    const example = '{"days": 30, "label": "kitchen tablet"}';
    throw new Refusal(400, `the body: send a JSON object, as ${example}`);
  }
  const { days = DAYS, label = "" } = load(text);
  return {
    days: checkWhole("days", days, 1, MAX_DAYS),
    label: label === "" ? label : checkName("label", label),
  };
}
