/** Limits that an older page kept in this browser become alerts of the room, once. */

import { place } from "./address.js";
import { notice } from "./notices.js";
import { MOST_RULES, newId } from "./rules.js";
import { forget, load } from "./store.js";

const KEY = `alerts ${place}`;

const isLimit = (limit) =>
  typeof limit?.device === "string" &&
  typeof limit.name === "string" &&
  ["above", "below"].includes(limit.kind) &&
  Number.isFinite(limit.limit);

const isAlike = (a, b) => ["device", "name", "kind", "limit"].every((field) => a[field] === b[field]);

/** The rules with those of these limits that are new, as far as there is place. */
function withLimits(all, limits) {
  const isNew = (limit) => !all.some((rule) => isAlike(rule, limit));
  const rules = limits
    .filter(isNew)
    .map(({ device, name, kind, limit }) => ({ id: newId(), device, name, kind, limit }));
  return [...all, ...rules.slice(0, Math.max(0, MOST_RULES - all.length))];
}

let isUnderWay = false;

/** Take them over, if there are any. `write(change)`: as a Writer has it. */
export async function takeOver(write) {
  const limits = load(KEY, []).filter(isLimit);
  if (isUnderWay || limits.length === 0) return;
  isUnderWay = true;
  let count = 0;
  const problem = await write((all) => {
    const changed = withLimits(all, limits);
    count = changed.length - all.length;
    return changed;
  });
  isUnderWay = false;
  if (problem) return notice(`This browser's ${limits.length} limits are not in the room yet: ${problem}`);
  forget(KEY);
  notice(
    `Alerts are now kept by the room, and watched by its server. It took over ${count} of this browser's` +
      ` ${limits.length} limits. They tell only dashboards: choose targets for them under Alerts.`,
  );
}
