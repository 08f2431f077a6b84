/** One value of a device: its name, what it is now, and for a number how it came there. */

import { Chart } from "./chart.js";
import { formatNumber, formatText } from "./format.js";
import { chartSoon } from "./paint.js";

const template = document.getElementById("value-row");

function kindOf(value) {
  if (Number.isFinite(value)) return "number";
  return typeof value === "boolean" ? "switch" : "text";
}

function sizeOf(text) {
  if (text.length <= 8) return "normal";
  return text.length <= 11 ? "long" : "longest";
}

export class ValueRow {
  #chart = null;
  #shown; // the text on the page

  constructor(name, group) {
    this.name = name;
    this.group = group;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.dataset.name = name;
    const [label, reading, chart] = this.element.children;
    label.firstElementChild.textContent = name;
    label.title = name;
    this.reading = reading;
    this.text = reading.firstElementChild;
    this.chartElement = chart;
  }

  update(value, series) {
    const kind = kindOf(value);
    if (this.element.dataset.kind !== kind) this.element.dataset.kind = kind;
    if (kind === "number") {
      this.#show(formatNumber(value, series.decimals));
      this.#draw(series);
    } else if (kind === "switch") {
      this.#show(value ? "on" : "off");
      this.reading.dataset.on = value;
    } else {
      this.#show(formatText(value));
    }
  }

  remove() {
    this.#chart?.destroy();
    this.element.remove();
  }

  #show(text) {
    if (text === this.#shown) return;
    this.#shown = text;
    this.text.textContent = text;
    this.reading.dataset.size = sizeOf(text);
  }

  #draw(series) {
    if (!this.#chart) this.#chart = new Chart(this.chartElement, this.name, series, this.group);
    else if (this.#chart.series !== series) this.#chart.show(series);
    else chartSoon(this.#chart);
  }
}
