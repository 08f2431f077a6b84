/** The form that asks for the token of a closed room. */

import { isKiosk } from "./address.js";
import { formatText } from "./format.js";
import { currentToken, dropToken, tryToken } from "./token.js";

// On a wall nobody types a token, and the server may soon know the old one again.
const RETRY_MS = 60_000;

const byId = (id) => document.getElementById(id);
const form = byId("token-form");
let open = () => {};
let timer = null;

/** `opened()` is called when the user has entered one. */
export function listenToTokenForm(opened) {
  open = opened;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tryToken(byId("token").value, byId("token-keep").checked);
    closeTokenForm();
    opened();
  });
}

/** The room is open: no token is asked for. */
export function closeTokenForm() {
  clearTimeout(timer);
  form.hidden = true;
}

/** Ask for a token, or for another one. `words` is the server's text. */
export function askForToken(words) {
  const isRefused = Boolean(currentToken());
  clearTimeout(timer);
  if (isKiosk) timer = setTimeout(open, RETRY_MS);
  else dropToken();
  // Show the form first: a screen reader says an alert when its text is added to the page.
  form.hidden = false;
  byId("token-problem").textContent =
    (isRefused ? "The server does not know this token. It says: " : "The server says: ") +
    formatText(words);
  byId("token").focus();
  byId("token").select();
}
