/** Shows what the server does with readings: stores them, can't, or keeps them until it restarts. */

import { announce } from "./announcer.js";
import { formatText } from "./format.js";

const failing = document.getElementById("storage");
const why = document.getElementById("storage-error");
const memory = document.getElementById("no-database");

/** Show the state from a snapshot or a `storage` message. An older server sends none. */
export function showStorage({ storage, error }) {
  const isFailing = storage === "failing";
  const hasChanged = failing.hidden === isFailing;
  failing.hidden = !isFailing;
  why.textContent = typeof error === "string" ? `The server says: ${formatText(error)}.` : "";
  memory.hidden = storage !== "memory";
  if (!hasChanged) return;
  announce(isFailing ? "Readings are not stored now" : "Readings are stored again");
}
