/** Makes a device from a snapshot. */

import { aboutOf } from "./about.js";
import { Device, MOST_VALUES } from "./device.js";
import { isRecord } from "./messages.js";

const namesOf = (values) => Object.entries(values ?? {}).slice(0, MOST_VALUES);

/** `now` is the time of the snapshot. */
export function deviceFromSnapshot(entry, now) {
  const device = new Device(String(entry.device));
  device.online = device.wasPresent = entry.online === true;
  device.at = Number(entry.at) || 0;
  device.about = aboutOf(entry.about);
  if (Array.isArray(entry.undated)) device.list(entry.undated.filter(isUndated));
  for (const [name, points] of namesOf(entry.history)) {
    const series = device.series(name);
    for (const [at, number] of points) if (Number.isFinite(number)) series.add(at, number);
    series.resume(now);
    device.readAt = Math.max(device.readAt, Math.min(series.endAt, now));
    device.usualGapMs = Math.max(device.usualGapMs, series.meanGapMs(10));
  }
  for (const [name, list] of namesOf(entry.changes)) device.states(name).restore(list);
  const changedAt = (name) => device.changes.get(name)?.list.at(-1)?.[0] ?? 0;
  for (const [name, value] of namesOf(entry.last)) {
    restoreLast(device, name, value, changedAt(name), now);
  }
  // Without numbers: the last thing it sent was most likely a reading.
  if (device.last.size) device.readAt ||= Math.min(device.at, now);
  const changes = [...device.changes.keys()].map(changedAt);
  device.readAt = Math.max(device.readAt, ...changes.filter((at) => at <= now));
  return device;
}

const isUndated = (each) => Array.isArray(each) && Number.isFinite(each[0]) && isRecord(each[1]);

/**
 * The snapshot has no times for its last values, but most numbers equal the newest point with a
 * time. A bool or text became what it is at `changedAt`, but may have been sent again since.
 */
function restoreLast(device, name, value, changedAt, now) {
  const series = Number.isFinite(value) ? device.series(name) : null;
  const isPoint = series !== null && series.end === value;
  const [came, values] = device.undated.findLast(([, each]) => Object.hasOwn(each, name)) ?? [];
  const isListed = values?.[name] === value;
  if (isPoint || isListed) {
    const time = Math.min(now, Math.max(isPoint ? series.endAt : 0, isListed ? came : 0));
    device.lasts.restore(name, value, time);
    device.readAt = Math.max(device.readAt, time);
  } else {
    device.lasts.guess(name, value, series?.endAt ?? Math.min(changedAt, now), device.at);
  }
  if (series && !isPoint) series.show(null, value);
}

/** Keep data that the page already had and the snapshot does not contain. */
export function keepOlder(device, before) {
  if (!before) return;
  device.wasPresent ||= before.wasPresent;
  for (const [name, old] of before.history) {
    const series = device.history.get(name);
    // Otherwise the server has forgotten this value.
    if (series?.at.length) series.keepOlder(old);
  }
}
