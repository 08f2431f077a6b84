/** The chart's data as tables: of the numbers in the range, and of the changes of bools and texts. */

import { spells } from "./changes.js";
import { formatTime } from "./format.js";

// The newest ones of all lines.
const MOST_SPELLS = 100;

const byId = (id) => document.getElementById(id);
// What the tables show.
let shown = "";

function rowOf(head, cells) {
  const row = document.createElement("tr");
  const first = document.createElement("th");
  first.scope = "row";
  first.textContent = head;
  row.append(first);
  for (const text of cells) row.insertCell().textContent = text;
  return row;
}

const headOf = (line) => `${line.title} · ${line.label}`;

function numberRow(line, { min, max }) {
  const { latest, low, high, mean, count } = line.points.summary(min, max);
  const numbers = [latest, low, high].map((number) => line.numberText(number));
  return [headOf(line), [...numbers, line.numberText(mean, 1), String(count)]];
}

function spellRows(lines, { min, max }) {
  return lines
    .flatMap((line) => spells(line.changes, { min, max }).map((spell) => ({ ...spell, line })))
    .sort((a, b) => b.from - a.from)
    .slice(0, MOST_SPELLS)
    .map(({ line, from, to, value }) => [
      headOf(line),
      [line.stateText(value), formatTime(from), to > max ? "" : formatTime(to)],
    ]);
}

/** Write the tables of these lines, if they are open. */
export function paintTables(lines, range) {
  if (!byId("chart-table").open) return;
  const caption = `From ${formatTime(range.min)} to ${formatTime(range.max)}`;
  byId("chart-caption").textContent = caption;
  byId("changes-caption").textContent = `Bools and texts. ${caption}`;
  const numbers = lines.filter(({ points }) => points).map((line) => numberRow(line, range));
  const states = lines.filter(({ isState }) => isState);
  const changes = spellRows(states, range);
  const text = JSON.stringify([numbers, changes]);
  if (text === shown) return;
  shown = text;
  byId("chart-rows").replaceChildren(...numbers.map((each) => rowOf(...each)));
  byId("changes-rows").replaceChildren(...changes.map((each) => rowOf(...each)));
  byId("chart-rows").closest(".scroll").hidden = states.length === lines.length && lines.length > 0;
  byId("changes-rows").closest(".scroll").hidden = states.length === 0;
}
