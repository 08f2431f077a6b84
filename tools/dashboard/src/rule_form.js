/** The form of one rule of alerts: fills it, and reads a rule from it. */

import { inOrder } from "./collation.js";
import { parseValue } from "./command.js";
import { formatName, formatTime } from "./format.js";
import { labelOf, unitOf } from "./names.js";
import { OFFLINE_MINUTES, ahead, localTime } from "./rule_text.js";
import { EVERY_DEVICE, newId } from "./rules.js";

const MOST_MINUTES = 10_080;
const BOOLS = { on: true, true: true, off: false, false: false };

const field = (name) => document.getElementById(`rule-${name}`);
const form = document.getElementById("alert-form");
const target = document.getElementById("alert-target");

/** A text for people: why there is no rule. */
class Wrong extends Error {}

/** Minutes after midnight of 22:00. */
function minutesOf(time) {
  const [hours, minutes] = time.split(":");
  return Number(hours) * 60 + Number(minutes);
}

function numberOf(name, least, words) {
  const number = field(name).valueAsNumber;
  if (!(number >= least)) throw new Wrong(words);
  return number;
}

export class RuleForm {
  // The rule that is changed; or what a new one begins with.
  #rule = {};

  /** `room`: devices (a Map), now(). */
  constructor(room) {
    this.room = room;
    for (const name of ["device", "kind"]) {
      field(name).addEventListener("change", () => this.#showFields(field("name").value));
    }
    field("name").addEventListener("change", () => this.#showUnit());
  }

  /** Show a rule, or {device} for a new one. `targets`: those that there are. */
  fill(rule, targets) {
    this.#rule = rule;
    const { device, kind = "above", limit, hysteresis = "", minutes, quiet, text = "" } = rule;
    this.#fillDevices(device);
    field("kind").value = kind;
    this.#showFields(rule.name);
    field("limit").value = typeof limit === "boolean" ? (limit ? "on" : "off") : (limit ?? "");
    field("hysteresis").value = hysteresis;
    field("minutes").value = minutes ?? OFFLINE_MINUTES;
    field("text").value = text;
    for (const each of ["from", "to"]) field(each).value = quiet ? localTime(quiet, each) : "";
    this.#fillPause();
    field("targets").hidden = targets.length === 0;
    field("targets").replaceChildren(
      ...targets.map(({ name }) => {
        const item = target.content.firstElementChild.cloneNode(true);
        const box = item.querySelector("input");
        box.value = name;
        box.checked = rule.targets?.includes(name) ?? false;
        item.querySelector("bdi").textContent = formatName(String(name));
        return item;
      }),
    );
    field("device").focus();
  }

  /** Return [rule, null], or [null, why there is none]. */
  read() {
    try {
      return [this.#read(), null];
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      return [null, error.message];
    }
  }

  #read() {
    const kind = field("kind").value;
    const rule = { id: this.#rule.id ?? newId(), device: field("device").value, kind };
    const name = field("name").value;
    if (kind !== "offline" && name) rule.name = name;
    if (["silent", "offline"].includes(kind)) {
      const words = "Give whole minutes, from 1 to 10,080.";
      rule.minutes = numberOf("minutes", 1, words);
      if (!Number.isInteger(rule.minutes) || rule.minutes > MOST_MINUTES) throw new Wrong(words);
    } else {
      if (!name) throw new Wrong("Choose a value. The device has sent none yet.");
      rule.limit = this.#limit(kind, name);
    }
    if (["above", "below"].includes(kind) && field("hysteresis").value) {
      rule.hysteresis = numberOf("hysteresis", 0, "Give how far it comes back as a number.");
    }
    const pause = Number(field("pause").value);
    // The options are times from now, but for the one that it has.
    if (pause) rule.paused_until = pause === this.#rule.paused_until ? pause : Math.round(this.room.now() + pause);
    const quiet = this.#quiet();
    if (quiet) rule.quiet = quiet;
    const chosen = [...field("targets").querySelectorAll(":checked")].map(({ value }) => value);
    if (chosen.length) rule.targets = chosen;
    const text = field("text").value.trim();
    if (text) rule.text = text;
    return rule;
  }

  #limit(kind, name) {
    if (kind !== "equal") return numberOf("limit", -Infinity, "Give the limit as a number.");
    const text = field("limit").value;
    const like = this.#sample(name) ?? this.#rule.limit;
    if (typeof like === "string") return text;
    if (typeof like !== "boolean") return parseValue(text) ?? "";
    if (!Object.hasOwn(BOOLS, text.toLowerCase())) throw new Wrong("Give on or off.");
    return BOOLS[text.toLowerCase()];
  }

  #quiet() {
    const [from, to] = ["from", "to"].map((each) => field(each).value);
    if (!from && !to) return null;
    if (!from || !to || from === to) throw new Wrong("Give two times for the quiet hours, or none.");
    return { from: minutesOf(from), to: minutesOf(to), offset: ahead() };
  }

  /** The devices that the form's rule is about. */
  #watched() {
    const { devices } = this.room;
    const name = field("device").value;
    if (name === EVERY_DEVICE) return [...devices.values()];
    return devices.has(name) ? [devices.get(name)] : [];
  }

  /** A last value of this name. */
  #sample(name) {
    return this.#watched().find(({ last }) => last.has(name))?.last.get(name);
  }

  #fillDevices(chosen) {
    const devices = [...this.room.devices.values()].sort((a, b) => inOrder(a.title, b.title));
    const options = devices.map(({ title, name }) => {
      const more = title === name ? "" : ` (${formatName(name)})`;
      return new Option(formatName(title) + more, name);
    });
    if (chosen !== EVERY_DEVICE && !this.room.devices.has(chosen)) {
      options.push(new Option(formatName(chosen), chosen));
    }
    field("device").replaceChildren(new Option("Every device", EVERY_DEVICE), ...options);
    field("device").value = chosen;
  }

  #fillPause() {
    const until = this.#rule.paused_until ?? 0;
    const options = [new Option("no", "")];
    if (until > this.room.now()) options.push(new Option(`until ${formatTime(until)}`, until));
    for (const [hours, words] of [
      [1, "for an hour"],
      [8, "for 8 hours"],
      [24, "for a day"],
      [168, "for a week"],
    ]) {
      options.push(new Option(words, hours * 3_600_000));
    }
    field("pause").replaceChildren(...options);
    field("pause").value = until > this.room.now() ? until : "";
  }

  /** Show what the chosen kind needs, and the values of the chosen device. */
  #showFields(chosen) {
    const kind = field("kind").value;
    for (const each of form.querySelectorAll("[data-kinds]")) {
      each.hidden = !each.dataset.kinds.split(" ").includes(kind);
    }
    const isNumber = ["above", "below"].includes(kind);
    field("limit").type = isNumber ? "number" : "text";
    const devices = this.#watched();
    const units = new Map();
    for (const device of devices) {
      for (const [name, value] of device.last) {
        if (!isNumber || Number.isFinite(value)) units.set(name, device);
      }
    }
    if (chosen && !units.has(chosen) && chosen === this.#rule.name) units.set(chosen, devices[0]);
    const options = [...units]
      .sort(([a], [b]) => inOrder(a, b))
      .map(([name, device]) => new Option(labelOf(device, name), name));
    if (kind === "silent") options.unshift(new Option("any value", ""));
    field("name").replaceChildren(...options);
    if (units.has(chosen)) field("name").value = chosen;
    this.#showUnit();
  }

  #showUnit() {
    const name = field("name").value;
    const unit = unitOf(this.#watched().find(({ last }) => last.has(name)), name);
    const isBool = field("kind").value === "equal" && typeof this.#sample(name) === "boolean";
    field("limit").placeholder = isBool ? "on or off" : (unit ?? "");
  }
}
