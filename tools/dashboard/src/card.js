/** A device's card: its name, whether it is online, its values, and its controls. */

import { announce } from "./announcer.js";
import { CommandForm, suggest } from "./command.js";
import { Controls } from "./controls.js";
import { formatAge, formatBytes, formatMoment, formatName, formatNumber, formatText } from "./format.js";
import { FREE_MEMORY, RECONNECTS, RSSI, isNoError, isVital, labelOf } from "./names.js";
import { inOrder } from "./collation.js";
import { paintSoon } from "./paint.js";
import { Tile } from "./tile.js";
import { Undated } from "./undated.js";

const template = document.getElementById("device-card");

const OK_SHOWN_MS = 10_000;
// Values that a card of the compact list shows.
const COMPACT_TILES = 4;

/** How many columns a card with so many values takes, where there are so many. */
const widthOf = (tiles) => (tiles > 12 ? 3 : tiles > 6 ? 2 : 1);

/** 0 to 4 bars for a signal in dBm. 4 bars are enough for video, 3 for data, 2 for messages. */
const barsOf = (dBm) => [-85, -75, -67, -55].filter((limit) => dBm >= limit).length;

export class Card {
  #tiles = new Map(); // value name -> Tile
  // Whether the page is connected.
  #isConnected = false;
  // Whether its token allows more than to read.
  #mayWrite = false;
  #okTimer = null;

  /** `room`: now(), commands, toggle(device, name), slotOf, alerts, openAlerts(device),
   *  arrange(device). */
  constructor(device, room) {
    this.device = device;
    this.room = room;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.dataset.device = device.name;
    const part = (selector) => this.element.querySelector(selector);
    for (const name of ["name", "identity", "presence", "seen", "signal", "values", "vitals"]) {
      this[name] = part(`.${name}`);
    }
    this.identity.textContent = formatName(device.name);
    this.answer = part(".answer");
    this.more = part(".more");
    this.undated = new Undated(part(".undated"));
    this.controls = new Controls(part(".controls"), (name, value, hear) =>
      this.#command(name, value, hear),
    );
    this.form = new CommandForm(part(".command"), (name, value) => this.#command(name, value));
    this.opener = part(".opener");
    this.opener.addEventListener("click", () => this.#toggle());
    part(".alert-button").addEventListener("click", () => room.openAlerts(this.device));
    this.arrange = part(".arrange-button");
    this.arrange.addEventListener("click", () => room.arrange(this.device));
  }

  /** Replace the device by the same one with new data. Half-typed commands stay. */
  replace(device) {
    this.device = device;
    paintSoon(this);
  }

  /** Whether the page is connected, and whether it may write. */
  setReachable(isConnected, mayWrite) {
    this.#isConnected = isConnected;
    this.#mayWrite = mayWrite;
    this.#paintHead();
    this.#enable();
  }

  paint() {
    this.#paintHead();
    this.element.toggleAttribute("data-alert", this.room.alerts.has(this.device.name));
    this.#paintVitals();
    this.controls.update(this.device);
    this.#paintTiles();
    this.undated.update(this.device);
    this.#enable();
    this.paintAge();
  }

  paintAge() {
    const { at, hasJoined, isAway } = this.device;
    const now = this.room.now();
    const age = formatAge(Math.max(0, now - at) / 1000);
    const what = isAway ? "last seen " : hasJoined ? "" : "last reading ";
    const text = at ? what + age : "not seen yet";
    if (this.seen.textContent !== text) {
      this.seen.textContent = text;
      this.seen.title = at ? `Last heard of: ${formatMoment(at)}` : "";
    }
    const isOld = isAway || this.device.isSilent(now);
    if (this.element.dataset.old !== String(isOld)) this.element.dataset.old = isOld;
    for (const tile of this.#tiles.values()) tile.updateAge(this.device, now);
  }

  /** Handle a result of this device, also of a command from another client. */
  result(message) {
    const name = formatText(message.name ?? "command");
    if (message.ok === true) suggest(name);
    const text =
      message.ok === true
        ? message.value === undefined || message.value === null
          ? "ok"
          : `ok, ${formatText(message.value)}`
        : formatText(message.error ?? "failed");
    if (!this.room.commands.settle(message, text)) {
      this.#say(message.ok === true ? "ok" : "error", name, text);
    }
  }

  remove() {
    clearTimeout(this.#okTimer);
    for (const tile of this.#tiles.values()) tile.remove();
    this.element.remove();
  }

  #paintHead() {
    const { device } = this;
    const title = formatName(device.title);
    if (this.name.textContent !== title) {
      this.name.textContent = title;
      this.element.setAttribute("aria-label", title);
    }
    this.identity.hidden = device.title === device.name;
    // A device that only posts was never online, so nothing is shown.
    const presence = device.online ? "online" : device.isAway ? "offline" : "none";
    const word = this.#isConnected ? presence : `was ${presence}`;
    if (this.presence.textContent === word) return;
    this.element.dataset.presence = presence;
    this.presence.textContent = word;
    this.presence.hidden = this.more.hidden = presence === "none";
  }

  #paintVitals() {
    const { last } = this.device;
    const dBm = last.get(RSSI);
    this.signal.hidden = !isVital(RSSI, dBm);
    if (!this.signal.hidden) {
      this.signal.dataset.bars = barsOf(dBm);
      this.signal.lastElementChild.textContent = `${formatNumber(dBm, 0)} dBm`;
    }
    const words = [];
    const memory = last.get(FREE_MEMORY);
    const reconnects = last.get(RECONNECTS);
    if (isVital(FREE_MEMORY, memory)) words.push(`${formatBytes(memory)} free`);
    if (isVital(RECONNECTS, reconnects)) {
      words.push(`${formatNumber(reconnects, 0)} reconnect${reconnects === 1 ? "" : "s"}`);
    }
    const text = words.join(" · ");
    if (this.vitals.textContent !== text) this.vitals.textContent = text;
  }

  #paintTiles() {
    const { device, room } = this;
    for (const [name, tile] of this.#tiles) {
      if (this.#isTile(name)) continue;
      tile.remove();
      this.#tiles.delete(name);
    }
    for (const name of device.last.keys()) {
      if (this.#isTile(name)) this.#tile(name).update(device, room);
    }
    this.#arrangeTiles();
    this.values.hidden = this.#tiles.size === 0;
  }

  /** Values that a control or the card's foot shows need no tile, nor does an error that is over. */
  #isTile(name) {
    const { last, about } = this.device;
    if (isNoError(name, last.get(name))) return false;
    return last.has(name) && !about.controls.has(name) && !isVital(name, last.get(name));
  }

  #tile(name) {
    let tile = this.#tiles.get(name);
    if (!tile) {
      tile = new Tile(this.device.name, name, this.room.toggle);
      this.#tiles.set(name, tile);
    }
    return tile;
  }

  /** An error, numbers, switches, words; by name. Tiles in the right place are not moved. */
  #arrangeTiles() {
    const tiles = [...this.#tiles.values()].sort((a, b) => a.rank - b.rank || inOrder(a.name, b.name));
    let next = this.values.firstElementChild;
    for (const [i, { element }] of tiles.entries()) {
      element.toggleAttribute("data-more", i >= COMPACT_TILES);
      if (element === next) next = next.nextElementSibling;
      else this.values.insertBefore(element, next);
    }
    this.element.dataset.width = widthOf(tiles.length);
    const more = tiles.length - COMPACT_TILES;
    const rest = more > 0 ? `+${more}` : "";
    const label = `${rest} All of ${formatName(this.device.title)}`.trim();
    if (this.opener.getAttribute("aria-label") === label) return;
    this.opener.setAttribute("aria-label", label);
    this.opener.firstElementChild.textContent = rest;
  }

  /** Show all of it, or less. In the compact list a closed card has only its first values. */
  #toggle() {
    const isOpen = this.element.toggleAttribute("data-open");
    this.opener.setAttribute("aria-expanded", String(isOpen));
    const list = this.element.parentElement;
    list.toggleAttribute("data-has-open", list.querySelector("[data-open]") !== null);
  }

  #enable() {
    const isEnabled = this.#isConnected && this.#mayWrite && this.device.online;
    this.controls.enable(isEnabled);
    this.form.enable(isEnabled);
    this.arrange.hidden = !this.#mayWrite;
    this.arrange.disabled = !this.#isConnected;
  }

  #command(name, value, hear = () => {}) {
    this.room.commands.give(this.device.name, name, value, (state, text, result) => {
      hear(state, result);
      const label = labelOf(this.device, name);
      this.#say(state, label, text);
      if (state !== "waiting") announce(`${formatName(this.device.title)}, ${label}: ${text}`);
    });
  }

  #say(state, name, text) {
    clearTimeout(this.#okTimer);
    this.answer.dataset.state = state;
    this.answer.textContent = `${name}: ${text}`;
    if (state !== "ok") return;
    this.#okTimer = setTimeout(() => {
      this.answer.textContent = "";
      delete this.answer.dataset.state;
    }, OK_SHOWN_MS);
  }
}
