/** Which cards are shown, in which order, and how much of each. */

import { inOrder } from "./collation.js";
import { formatName } from "./format.js";
import { layout } from "./layout.js";
import { load, save } from "./store.js";

const KEY = "list";
// With more devices the list is compact, unless the user has chosen.
const MOST_FULL = 12;

const byId = (id) => document.getElementById(id);
const titleTemplate = byId("section-title");

const isHidden = (device) => layout.of(device.name).isHidden;

const FILTERS = {
  all: (device) => !isHidden(device),
  online: (device) => !isHidden(device) && device.online,
  offline: (device) => !isHidden(device) && device.isAway,
  alerts: (device, alerts) => alerts.has(device.name),
  hidden: isHidden,
};

const byTitle = (a, b) => inOrder(a.title, b.title) || inOrder(a.name, b.name);

const SORTS = {
  // Infinity less Infinity is NaN: those without a place are in order of their names.
  own: (a, b) => layout.rankOf(a.name) - layout.rankOf(b.name) || byTitle(a, b),
  name: byTitle,
  seen: (a, b) => b.at - a.at || byTitle(a, b),
  // Offline devices come first, because they need attention.
  status: (a, b) => b.isAway - a.isAway || byTitle(a, b),
};

const PINNED = "Pinned";
const OTHERS = "Others";

/** The section of the list in which a device is: [rank, title]. */
function sectionOf(device) {
  const { isPinned, group } = layout.of(device.name);
  if (isPinned) return [0, PINNED];
  return group === null ? [2, OTHERS] : [1, group];
}

const bySection = (a, b) => {
  const [[rankA, titleA], [rankB, titleB]] = [sectionOf(a), sectionOf(b)];
  return rankA - rankB || inOrder(titleA, titleB);
};

const foldCase = (text) => text.toLocaleLowerCase();

export class List {
  // Whether the user wants the compact list. Null without a choice.
  isCompact = null;

  /** `room`: devices (a Map), cards (a Map), alerts. */
  constructor(room) {
    this.room = room;
    const kept = load(KEY, {});
    if (typeof kept.isCompact === "boolean") this.isCompact = kept.isCompact;
    for (const [id, choices] of [
      ["filter", FILTERS],
      ["sort", SORTS],
    ]) {
      if (Object.hasOwn(choices, kept[id])) byId(id).value = kept[id];
      byId(id).addEventListener("change", () => this.#choose());
    }
    byId("density").addEventListener("click", () => {
      this.isCompact = byId("density").getAttribute("aria-pressed") !== "true";
      this.#choose();
    });
    byId("search").addEventListener("input", () => this.arrange());
    byId("show-all").addEventListener("click", () => {
      this.showAll();
      byId("search").focus();
    });
  }

  /** Show all devices, or the hidden ones if there are no others. */
  showAll() {
    const areHidden = [...this.room.devices.values()].every(isHidden);
    this.#show(areHidden ? "hidden" : "all");
  }

  /** Show a list that contains this device. */
  showWith(device) {
    this.#show(isHidden(device) ? "hidden" : "all");
  }

  showOwnOrder() {
    byId("sort").value = "own";
    this.#choose();
  }

  /** The devices in the order of the layout. */
  arranged() {
    return [...this.room.devices.values()].sort((a, b) => bySection(a, b) || SORTS.own(a, b));
  }

  /** The devices that are shown, in their order. */
  shown() {
    const matches = FILTERS[byId("filter").value];
    const wanted = foldCase(byId("search").value.trim());
    return [...this.room.devices.values()]
      .filter((device) => matches(device, this.room.alerts))
      .filter(({ title, name }) => [title, name].some((text) => foldCase(text).includes(wanted)))
      .sort((a, b) => bySection(a, b) || SORTS[byId("sort").value](a, b));
  }

  /** Show the cards in order. */
  arrange() {
    const { devices, cards } = this.room;
    // Of many devices, some have no card yet.
    const shown = this.shown().filter(({ name }) => cards.has(name));
    const visible = new Set(shown.map(({ name }) => name));
    for (const [name, { element }] of cards) {
      if (element.hidden === visible.has(name)) element.hidden = !element.hidden;
    }
    this.#place(this.#withTitles(shown));
    const count = [...devices.values()].filter((device) => !isHidden(device)).length;
    this.#showDensity(this.isCompact ?? count > MOST_FULL);
    byId("tools").hidden = devices.size < 2;
    byId("none-match").hidden = shown.length > 0 || devices.size === 0;
    byId("shown").textContent =
      shown.length === devices.size ? "" : `${shown.length} of ${devices.size} shown`;
  }

  #show(filter) {
    byId("search").value = "";
    byId("filter").value = filter;
    this.arrange();
  }

  #choose() {
    const [filter, sort] = [byId("filter").value, byId("sort").value];
    save(KEY, { filter, sort, isCompact: this.isCompact });
    this.arrange();
  }

  /** The elements of these devices, with a title before each section if there are several. */
  #withTitles(shown) {
    for (const each of byId("devices").querySelectorAll(".section-title")) each.remove();
    const elements = [];
    let before = OTHERS;
    for (const device of shown) {
      const [, title] = sectionOf(device);
      if (title !== before) {
        const element = titleTemplate.content.firstElementChild.cloneNode(true);
        element.firstElementChild.textContent = formatName(title);
        elements.push(element);
        before = title;
      }
      elements.push(this.room.cards.get(device.name).element);
    }
    return elements;
  }

  /** Put them in order. Those in the right place are not moved, and what has the focus keeps it. */
  #place(elements) {
    const focused = document.activeElement;
    let next = byId("devices").firstElementChild;
    for (const element of elements) {
      // Hidden cards stay where they are.
      while (next?.hidden) next = next.nextElementSibling;
      if (element === next) next = next.nextElementSibling;
      else byId("devices").insertBefore(element, next);
    }
    if (document.activeElement !== focused) focused.focus({ preventScroll: true });
  }

  #showDensity(isCompact) {
    byId("density").setAttribute("aria-pressed", String(isCompact));
    byId("devices").dataset.density = isCompact ? "compact" : "full";
  }
}
