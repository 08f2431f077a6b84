/** What becomes of the readings, as the server says: kept, not stored, or kept until it restarts. */

import { announce } from "./announcer.js";
import { formatText } from "./format.js";

const failing = document.getElementById("storage");
const why = document.getElementById("storage-error");
const memory = document.getElementById("no-database");

/** Of a snapshot, or of a message of its own; an older server says nothing. */
export function showStorage({ storage, error }) {
  const isFailing = storage === "failing";
  const hasChanged = failing.hidden === isFailing;
  failing.hidden = !isFailing;
  why.textContent = typeof error === "string" ? `The server says: ${formatText(error)}.` : "";
  memory.hidden = storage !== "memory";
  if (!hasChanged) return;
  announce(isFailing ? "Readings are not stored now" : "Readings are stored again");
}
