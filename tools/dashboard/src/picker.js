/** The list from which the user adds values to the chart: every value of every device. */

import { formatName } from "./format.js";
import { labelOf, unitOf } from "./names.js";
import { inOrder } from "./collation.js";

const list = document.getElementById("add-series");
const PROMPT = list.firstElementChild;

/** `room`: devices (a Map), choice. */
export function listenToPicker(room) {
  // It is only filled before it opens, because hundreds of devices have thousands of values.
  for (const type of ["focus", "pointerdown"]) list.addEventListener(type, () => fill(room));
  list.addEventListener("change", () => {
    const option = list.selectedOptions[0];
    if (option?.value) room.choice.toggle(...JSON.parse(option.value));
    fill(room);
  });
}

function fill({ devices, choice }) {
  const groups = [...devices.values()]
    .sort((a, b) => inOrder(a.title, b.title))
    .map((device) => groupOf(device, choice))
    .filter((group) => group.children.length);
  PROMPT.textContent = choice.isFull ? `${choice.list.length} are the most` : "Add a value…";
  list.replaceChildren(PROMPT, ...(choice.isFull ? [] : groups));
  list.value = "";
}

function groupOf(device, choice) {
  const group = document.createElement("optgroup");
  group.label = formatName(device.title);
  const names = new Set([...device.history.keys(), ...device.changes.keys()]);
  for (const name of [...names].sort(inOrder)) {
    if (choice.slotOf(device.name, name) !== null) continue;
    const unit = unitOf(device, name);
    const option = document.createElement("option");
    option.value = JSON.stringify([device.name, name]);
    option.textContent = labelOf(device, name) + (unit ? `, ${unit}` : "");
    group.append(option);
  }
  return group;
}
