/** A device's card: who it is, whether it is there, its values, and the command line. */

import { CommandLine } from "./command.js";
import { formatAge, formatMoment } from "./format.js";
import { paintSoon } from "./paint.js";
import { ValueRow } from "./value.js";

const template = document.getElementById("device-card");
const collator = new Intl.Collator(undefined, { numeric: true });

/** Alphabetical, sensor2 before sensor10, and always decided. */
export function inOrder(a, b) {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** Put `element` among its siblings, whose order by `keyOf` is kept. */
export function insertInOrder(parent, element, keyOf) {
  const key = keyOf(element);
  const after = [...parent.children].find((sibling) => inOrder(keyOf(sibling), key) > 0);
  parent.insertBefore(element, after ?? null);
}

export class Card {
  #rows = new Map(); // value name -> ValueRow
  #isLive = false; // the page is connected
  #presence;

  /** `room`: send(message) and now(). */
  constructor(device, room) {
    this.device = device;
    this.room = room;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.dataset.device = device.name;
    const part = (selector) => this.element.querySelector(selector);
    part(".name").textContent = device.name;
    part("h2").title = device.name;
    this.presence = part(".presence");
    this.seen = part(".seen");
    this.values = part(".values");
    this.commands = new CommandLine(part(".command"), (name, value) =>
      room.send({ type: "command", device: device.name, name, value }),
    );
    this.paint();
  }

  /** The same device with new facts; half-typed commands stay. */
  replace(device) {
    this.device = device;
    for (const [name, row] of this.#rows) {
      if (device.last.has(name)) continue;
      row.remove();
      this.#rows.delete(name);
    }
    paintSoon(this);
  }

  setLive(isLive) {
    this.#isLive = isLive;
    this.commands.enable(isLive && this.device.online);
  }

  paint() {
    this.#paintPresence();
    for (const [name, value] of this.device.last) {
      this.#row(name).update(value, this.device.history.get(name));
    }
  }

  paintAge() {
    const { at } = this.device;
    const text = at
      ? `last seen ${formatAge(Math.max(0, this.room.now() - at) / 1000)}`
      : "not seen yet";
    if (this.seen.textContent === text) return;
    this.seen.textContent = text;
    this.seen.title = at ? formatMoment(at) : "";
  }

  remove() {
    for (const row of this.#rows.values()) row.remove();
    this.commands.remove();
    this.element.remove();
  }

  #paintPresence() {
    const word = this.device.online ? "online" : "offline";
    if (this.#presence !== word) {
      this.#presence = word;
      this.presence.textContent = word;
      this.element.dataset.presence = word;
    }
    this.commands.enable(this.#isLive && this.device.online);
    this.paintAge();
  }

  #row(name) {
    let row = this.#rows.get(name);
    if (!row) {
      row = new ValueRow(name, `device ${this.device.name}`);
      this.#rows.set(name, row);
      insertInOrder(this.values, row.element, (element) => element.dataset.name);
    }
    return row;
  }
}
