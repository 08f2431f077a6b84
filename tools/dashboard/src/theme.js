/** The colours that a canvas needs, read from the style sheet and read again when light and dark change. */

const SERIES_COLOURS = 6; // --series-0 ... in dashboard.css

export const theme = {};
const listeners = new Set();

function read() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  theme.axis = colour("--muted");
  theme.grid = colour("--line");
  theme.series = Array.from({ length: SERIES_COLOURS }, (_, i) => colour(`--series-${i}`));
}

/** Always the same colour for the same value name, on every device's card. */
export function colourOf(name) {
  let hash = 7;
  for (let i = 0; i < name.length; i++) hash = (hash * 31 + name.charCodeAt(i)) >>> 0;
  return theme.series[hash % SERIES_COLOURS];
}

export const onThemeChange = (listener) => listeners.add(listener);
export const offThemeChange = (listener) => listeners.delete(listener);

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  read();
  for (const listener of listeners) listener();
});
read();
