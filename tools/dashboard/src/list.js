/** Which cards are shown, and in which order. */

import { load, save } from "./store.js";
import { inOrder } from "./collation.js";

const KEY = "list";
// With more devices the list is compact, unless the user has chosen.
const MOST_FULL = 12;

const byId = (id) => document.getElementById(id);

const FILTERS = {
  all: () => true,
  online: (device) => device.online,
  offline: (device) => device.isAway,
  alerts: (device, limits) => limits.has(device.name),
};

const byTitle = (a, b) => inOrder(a.title, b.title) || inOrder(a.name, b.name);

const SORTS = {
  name: byTitle,
  seen: (a, b) => b.at - a.at || byTitle(a, b),
  // Offline devices come first, because they need attention.
  status: (a, b) => b.isAway - a.isAway || byTitle(a, b),
};

const foldCase = (text) => text.toLocaleLowerCase();

export class List {
  // Whether the user wants the compact list. Null without a choice.
  isCompact = null;

  /** `room`: devices (a Map), cards (a Map), limits. */
  constructor(room) {
    this.room = room;
    const kept = load(KEY, {});
    if (typeof kept.isCompact === "boolean") this.isCompact = kept.isCompact;
    for (const [id, choices] of [
      ["filter", FILTERS],
      ["sort", SORTS],
    ]) {
      if (Object.hasOwn(choices, kept[id])) byId(id).value = kept[id];
      byId(id).addEventListener("change", () => {
        this.#save();
        this.arrange();
      });
    }
    byId("density").addEventListener("click", () => {
      this.isCompact = byId("density").ariaPressed !== "true";
      this.#save();
      this.arrange();
    });
    byId("search").addEventListener("input", () => this.arrange());
    byId("show-all").addEventListener("click", () => this.showAll());
  }

  showAll() {
    byId("search").value = "";
    byId("filter").value = "all";
    this.arrange();
    byId("search").focus();
  }

  #save() {
    const [filter, sort] = [byId("filter").value, byId("sort").value];
    save(KEY, { filter, sort, isCompact: this.isCompact });
  }

  /** Show the cards in order. Cards in the right place are not moved, so they keep the focus. */
  arrange() {
    const { devices, cards, limits } = this.room;
    const matches = FILTERS[byId("filter").value];
    const wanted = foldCase(byId("search").value.trim());
    const isFound = (device) =>
      foldCase(device.title).includes(wanted) || foldCase(device.name).includes(wanted);
    const sorted = [...devices.values()].sort(SORTS[byId("sort").value]);
    let shown = 0;
    let next = byId("devices").firstElementChild;
    for (const device of sorted) {
      const { element } = cards.get(device.name);
      const isShown = matches(device, limits) && isFound(device);
      if (element.hidden === isShown) element.hidden = !isShown;
      if (isShown) shown++;
      if (element === next) next = next.nextElementSibling;
      else byId("devices").insertBefore(element, next);
    }
    const isCompact = this.isCompact ?? devices.size > MOST_FULL;
    byId("density").ariaPressed = String(isCompact);
    byId("devices").dataset.density = isCompact ? "compact" : "full";
    byId("tools").hidden = devices.size < 2;
    byId("none-match").hidden = shown > 0 || devices.size === 0;
    byId("shown").textContent = shown === devices.size ? "" : `${shown} of ${devices.size} shown`;
  }
}
