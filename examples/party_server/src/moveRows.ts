// The rows of a room that comes from another server: their checks, and where each is stored.

import type { Rule } from "./alertChecks.ts";
import type { Alerts } from "./alerts.ts";
import { checkName, type Fields, isObject, type Json, MessageError, shorten } from "./checks.ts";
import type { Device, Last } from "./device.ts";
import type { Devices } from "./devices.ts";
import type { History } from "./history.ts";
import type { Layout } from "./layout.ts";
import type { Notice } from "./notices.ts";
import type { Scalar, Values } from "./readings.ts";
import type { Series } from "./chunks.ts";
import { type Entry, type Point, TIERS, type Tier } from "./tiers.ts";

/** A device as it is sent. */
export interface DeviceRow extends Fields {
  name: string;
  at: number;
  about: Fields;
  last: Json[];
  undated: Json[];
  epochs: Json[];
}

export type ChangeRow = [at: number, n: number, value: Scalar];

export interface AlertsRow {
  version: number;
  rules: Rule[];
  on: Record<string, Record<string, number>>;
  dropped: Record<string, number>;
  notices: Notice[];
}

export interface Places {
  devices: Devices;
  history: History;
  layout: Layout;
  alerts: Alerts;
}

export type Row = [kind: string, ...parts: Json[]];

/** Return the rows of a piece. Throws MessageError. */
export function rowsOf(rows: unknown): Row[] {
  if (!Array.isArray(rows)) throw new MessageError("rows: send a list");
  for (const row of rows) {
    if (!Array.isArray(row) || !isRow(row)) {
      const kind = Array.isArray(row) ? row[0] : row;
      const kinds = "device, points, raw, minutes, hours, changes, layout and alerts";
      throw new MessageError(`a row ${shorten(kind)}: the rows are ${kinds}, see moveRows.ts`);
    }
  }
  return rows as Row[];
}

/** Store a row of rowsOf(). */
export function take(row: Row, { devices, history, layout, alerts }: Places, party: string): void {
  const [kind, ...parts] = row;
  if (kind === "device") devices.adopt(deviceOf(parts[0] as DeviceRow));
  else if (kind === "layout") layout.adopt(parts[0] as unknown as { version: number; layout: Fields });
  else if (kind === "alerts") adoptAlerts(parts[0] as unknown as AlertsRow, alerts, party);
  else {
    const [device, name, entries] = parts;
    const series: Series = [device as string, name as string];
    if (kind === "points") history.adoptPoints(series, entries as Point[]);
    else if (kind === "changes") history.changes.adopt(series, entries as ChangeRow[]);
    else history.adopt(series, kind as Tier, entries as Entry[]);
  }
}

/** Return a device in the form in which it is sent. */
export function rowOf({ name, at, about, last, undated, epochs }: Device): DeviceRow {
  return {
    name,
    at,
    about,
    last: [...last].map(([key, { value, at, known }]) => [key, value, at, known ?? null]),
    undated: undated as unknown as Json[],
    epochs: [...epochs],
  };
}

function deviceOf({ name, at, about, last, undated, epochs }: DeviceRow): Device {
  return {
    name,
    at,
    online: false,
    about,
    last: new Map(
      (last as [string, Scalar, number, number | null][]).map(([key, value, at, known]) => {
        const one: Last = known === null ? { value, at } : { value, at, known };
        return [key, one];
      }),
    ),
    undated: undated as unknown as [number, Values][],
    epochs: new Map(epochs as [string, number][]),
  };
}

function adoptAlerts(row: AlertsRow, alerts: Alerts, party: string): void {
  const { version, rules, dropped } = row;
  const on = Object.entries(row.on).map(
    ([rule, devices]) => [rule, new Map(Object.entries(devices))] as const,
  );
  alerts.adopt({
    // Devices have their time again, as after a start.
    rules: { version, list: rules, since: Date.now(), party, dropped },
    on: new Map(on),
    notices: new Map(row.notices.map((notice) => [notice.uid, notice])),
    tried: new Map(),
  });
}

function isRow([kind, ...parts]: unknown[]): boolean {
  if (kind === "device") return isDevice(parts[0]);
  if (kind === "layout") return isVersioned(parts[0]) && isObject(parts[0].layout);
  if (kind === "alerts") return isVersioned(parts[0]) && isAlerts(parts[0]);
  const [device, name, entries] = parts;
  checkName("device", device);
  checkName("name", name);
  if (!Array.isArray(entries)) return false;
  if (kind === "changes") return entries.every(isChange);
  const width = kind === "points" ? 2 : WIDTHS[TIERS.indexOf(kind as Tier)];
  return width !== undefined && entries.every((entry) => areNumbers(entry, width));
}

// By index in TIERS.
const WIDTHS = [2, 5, 5];

function areNumbers(entry: unknown, width: number): boolean {
  return Array.isArray(entry) && entry.length === width && entry.every(Number.isFinite);
}

function isChange(row: unknown): boolean {
  return Array.isArray(row) && areNumbers(row.slice(0, 2), 2) && isSwitch(row[2]);
}

function isSwitch(value: unknown): boolean {
  return typeof value === "boolean" || typeof value === "string";
}

function isDevice(row: unknown): boolean {
  if (!isObject(row)) return false;
  checkName("device", row.name);
  const isList = (list: unknown) => Array.isArray(list) && list.every(Array.isArray);
  return (
    Number.isFinite(row.at) && isObject(row.about) && [row.last, row.undated, row.epochs].every(isList)
  );
}

function isVersioned(row: unknown): row is Fields {
  return isObject(row) && Number.isInteger(row.version);
}

function isAlerts({ rules, on, dropped, notices }: Fields): boolean {
  return Array.isArray(rules) && Array.isArray(notices) && isObject(on) && isObject(dropped);
}
