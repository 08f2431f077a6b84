/** The token that opens the room: for this tab, or on this device if its owner says so. */

import { place, takeToken } from "./address.js";

const KEY = `room-token ${place}`;
const ANY_KEY = "room-token"; // the last one: a token may open the next room, too

let token = null; // the copy that counts where storage is forbidden

function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

export function rememberToken(secret, isForGood = false) {
  token = secret;
  attempt(() => sessionStorage.setItem(KEY, secret));
  attempt(() => sessionStorage.setItem(ANY_KEY, secret));
  if (isForGood) attempt(() => localStorage.setItem(KEY, secret));
}

/** Everywhere: this tab and this device. */
export function forgetToken() {
  token = null;
  for (const key of [KEY, ANY_KEY]) {
    attempt(() => sessionStorage.removeItem(key));
    attempt(() => localStorage.removeItem(key));
  }
}

export function currentToken() {
  token ??=
    attempt(() => sessionStorage.getItem(KEY)) ??
    attempt(() => localStorage.getItem(KEY)) ??
    attempt(() => sessionStorage.getItem(ANY_KEY));
  return token;
}

const given = takeToken();
if (given) rememberToken(given);
