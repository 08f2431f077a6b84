/** The form that asks for the token of a room that is closed. */

import { formatText } from "./format.js";
import { currentToken, dropToken, tryToken } from "./token.js";

const byId = (id) => document.getElementById(id);
const form = byId("token-form");

/** `opened()` is called when somebody has given one. */
export function listenToGate(opened) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tryToken(byId("token").value, byId("token-keep").checked);
    form.hidden = true;
    opened();
  });
}

/** The server wants a token, or another one: `words` are its own. */
export function askForToken(words) {
  const isRefused = Boolean(currentToken());
  dropToken();
  form.hidden = false; // first: an alert is said aloud when its text comes onto the page
  byId("token-problem").textContent =
    (isRefused ? "The server does not know this token. It says: " : "The server says: ") +
    formatText(words);
  byId("token").focus();
  byId("token").select();
}
