/** Shows what is on, as the server tells it: the list on the page, what is said, notifications. */

import { announce } from "./announcer.js";
import { formatName, formatTime } from "./format.js";
import { paintSoon } from "./paint.js";
import { conditionOf } from "./rule_text.js";
import { rules } from "./rules.js";

// Of the list. The others are counted.
const MOST_SHOWN = 100;

const byId = (id) => document.getElementById(id);
const template = byId("active-alert");

export class Alerts {
  #isNotifying = false;

  /** `room`: devices (a Map), showDevice(name), changed(). */
  constructor(room) {
    this.room = room;
    byId("notify").addEventListener("click", () => this.#askToNotify());
  }

  /** Handle a message `alert`. */
  turned(message) {
    const { began, ended } = rules.turn(message);
    this.began(began);
    for (const each of ended) announce(`Alert over: ${this.#titleOf(each)}, ${this.#textOf(each)}`);
    this.show();
  }

  /** Tell the user of these alerts. */
  began(alerts) {
    for (const each of alerts) announce(`Alert: ${this.#titleOf(each)}, ${this.#textOf(each)}`);
    if (alerts.length) this.#notify(alerts);
  }

  /** Show what is on now. */
  show() {
    paintSoon(this);
    this.room.changed();
  }

  paint() {
    const { active } = rules;
    byId("alerts").hidden = active.length === 0;
    byId("alerts-count").textContent = active.length;
    const items = active.slice(0, MOST_SHOWN).map((each) => {
      const item = template.content.firstElementChild.cloneNode(true);
      const button = item.querySelector("button");
      button.querySelector("bdi").textContent = this.#titleOf(each);
      button.addEventListener("click", () => this.room.showDevice(each.device));
      item.querySelector(".what").textContent = this.#textOf(each);
      item.querySelector(".since").textContent = `since ${formatTime(each.since)}`;
      return item;
    });
    byId("alert-list").replaceChildren(...items);
    const more = active.length - MOST_SHOWN;
    byId("alerts-more").textContent = more > 0 ? `and ${more} more` : "";
  }

  #titleOf({ device }) {
    return formatName(this.room.devices.get(device)?.title ?? device);
  }

  #textOf({ rule, device }) {
    return conditionOf(rule, this.room.devices.get(device));
  }

  #notify(alerts) {
    if (!this.#isNotifying || !document.hidden) return;
    const [first] = alerts;
    const more = alerts.length > 1 ? `, and ${alerts.length - 1} more` : "";
    try {
      new Notification(this.#titleOf(first), {
        body: this.#textOf(first) + more,
        tag: JSON.stringify([first.rule.id, first.device]),
      });
    } catch {
      // Phones allow notifications only for installed pages.
    }
  }

  /** Ask for permission. Called only after a click. */
  async #askToNotify() {
    const button = byId("notify");
    const answer = "Notification" in window ? await Notification.requestPermission() : "denied";
    this.#isNotifying = answer === "granted";
    button.disabled = true;
    button.textContent = this.#isNotifying
      ? "You are notified while this page is hidden"
      : isSecureContext
        ? "This browser does not allow notifications"
        : "Browsers allow notifications only over https";
  }
}
