// The tokens of share links. Each is signed, and says for which room it is, and until when.

export const EXPIRED = "the share link has expired";

// What is signed has at most 64 + 256 + 64 + 15 characters, and 3 between them.
const TOKEN = /^share\.([A-Za-z0-9_-]{1,600})\.([A-Za-z0-9_-]{43})$/;
const ID_AND_TIME = /^([A-Za-z0-9_-]{1,64})\/([0-9]{1,15})$/;

export interface Link {
  id: string;
  // ms since 1970
  expires: number;
}

export function hasExpired({ expires }: Link): boolean {
  return expires <= Date.now();
}

/** Return the token of a link for a place, `PARTY/ROOM`. `key` is Tokens.signingKey(). */
export async function sign(key: CryptoKey, place: string, link: Link): Promise<string> {
  const body = toBase64(`${place}/${link.id}/${link.expires}`);
  return `share.${body}.${await signature(key, body)}`;
}

/** Return the link of a token. Null if it is not signed, not for this place, or has expired. */
export async function check(key: CryptoKey, place: string, token: string): Promise<Link | null> {
  const [, body, given] = TOKEN.exec(token) ?? [];
  if (body === undefined || given === undefined) return null;
  // Compared as texts, because several texts stand for the same bytes.
  if (!isSame(await signature(key, body), given)) return null;
  const what = fromBase64(body);
  if (!what.startsWith(`${place}/`)) return null;
  const [, id, expires] = ID_AND_TIME.exec(what.slice(place.length + 1)) ?? [];
  if (id === undefined) return null;
  const link = { id, expires: Number(expires) };
  return hasExpired(link) ? null : link;
}

/** Return a new id, of 72 random bits. */
export function newId(): string {
  return toBase64(binary(crypto.getRandomValues(new Uint8Array(9))));
}

/** Return bytes as a text with a character for each. */
export function binary(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

async function signature(key: CryptoKey, body: string): Promise<string> {
  const bytes = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(body));
  return toBase64(binary(new Uint8Array(bytes)));
}

function isSame(a: string, b: string): boolean {
  const encoder = new TextEncoder();
  return crypto.subtle.timingSafeEqual(encoder.encode(a), encoder.encode(b));
}

function toBase64(text: string): string {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64(body: string): string {
  try {
    return atob(body.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    // Who knows the key can sign anything.
    return "";
  }
}
