/** Sets and shows alerts: the dialog of a device, the list on the page, the title, notifications. */

import { announce } from "./announcer.js";
import { inOrder } from "./collation.js";
import { formatName, formatTime } from "./format.js";
import { Limits } from "./limits.js";
import { labelOf, unitOf, withUnit } from "./names.js";

const byId = (id) => document.getElementById(id);
const dialog = byId("alert-dialog");

export class Alerts {
  // The device of the open dialog.
  #device = null;
  #isNotifying = false;

  /** `room`: devices (a Map), showDevice(name), changed(). */
  constructor(room) {
    this.room = room;
    this.limits = new Limits({
      began: (rule) => this.#tell(rule, true),
      ended: (rule) => this.#tell(rule, false),
      changed: () => this.show(),
    });
    byId("alert-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add();
    });
    byId("alert-close").addEventListener("click", () => dialog.close());
    byId("notify").addEventListener("click", () => this.#askToNotify());
  }

  /** Open the dialog in which a user sets a device's limits. */
  open(device) {
    this.#device = device;
    byId("alert-title").textContent = `Alerts of ${formatName(device.title)}`;
    const names = [...device.history.keys()].sort(inOrder);
    byId("alert-value").replaceChildren(
      ...names.map((name) => {
        const unit = unitOf(device, name);
        const option = new Option(labelOf(device, name) + (unit ? `, ${unit}` : ""), name);
        return option;
      }),
    );
    byId("alert-form").hidden = names.length === 0;
    byId("alert-none").hidden = names.length > 0;
    byId("alert-limit").value = "";
    byId("alert-problem").textContent = "";
    this.#showRules();
    dialog.showModal();
  }

  #add() {
    const limit = byId("alert-limit").valueAsNumber;
    if (!Number.isFinite(limit)) {
      byId("alert-problem").textContent = "Give the limit as a number.";
      return;
    }
    const name = byId("alert-value").value;
    const rule = { device: this.#device.name, name, kind: byId("alert-kind").value, limit };
    const isNew = this.limits.add(rule);
    byId("alert-problem").textContent = isNew ? "" : "This limit is set already.";
    if (!isNew) return;
    byId("alert-limit").value = "";
    this.#showRules();
    this.limits.check(this.#device);
  }

  #showRules() {
    const device = this.#device;
    byId("alert-rules").replaceChildren(
      ...this.limits.rulesOf(device.name).map((rule) => {
        const item = byId("alert-rule").content.firstElementChild.cloneNode(true);
        const text = this.#textOf(rule);
        item.querySelector("span").textContent = text;
        const button = item.querySelector("button");
        button.setAttribute("aria-label", `Remove the alert ${text}`);
        button.addEventListener("click", () => {
          this.limits.remove(rule);
          this.#showRules();
          byId("alert-close").focus();
        });
        return item;
      }),
    );
  }

  #textOf(rule) {
    const device = this.room.devices.get(rule.device);
    const limit = withUnit(device, rule.name, rule.limit);
    return `${labelOf(device, rule.name)} ${rule.kind} ${limit}`;
  }

  /** Show the present alerts. */
  show() {
    const { active } = this.limits;
    byId("alerts").hidden = active.size === 0;
    byId("alerts-count").textContent = active.size;
    byId("alert-list").replaceChildren(
      ...[...active].map(([rule, since]) => {
        const item = byId("active-alert").content.firstElementChild.cloneNode(true);
        const device = this.room.devices.get(rule.device);
        const button = item.querySelector("button");
        button.querySelector("bdi").textContent = formatName(device?.title ?? rule.device);
        button.addEventListener("click", () => this.room.showDevice(rule.device));
        item.querySelector(".what").textContent = this.#textOf(rule);
        item.querySelector(".since").textContent = `since ${formatTime(since)}`;
        return item;
      }),
    );
    this.room.changed();
  }

  #tell(rule, hasBegun) {
    const device = this.room.devices.get(rule.device);
    const title = formatName(device?.title ?? rule.device);
    const text = this.#textOf(rule);
    announce(hasBegun ? `Alert: ${title}, ${text}` : `Alert over: ${title}, ${text}`);
    if (hasBegun && this.#isNotifying && document.hidden) {
      try {
        new Notification(title, { body: text, tag: JSON.stringify(rule) });
      } catch {
        // Phones allow notifications only for installed pages.
      }
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
