// Tokens: who may enter which room. Neither an answer nor its duration shows which rooms exist.

import { binary } from "./links.ts";
import { type Env, SettingError } from "./settings.ts";

export type Access = "read" | "write";

// The place of a token that opens every room.
const EVERYWHERE = "*";
// Each of them is compared for every request.
const MAX_TOKENS = 1000;
// Of a token that signs: what it has signed lets others try guesses of it, as fast as they can.
export const MIN_KEY_CHARS = 16;
const TOKEN = /^[!-~]{1,256}$/;
const PLACE = /^(\*|([a-z0-9_.-]{1,64}\/)?[!-.0-~]{1,256})$/;

interface Entry {
  // EVERYWHERE, `ROOM` or `PARTY/ROOM`.
  place: string;
  digest: ArrayBuffer;
  access: Access;
  isLong: boolean;
}

/** The tokens and their rooms. Without any token every room is open, else only with a token. */
export class Tokens {
  readonly #entries: Entry[];

  private constructor(entries: Entry[]) {
    this.#entries = entries;
  }

  /** Read TOKEN, READ_TOKEN and ROOM_TOKENS. Throws SettingError. */
  static async read(env: Env): Promise<Tokens> {
    const given: [place: string, token: string, access: Access, where: string][] = [];
    if (isSet(env.TOKEN)) given.push([EVERYWHERE, env.TOKEN, "write", "TOKEN"]);
    if (isSet(env.READ_TOKEN)) given.push([EVERYWHERE, env.READ_TOKEN, "read", "READ_TOKEN"]);
    if (isSet(env.ROOM_TOKENS)) given.push(...readLines(env.ROOM_TOKENS));
    if (given.length > MAX_TOKENS)
      throw new SettingError(`${given.length} tokens: at most ${MAX_TOKENS}`);
    const entries: Entry[] = [];
    for (const [place, token, access, where] of given) {
      if (!PLACE.test(place))
        throw new SettingError(`${where}: give ROOM, PARTY/ROOM or * before the token`);
      if (!isToken(token)) {
        throw new SettingError(`${where}: a token has 1 to 256 ASCII characters without spaces`);
      }
      const isLong = token.length >= MIN_KEY_CHARS;
      entries.push({ place, digest: await digestOf(token), access, isLong });
    }
    return new Tokens(entries);
  }

  /** Return the most that the `given` tokens allow in a room, or null. */
  async access(party: string, room: string, given: readonly string[]): Promise<Access | null> {
    if (!this.areSet) return "write";
    return this.#compare(given, placesOf(party, room));
  }

  /** Whether there is any. If not, every room is open. */
  get areSet(): boolean {
    return this.#entries.length > 0;
  }

  /**
   * Return the key for links to a room: of all tokens that may write there, so that a change of any
   * of them makes another key. Null if there is none, or all are short.
   */
  async signingKey(party: string, room: string): Promise<CryptoKey | null> {
    const places = placesOf(party, room);
    const writing = this.#entries.filter(({ place, access }) => {
      return access === "write" && places.includes(place);
    });
    if (!writing.some(({ isLong }) => isLong)) return null;
    const digests = new Set(writing.map(({ digest }) => binary(new Uint8Array(digest))));
    const text = `partysocket share${[...digests].sort().join("")}`;
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    const key = await crypto.subtle.digest("SHA-256", bytes);
    return crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  }

  /** Whether a token opens every room for writing. Without one, the owner can't be recognised. */
  get hasOwner(): boolean {
    return this.#entries.some(({ place, access }) => place === EVERYWHERE && access === "write");
  }

  /** Whether one of the `given` tokens opens every room for writing. */
  async isOwner(given: readonly string[]): Promise<boolean> {
    return (await this.#compare(given, [EVERYWHERE])) === "write";
  }

  /** Return the most that the `given` tokens allow in one of the places, or null. */
  async #compare(given: readonly string[], places: readonly string[]): Promise<Access | null> {
    const digests = await Promise.all(given.map(digestOf));
    let allowed: Access | null = null;
    // Every token is compared, so that the time is the same for every room.
    for (const { place, digest, access } of this.#entries) {
      let isKnown = false;
      for (const one of digests) {
        if (crypto.subtle.timingSafeEqual(digest, one)) isKnown = true;
      }
      if (isKnown && places.includes(place) && allowed !== "write") allowed = access;
    }
    return allowed;
  }
}

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether two tokens are the same. The time that this takes says nothing of them. */
export async function isEqual(one: string, other: string): Promise<boolean> {
  return crypto.subtle.timingSafeEqual(await digestOf(one), await digestOf(other));
}

/** The places of the tokens that open a room. */
function placesOf(party: string, room: string): string[] {
  return [EVERYWHERE, room, `${party}/${room}`];
}

/** Return the tokens of a request: from its Authorization header and its query. */
export function tokensOf(request: Request, query: URLSearchParams): string[] {
  const bearer = /^\s*bearer\s+(\S+)\s*$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  return [bearer, query.get("token")].filter((token) => !!token) as string[];
}

/** Read lines of `PLACE TOKEN` or `PLACE TOKEN read`, like the room server's --token-file. */
function readLines(text: string): [string, string, Access, string][] {
  const entries: [string, string, Access, string][] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [place, token, access, ...more] = line.split(/\s+/).filter(Boolean);
    if (place === undefined || place.startsWith("#")) continue;
    const where = `ROOM_TOKENS, line ${index + 1}`;
    if (token === undefined || more.length > 0 || (access !== undefined && access !== "read")) {
      throw new SettingError(`${where}: write PLACE TOKEN, or PLACE TOKEN read`);
    }
    entries.push([place, token, access ?? "write", where]);
  }
  // Without tokens the rooms would be open, although the owner wanted to close them.
  if (entries.length === 0)
    throw new SettingError("ROOM_TOKENS has no token: write PLACE TOKEN on a line");
  return entries;
}

/** True for an empty text too, because an owner who sets a token wants the rooms closed. */
function isSet(text: string | null | undefined): text is string {
  return text !== undefined && text !== null;
}

// All digests have one length, because the time of a comparison depends on the length.
function digestOf(token: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
}
