/** The token that opens the room: for this tab, or on this device if its owner says so. */

import { place, takeToken } from "./address.js";

const KEY = `room-token ${place}`;
const ANY_KEY = "room-token"; // the last one: a token may open the next room, too

let token = null; // the one in use, whether it is stored or not
let isToStay = false; // on this device, when this tab is gone

function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

/** Use this one from now on. It is kept once it has opened the room: see `keepToken`. */
export function tryToken(secret, isForGood = false) {
  token = secret;
  isToStay = isForGood;
}

/** The room has opened with the present token, if there is one. */
export function keepToken() {
  if (!token) return;
  attempt(() => sessionStorage.setItem(KEY, token));
  attempt(() => sessionStorage.setItem(ANY_KEY, token));
  if (isToStay) attempt(() => localStorage.setItem(KEY, token));
}

/** The room does not open with the present token: it is kept nowhere. */
export function dropToken() {
  for (const storage of ["sessionStorage", "localStorage"]) {
    for (const key of [KEY, ANY_KEY]) {
      attempt(() => window[storage].getItem(key) === token && window[storage].removeItem(key));
    }
  }
  token = null;
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
if (given) tryToken(given);
