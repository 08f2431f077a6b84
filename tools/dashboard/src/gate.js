/** The form that asks for the token of a room that is closed. */

import { rememberToken } from "./token.js";

const byId = (id) => document.getElementById(id);
const form = byId("token-form");

/** `opened()` is called when somebody has given one. */
export function listenToGate(opened) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    rememberToken(byId("token").value, byId("token-keep").checked);
    form.hidden = true;
    opened();
  });
}

export function askForToken() {
  byId("token-problem").textContent = form.dataset.asked
    ? "The server does not know this token."
    : "";
  form.hidden = false;
  form.dataset.asked = true;
  byId("token").select();
}
