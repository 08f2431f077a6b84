/** The readings without a known time: a list in the device's card, because no chart can show them. */

import { formatMoment, formatName, formatTime } from "./format.js";
import { labelOf, valueText } from "./names.js";

export class Undated {
  // The readings that it counts.
  #told = null;
  // The readings that have rows.
  #listed = null;

  constructor(element) {
    this.element = element;
    this.count = element.querySelector("summary");
    this.scroll = element.querySelector(".scroll");
    this.rows = element.querySelector("tbody");
    element.addEventListener("toggle", () => this.#list());
  }

  update(device) {
    this.device = device;
    if (this.#told === device.undated) return;
    this.#told = device.undated;
    const count = device.undated.length;
    this.element.hidden = count === 0;
    this.count.textContent = `${count} reading${count === 1 ? "" : "s"}, time not known`;
    this.#list();
  }

  /** Make the rows when the list is opened, because hundreds of devices may have twenty each. */
  #list() {
    if (!this.element.open || this.#listed === this.#told) return;
    this.#listed = this.#told;
    const title = formatName(this.device.title);
    this.scroll.setAttribute("aria-label", `Readings of ${title} whose time is not known`);
    this.rows.replaceChildren(...this.#told.toReversed().map((each) => this.#row(each)));
  }

  #row([came, values]) {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = formatTime(came);
    head.title = formatMoment(came);
    row.append(head);
    row.insertCell().textContent = Object.entries(values)
      .map(([name, value]) => `${labelOf(this.device, name)} ${valueText(this.device, name, value)}`)
      .join(", ");
    return row;
  }
}
