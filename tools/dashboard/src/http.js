/** Requests to the room over HTTP, with the page's token. */

import { roomPath } from "./address.js";
import { currentToken } from "./token.js";

/** Ask for a path of this server. Returns null if there is no answer. */
export async function request(path, { query = {}, ...options } = {}) {
  const token = currentToken();
  const parameters = new URLSearchParams(token ? { ...query, token } : query);
  const address = token || Object.keys(query).length ? `${path}?${parameters}` : path;
  try {
    return await fetch(address, { cache: "no-store", ...options });
  } catch {
    return null;
  }
}

/** Ask the room. */
export const askRoom = (options) => request(roomPath, options);

/** The reason in the body of a refusal: our server's `error`, another's text, or just the status. */
export async function reasonOf(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).error;
  } catch {
    return text.slice(0, 200) || String(response.status);
  }
}

/** [the JSON of the answer, or null; why there is none, or null] */
export async function answerOf(response) {
  if (response === null) return [null, "The server does not answer."];
  if (!response.ok) return [null, String(await reasonOf(response))];
  return [response.status === 204 ? {} : await response.json(), null];
}
