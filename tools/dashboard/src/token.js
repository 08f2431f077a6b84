/** The token that opens the room. It is kept for this tab, or on this device if the user wishes. */

import { isKiosk, place, takeToken, tokenOf } from "./address.js";

const KEY = `room-token ${place}`;
// The last token, because it may open the next room too.
const ANY_KEY = "room-token";

// The token in use, stored or not.
let token = null;
// True if it stays on this device when the tab is closed.
let isToStay = false;

function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

/** Use this token from now on. It is kept when it has opened the room: see `keepToken`. */
export function tryToken(secret, isForGood = false) {
  token = secret;
  isToStay = isForGood;
}

/** Keep the present token, if there is one, because it has opened the room. */
export function keepToken() {
  if (!token) return;
  attempt(() => sessionStorage.setItem(KEY, token));
  attempt(() => sessionStorage.setItem(ANY_KEY, token));
  if (isToStay) attempt(() => localStorage.setItem(KEY, token));
}

/** Forget the present token, because it does not open the room. */
export function dropToken() {
  for (const storage of ["sessionStorage", "localStorage"]) {
    for (const key of [KEY, ANY_KEY]) {
      attempt(() => window[storage].getItem(key) === token && window[storage].removeItem(key));
    }
  }
  token = null;
}

/** Forget it in this tab and on this device. */
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
// A tablet on the wall that starts again has nobody who types it.
if (given) tryToken(given, isKiosk);
// A link with a token for the page that is open already.
addEventListener("hashchange", () => {
  if (tokenOf(location.hash) !== null) location.reload();
});
