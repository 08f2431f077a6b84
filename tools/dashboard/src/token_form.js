/** The form that asks for the token of a closed room. */

import { formatText } from "./format.js";
import { currentToken, dropToken, tryToken } from "./token.js";

const byId = (id) => document.getElementById(id);
const form = byId("token-form");

/** `opened()` is called when the user has entered one. */
export function listenToTokenForm(opened) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tryToken(byId("token").value, byId("token-keep").checked);
    form.hidden = true;
    opened();
  });
}

/** Ask for a token, or for another one. `words` is the server's text. */
export function askForToken(words) {
  const isRefused = Boolean(currentToken());
  dropToken();
  // Show the form first: a screen reader says an alert when its text is added to the page.
  form.hidden = false;
  byId("token-problem").textContent =
    (isRefused ? "The server does not know this token. It says: " : "The server says: ") +
    formatText(words);
  byId("token").focus();
  byId("token").select();
}
