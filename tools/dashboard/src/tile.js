/** One value of a device: its name, its current value, and its last minutes as a small picture. */

import { formatAge, formatMoment, formatNumber, formatText } from "./format.js";
import { isError, labelOf, unitOf, withUnit } from "./names.js";
import { beyondOf } from "./rule_text.js";
import { Spark } from "./spark.js";

const template = document.getElementById("value-tile");

const KINDS = ["error", "number", "switch", "text"];
// A value that is so much older than the device's last reading shows its age.
const LAG_MS = 60_000;

function kindOf(value) {
  if (Number.isFinite(value)) return "number";
  return typeof value === "boolean" ? "switch" : "text";
}

/** The size of the text. A unit is smaller than its number. */
function sizeOf(text, unit) {
  const length = text.length + (unit ? 0.5 + 0.6 * unit.length : 0);
  if (length <= 8) return "normal";
  return length <= 11 ? "long" : "longest";
}

/** A text that is longer than its tile scrolls there, so the keyboard must be able to reach it. */
const texts = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const reading = target.parentElement;
    const isText = reading.parentElement.dataset.kind === "text";
    const isLong = isText && reading.scrollHeight > reading.clientHeight;
    if (isLong === reading.hasAttribute("tabindex")) continue;
    if (isLong) {
      reading.tabIndex = 0;
      reading.setAttribute("role", "group");
      reading.setAttribute("aria-label", reading.previousElementSibling.textContent);
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) reading.removeAttribute(name);
    }
  }
});

export class Tile {
  #spark;
  // The texts on the page.
  #shown;

  /** `toggle(device, name)` adds it to the chart, or removes it. */
  constructor(device, name, toggle) {
    this.name = name;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.dataset.name = name;
    const part = (selector) => this.element.querySelector(selector);
    this.label = part(".label bdi");
    this.reading = part(".reading");
    this.text = part(".reading bdi");
    this.unit = part(".unit");
    this.note = part(".note");
    this.button = part(".spark");
    this.button.addEventListener("click", () => toggle(device, name));
    this.#spark = new Spark(this.button.firstElementChild);
    texts.observe(this.text);
  }

  /** The order of its kind. */
  get rank() {
    return KINDS.indexOf("error" in this.element.dataset ? "error" : this.element.dataset.kind);
  }

  /** `room`: now(), slotOf(device, name), alerts. */
  update(device, room) {
    const value = device.last.get(this.name);
    const kind = kindOf(value);
    const series = device.history.get(this.name);
    if (this.element.dataset.kind !== kind) this.element.dataset.kind = kind;
    this.element.toggleAttribute("data-error", isError(this.name, value));
    this.#showName(device);
    if (kind === "number") this.#showNumber(device, value, series);
    else this.#show(kind === "switch" ? (value ? "on" : "off") : formatText(value), null);
    if (kind === "switch" && this.reading.dataset.on !== String(value)) this.reading.dataset.on = value;
    this.#showSpark(device, kind === "number" ? series : device.changes.get(this.name), room);
    this.#showAlert(room.alerts.of(device.name, this.name), device);
  }

  /** Show the age of a value that did not come for a while, although the device sent readings. */
  updateAge(device, now) {
    const at = device.lastAt.get(this.name) ?? 0;
    const isBehind = at > 0 && device.readAt - at > LAG_MS;
    const text = isBehind ? formatAge(Math.max(0, now - at) / 1000) : "";
    if (this.element.dataset.age === text) return;
    this.element.dataset.age = text;
    this.element.title = isBehind ? formatMoment(at) : "";
    if (!this.element.dataset.alert) this.note.textContent = text;
  }

  remove() {
    texts.unobserve(this.text);
    this.#spark.remove();
    this.element.remove();
  }

  #showName(device) {
    const label = labelOf(device, this.name);
    if (this.label.textContent === label) return;
    this.label.textContent = label;
    this.label.parentElement.title = this.name;
  }

  #showNumber(device, value, series) {
    const unit = unitOf(device, this.name);
    const isBytes = unit === "bytes";
    const text = isBytes ? withUnit(device, this.name, value) : formatNumber(value, series.decimals);
    this.#show(text, isBytes ? null : unit);
  }

  #showSpark(device, kept, room) {
    const slot = room.slotOf(device.name, this.name);
    const isPressed = String(slot !== null);
    if (this.button.getAttribute("aria-pressed") !== isPressed) {
      this.button.setAttribute("aria-pressed", isPressed);
    }
    const label = `${labelOf(device, this.name)} in the chart`;
    if (this.button.getAttribute("aria-label") !== label) {
      this.button.setAttribute("aria-label", label);
    }
    this.#spark.show(kept, slot);
  }

  #showAlert(rule, device) {
    const text = rule ? beyondOf(rule, device) : "";
    if ((this.element.dataset.alert ?? "") === text) return;
    if (rule) this.element.dataset.alert = text;
    else delete this.element.dataset.alert;
    this.note.textContent = text || (this.element.dataset.age ?? "");
  }

  #show(text, unit) {
    if (text === this.#shown && this.unit.textContent === (unit ?? "")) return;
    this.#shown = text;
    this.text.textContent = text;
    this.unit.textContent = unit ?? "";
    this.reading.dataset.size = sizeOf(text, unit);
  }
}
