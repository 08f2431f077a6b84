/** Sentences that a screen reader says by itself: changes for the user, never the readings. */

// Sentences that come within this time are said together.
const QUIET_MS = 1000;
// Sentences said together.
const MOST = 4;

const region = document.getElementById("announcer");
let waiting = [];
let timer = null;

export function announce(text) {
  if (!waiting.includes(text)) waiting.push(text);
  timer ??= setTimeout(() => {
    timer = null;
    const more = waiting.length - MOST;
    region.textContent = waiting.slice(0, MOST).join(". ") + (more > 0 ? `. And ${more} more` : "");
    waiting = [];
  }, QUIET_MS);
}
