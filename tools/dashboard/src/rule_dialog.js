/** The dialog with the rules of the room's alerts, or of one device: shows them, and edits them. */

import { formatName, formatTime } from "./format.js";
import { paintSoon } from "./paint.js";
import { RuleForm } from "./rule_form.js";
import { conditionOf, detailsOf, targetText } from "./rule_text.js";
import { EVERY_DEVICE, rules, withRule, withoutRule } from "./rules.js";

const byId = (id) => document.getElementById(id);
const dialog = byId("alert-dialog");
const template = byId("alert-rule");

export class RuleDialog {
  // The device of the open dialog, or null for the whole room.
  #device = null;
  #mayWrite = false;
  // Rule's id -> its item, so that the one with the focus is not replaced.
  #items = new Map();

  /** `room`: devices (a Map), now(); write(change), as a Writer has it. */
  constructor(room) {
    this.room = room;
    this.form = new RuleForm(room);
    byId("alerts-button").addEventListener("click", () => this.open(null));
    byId("alert-add").addEventListener("click", () =>
      this.#edit({ device: this.#device?.name ?? EVERY_DEVICE }),
    );
    byId("alert-back").addEventListener("click", () => this.#showList(byId("alert-add")));
    byId("alert-close").addEventListener("click", () => dialog.close());
    byId("alert-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
  }

  open(device) {
    this.#device = device;
    byId("alert-title").textContent = device
      ? `Alerts of ${formatName(device.title)}`
      : "Alerts of this room";
    this.#items.clear();
    dialog.showModal();
    this.#showList(byId(this.#mayWrite ? "alert-add" : "alert-close"));
  }

  /** Whether the page's token may write. */
  setWritable(mayWrite) {
    this.#mayWrite = mayWrite;
    this.show();
  }

  /** Show the rules as they are now, if they are seen. */
  show() {
    if (dialog.open) paintSoon(this);
  }

  paint() {
    const about = rules.about(this.#device?.name ?? null);
    const items = about.map((rule) => this.#itemOf(rule));
    const list = byId("alert-rules");
    if (items.length !== list.children.length || items.some((each, i) => each !== list.children[i])) {
      list.replaceChildren(...items);
    }
    byId("alert-none").hidden = items.length > 0;
    byId("alert-reads").hidden = this.#mayWrite;
    byId("alert-add").hidden = !this.#mayWrite || byId("alert-overview").hidden;
    const told = rules.targets.map(targetText).join(" · ");
    byId("alert-targets").textContent = told
      ? `Targets of this server: ${told}`
      : "This server has no targets: alerts are seen on dashboards alone. Its operator sets targets, as a phone.";
  }

  #showView(view) {
    for (const each of dialog.querySelectorAll("[data-view]")) each.hidden = each.dataset.view !== view;
    byId("alert-problem").textContent = "";
    this.paint();
  }

  #showList(focused) {
    this.#showView("list");
    focused.focus();
  }

  #edit(rule) {
    this.#showView("form");
    this.form.fill(rule, rules.targets);
  }

  async #save() {
    const [rule, problem] = this.form.read();
    if (rule) await this.#write((all) => withRule(all, rule), byId("alert-save"));
    else byId("alert-problem").textContent = problem;
  }

  async #write(change, button) {
    button.disabled = true;
    const problem = await this.room.write(change);
    button.disabled = false;
    if (problem) byId("alert-problem").textContent = `It was not kept: ${formatName(problem)}`;
    else this.#showList(byId("alert-add"));
  }

  #itemOf(rule) {
    const item = this.#items.get(rule.id) ?? this.#newItem(rule.id);
    const device = this.room.devices.get(rule.device);
    const who = rule.device === EVERY_DEVICE ? "Every device" : formatName(device?.title ?? rule.device);
    const what = `${who}: ${conditionOf(rule, device)}`;
    const { count, since } = rules.stateOf(rule);
    const on = count > 1 ? `on, of ${count} devices` : count ? `on since ${formatTime(since)}` : "";
    const texts = [what, on, detailsOf(rule, device, rules.targets, this.room.now())];
    for (const [i, selector] of ["bdi", "em", "small"].entries()) {
      const part = item.querySelector(selector);
      if (part.textContent !== texts[i]) part.textContent = texts[i];
    }
    for (const [i, button] of item.querySelectorAll("button").entries()) {
      button.hidden = !this.#mayWrite;
      button.setAttribute("aria-label", `${i ? "Remove" : "Change"} the alert ${what}`);
    }
    return item;
  }

  #newItem(id) {
    const item = template.content.firstElementChild.cloneNode(true);
    const [change, remove] = item.querySelectorAll("button");
    const rule = () => rules.content.find((each) => each.id === id);
    // It may have gone since.
    change.addEventListener("click", () => rule() && this.#edit(rule()));
    remove.addEventListener("click", () => this.#write((all) => withoutRule(all, { id }), remove));
    this.#items.set(id, item);
    return item;
  }
}
