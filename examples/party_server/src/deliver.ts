// Sends one notification to a target. Only a status of 200 to 299 means that it was taken.

import { idOf, type Notice, textOf, titleOf } from "./notices.ts";
import type { Target } from "./targets.ts";
import { encode } from "./wire.ts";

const TIMEOUT_S = 10;

export interface Place {
  party: string;
  room: string;
}

/**
 * Send a notice of a room. Return null, or why it was not taken: a text that has nothing of the
 * target's address, of its secrets, or of its answer.
 */
export async function deliver(
  target: Target,
  notice: Notice,
  place: Place,
): Promise<string | null> {
  const { body, headers } =
    target.kind === "webhook" ? await webhook(target, notice, place) : ntfy(target, notice, place);
  let response: Response;
  try {
    response = await fetch(target.url, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_S * 1000),
    });
  } catch (error) {
    const isSlow = error instanceof Error && error.name === "TimeoutError";
    return isSlow ? `no answer within ${TIMEOUT_S} s` : "no connection, or no valid answer";
  }
  // It is not read, however long it is.
  response.body?.cancel().catch(() => {});
  const { ok, status } = response;
  if (ok) return null;
  const isRedirect = status >= 300 && status < 400;
  return isRedirect ? `status ${status}: redirects are not followed` : `status ${status}`;
}

interface Request {
  body: string;
  headers: Record<string, string>;
}

async function webhook(
  { secret }: Target,
  notice: Notice,
  { party, room }: Place,
): Promise<Request> {
  const { count, events } = notice;
  const [id, title, text] = [idOf(notice), titleOf(notice, room), textOf(notice)];
  const body = encode({ id, party, room, title, text, count, events });
  const headers = { "Content-Type": "application/json", "Idempotency-Key": id };
  if (secret === null) return { body, headers };
  return { body, headers: { ...headers, "X-Signature-256": await signature(secret, body) } };
}

function ntfy({ secret }: Target, notice: Notice, { room }: Place): Request {
  const isOn = notice.began > 0;
  const headers = {
    "Content-Type": "text/plain; charset=utf-8",
    "Idempotency-Key": idOf(notice),
    // A room's name is ASCII.
    Title: titleOf(notice, room),
    Priority: isOn ? "high" : "default",
    Tags: isOn ? "warning" : "white_check_mark",
    ...(secret !== null && { Authorization: `Bearer ${secret}` }),
  };
  return { body: textOf(notice), headers };
}

async function signature(secret: string, body: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const raw = encoder.encode(secret);
  const key = await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
  const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(body)));
  return `sha256=${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
