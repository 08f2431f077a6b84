/** The buttons that choose how much time the chart shows. This browser keeps the choice. */

import { place } from "./address.js";
import { load, save } from "./store.js";
import { SPANS_MS } from "./view.js";

const KEY = `range ${place}`;
const box = document.getElementById("ranges");

/** The span that the user has chosen in this room, or null. */
export function chosenSpan() {
  const spanMs = load(KEY, 0);
  return SPANS_MS.includes(spanMs) ? spanMs : null;
}

export function listenToRanges(chosen) {
  box.addEventListener("change", ({ target }) => {
    save(KEY, Number(target.value));
    chosen(Number(target.value));
  });
}

/** Show which span is followed. None if `spanMs` is null. */
export function showSpan(spanMs) {
  for (const input of box.querySelectorAll("input")) input.checked = Number(input.value) === spanMs;
}
