/** The line that says that the room can't be reached, and how old the picture is. */

import { formatAge, formatTime } from "./format.js";

const banner = document.getElementById("gone");
const picture = document.getElementById("gone-picture");
const age = document.getElementById("gone-age");

// In ms by this computer's clock, or null while the room is connected.
let since = null;

/** `hasPicture`: the page shows data, which gets old from now on. */
export function showGone(isGone, hasPicture = false) {
  if (isGone && hasPicture) since ??= Date.now();
  else since = null;
  banner.hidden = !isGone;
  picture.hidden = !hasPicture;
  paintGone();
}

export function paintGone() {
  if (since === null) return;
  const text = `${formatTime(since)}, ${formatAge((Date.now() - since) / 1000)}`;
  if (age.textContent !== text) age.textContent = text;
}

/** When the picture was taken, or null if it is live. */
export const goneSince = () => since;
