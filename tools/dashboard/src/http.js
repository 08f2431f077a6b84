/** Requests to the server over HTTP, with the page's token. */

import { roomPath } from "./address.js";
import { currentToken } from "./token.js";

/** A token that no server can have made must be refused too, but a header takes no such character. */
const headerOf = (token) =>
  `Bearer ${/^[!-~]*$/.test(token) ? token : encodeURIComponent(token)}`;

/** Ask for a path of this server. Returns null if there is no answer. */
export async function request(path, { query = "", headers = {}, ...options } = {}) {
  const token = currentToken();
  const parameters = String(new URLSearchParams(query));
  try {
    return await fetch(parameters ? `${path}?${parameters}` : path, {
      headers: token ? { ...headers, Authorization: headerOf(token) } : headers,
      cache: "no-store",
      ...options,
    });
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
  if (response !== null) {
    try {
      if (!response.ok) return [null, String(await reasonOf(response))];
      return [response.status === 204 ? {} : await response.json(), null];
    } catch {
      // It broke off, or is no JSON.
    }
  }
  return [null, "The server does not answer."];
}
