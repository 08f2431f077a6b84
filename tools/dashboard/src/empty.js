/** The room without a device: how the first one comes, ready to be copied. */

import { party, room, roomPath, segment } from "./address.js";
import { listenToCopies } from "./copy.js";
import { isLoopback, postFor, programFor } from "./first.js";
import { currentToken } from "./token.js";

const ANY_TOKEN = "TOKEN"; // to be replaced

const byId = (id) => document.getElementById(id);

/** `mayWrite`: this page's token is one that a device can use. */
export function showFirst(mayWrite) {
  const token = mayWrite ? currentToken() : ANY_TOKEN;
  byId("program").textContent = programFor(location, segment(room), segment(party), token);
  byId("post").textContent = postFor(new URL(roomPath, location).href, token);
  byId("needs-token").hidden = mayWrite;
}

byId("loopback").hidden = !isLoopback(location);
listenToCopies();
