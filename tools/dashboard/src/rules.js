/** The room's rules of alerts, what is on, and the targets, as the server tells them. Pure. */

import { isRecord } from "./messages.js";

// In place of a device's name.
export const EVERY_DEVICE = "*";
// As the servers have it.
export const MOST_RULES = 100;

// For a Writer. All rules have to fit into one message.
export const FORM = {
  type: "alerts",
  field: "rules",
  mostBytes: 16_000,
  tooLarge: "The room keeps at most 16 kB of alerts: take some away first.",
};

const recordsOf = (list) => (Array.isArray(list) ? list.filter(isRecord) : []);

export class Rules {
  version = 0;
  // The rules, as in ROOMS.md.
  content = [];
  // {name, kind}, perhaps with waiting, error, dropped.
  targets = [];
  // Rule's id -> Map of device -> since when, ms. Null before the server has told it.
  #on = null;
  // Device -> rules that are on.
  #byDevice = new Map();
  // How many alerts are on.
  count = 0;

  /** Take a message `alerts`, or that of a snapshot. Return the [rule, device] that are on since. */
  take({ version = 0, rules, state, targets } = {}) {
    const before = this.#on;
    this.version = version;
    this.content = recordsOf(rules);
    this.targets = recordsOf(targets);
    const all = Object.entries(isRecord(state) ? state : {});
    this.#on = new Map(
      all.filter(([, each]) => isRecord(each)).map(([id, each]) => [id, new Map(Object.entries(each))]),
    );
    this.#index();
    if (!before) return [];
    return this.active.filter(({ rule, device }) => !before.get(rule.id)?.has(device));
  }

  /** Take a message `alert`. Return what {began, ended}, each a list of {rule, device, since}. */
  turn({ at, began = [], ended = [] }) {
    const over = this.#named(ended);
    for (const [id, device] of ended) this.#on?.get(id)?.delete(device);
    for (const [id, device] of began) {
      if (!this.#on?.get(id)?.set(device, at)) this.#on?.set(id, new Map([[device, at]]));
    }
    this.#index();
    return { began: this.#named(began), ended: over };
  }

  /** The rule that is on of this value, or null. */
  of(device, name) {
    return this.#byDevice.get(device)?.find((rule) => rule.name === name) ?? null;
  }

  has(device) {
    return this.#byDevice.has(device);
  }

  /** What is on: {rule, device, since}, the newest first. */
  get active() {
    const all = this.content.flatMap((rule) =>
      [...(this.#on?.get(rule.id) ?? [])].map(([device, since]) => ({ rule, device, since })),
    );
    return all.sort((a, b) => b.since - a.since);
  }

  /** The rules about a device; all without one. */
  about(device) {
    return this.content.filter(
      (rule) => device === null || [device, EVERY_DEVICE].includes(rule.device),
    );
  }

  /** Since when a rule is on, of so many devices. */
  stateOf({ id }) {
    const times = [...(this.#on?.get(id)?.values() ?? [])];
    return { count: times.length, since: Math.min(...times) };
  }

  /** The rules without targets that are gone, because the server would refuse all. */
  sendable(rules) {
    const names = this.targets.map(({ name }) => name);
    return rules.map((rule) =>
      rule.targets
        ? { ...rule, targets: rule.targets.filter((each) => names.includes(each)) }
        : rule,
    );
  }

  #named(pairs) {
    const byId = new Map(this.content.map((rule) => [rule.id, rule]));
    return pairs
      .filter(([id]) => byId.has(id))
      .map(([id, device]) => ({ rule: byId.get(id), device, since: this.#on?.get(id)?.get(device) }));
  }

  #index() {
    this.#byDevice = new Map();
    const { active } = this;
    this.count = active.length;
    for (const { rule, device } of active) {
      const rules = this.#byDevice.get(device);
      if (rules) rules.push(rule);
      else this.#byDevice.set(device, [rule]);
    }
  }
}

/** The rules of a room. */
export const rules = new Rules();

/** The rules with this one, in the place of that with its id, or last. */
export function withRule(all, rule) {
  const i = all.findIndex(({ id }) => id === rule.id);
  return i < 0 ? [...all, rule] : all.with(i, rule);
}

export const withoutRule = (all, rule) => all.filter(({ id }) => id !== rule.id);

export const newId = () => Math.random().toString(36).slice(2, 12);
