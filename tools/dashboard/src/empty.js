/** The page of a room without devices: what brings the first one, ready to copy. */

import { party, room, roomPath, segment } from "./address.js";
import { listenToCopies } from "./copy.js";
import { isLoopback, postFor, programFor } from "./first_program.js";
import { currentToken } from "./token.js";

// The user replaces it.
const ANY_TOKEN = "TOKEN";

const byId = (id) => document.getElementById(id);

/** `mayWrite`: a device can use this page's token. */
export function showFirst(mayWrite) {
  const token = mayWrite ? currentToken() : ANY_TOKEN;
  byId("program").textContent = programFor(location, segment(room), segment(party), token);
  byId("post").textContent = postFor(new URL(roomPath, location).href, token);
  byId("needs-token").hidden = mayWrite;
}

byId("loopback").hidden = !isLoopback(location);
listenToCopies();
