/** Light and dark: as in the system, or as chosen here. Also the colours that a canvas needs. */

import { load, save } from "./store.js";

const KEY = "theme";
const CHOICES = ["system", "light", "dark"];
const MEDIA = { system: "(prefers-color-scheme: dark)", light: "not all", dark: "all" };
// Colours of series: --series-0 ... in the style sheets.
export const SLOTS = 8;

export const theme = {};
const listeners = new Set();
const darkSheet = document.getElementById("dark-sheet");
const button = document.getElementById("theme");
let choice = load(KEY, "system");
if (!CHOICES.includes(choice)) choice = "system";

function read() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  theme.text = colour("--text");
  theme.axis = colour("--muted");
  theme.grid = colour("--line");
  theme.series = Array.from({ length: SLOTS }, (_, i) => colour(`--series-${i}`));
  for (const listener of listeners) listener();
}

function apply() {
  darkSheet.media = MEDIA[choice];
  button.dataset.choice = choice;
  button.setAttribute("aria-label", `Colours: ${choice}. Change`);
  button.title = `Colours: ${choice}`;
  // The new colours are valid from the next frame on.
  requestAnimationFrame(read);
}

export const onThemeChange = (listener) => listeners.add(listener);

button.addEventListener("click", () => {
  choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
  save(KEY, choice);
  apply();
});
matchMedia(MEDIA.system).addEventListener("change", () => requestAnimationFrame(read));
apply();
read();
