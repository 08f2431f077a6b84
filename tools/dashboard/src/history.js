/** Asks the server for a part of the history of some values, over HTTP. */

import { answerOf, askRoom } from "./http.js";
import { isRecord } from "./messages.js";

const LIMIT_MS = 20_000;

/**
 * Lines that can be asked for together: the server takes each of the devices with each of the names.
 * Eight lines have at most eight such pairs, as many as it answers at once.
 */
function groupsOf(lines) {
  const names = new Map(); // device -> its names
  for (const { key: device, name } of lines) names.set(device, [...(names.get(device) ?? []), name]);
  const groups = new Map(); // names as text -> {names, devices}
  for (const [device, list] of names) {
    const key = JSON.stringify(list.sort());
    if (!groups.has(key)) groups.set(key, { names: list, devices: [] });
    groups.get(key).devices.push(device);
  }
  return [...groups.values()];
}

const own = (values, name) =>
  isRecord(values) && Object.hasOwn(values, name) ? values[name] : undefined;

async function get(query, signal) {
  const timeout = AbortSignal.timeout(LIMIT_MS);
  const stop = new AbortController();
  for (const each of [signal, timeout]) each.addEventListener("abort", () => stop.abort());
  const [state, problem] = await answerOf(await askRoom({ query, signal: stop.signal }));
  if (problem) throw new Error(problem);
  return state;
}

/** Ask for {since, until, points} of these lines: {id, key, name}, with the device as `key`. See Past. */
export async function askHistory(lines, question, signal) {
  const found = new Map();
  let at = Infinity;
  const ask = async ({ devices, names }) => {
    const query = new URLSearchParams(question);
    for (const device of devices) query.append("device", device);
    for (const name of names) query.append("name", name);
    const state = await get(query, signal);
    at = Math.min(at, Number(state.at) || 0);
    const states = new Map(state.devices.filter(isRecord).map((each) => [each.device, each]));
    for (const { id, key: device, name } of lines) {
      const its = states.get(device);
      if (!devices.includes(device) || !names.includes(name) || !its) continue;
      found.set(id, { history: own(its.history, name), changes: own(its.changes, name) });
    }
  };
  await Promise.all(groupsOf(lines).map(ask));
  return { at, found };
}
