// The settings of a deployment: variables with their defaults and limits, and the bindings.

import type { Rooms } from "./rooms.ts";
import type { ByTier } from "./tiers.ts";

const DAY_MS = 24 * 3_600_000;
const MOST_DAYS = 36500;

export interface Env {
  // Each binding of a room class is a party. This one is `main`.
  Main: DurableObjectNamespace;
  // This one is not a party: it has the list of rooms.
  Rooms: DurableObjectNamespace<Rooms>;
  // The dashboard's files.
  ASSETS: Fetcher;
  TOKEN?: string | null;
  READ_TOKEN?: string | null;
  ROOM_TOKENS?: string | null;
  ALERT_TARGETS?: string | null;
  // Rooms of another server are taken only with it.
  IMPORT_TOKEN?: string | null;
  ALLOW_ORIGINS?: string | null;
  MAX_MESSAGE_BYTES?: string | null;
  MAX_CLIENTS?: string | null;
  MAX_DEVICES?: string | null;
  MAX_DB_BYTES?: string | null;
  KEEP_RAW?: string | null;
  KEEP_MINUTES?: string | null;
  KEEP_HOURS?: string | null;
  // An older setting. It is only here to be refused.
  HISTORY?: string | null;
  RATE?: string | null;
}

/** A variable has an invalid value. The text never contains a secret. */
export class SettingError extends Error {}

export interface Settings {
  maxMessageBytes: number;
  // Of a room.
  maxClients: number;
  // Of a room, including offline ones.
  maxDevices: number;
  // Of a room's storage. Above it, the oldest history goes.
  maxDbBytes: number;
  // How long the history is kept, in ms.
  keep: ByTier;
  // Messages a second of one client, and twice as many at once.
  rate: number;
  allowedOrigins: readonly string[];
}

/** Throws SettingError. */
export function readSettings(env: Env): Settings {
  return {
    maxMessageBytes: whole("MAX_MESSAGE_BYTES", env.MAX_MESSAGE_BYTES, 16384, 128, 1 << 24),
    maxClients: whole("MAX_CLIENTS", env.MAX_CLIENTS, 2500, 1, 32768), // the platform's own limit
    maxDevices: whole("MAX_DEVICES", env.MAX_DEVICES, 2000, 1, 5000), // a room has 128 MB of memory
    maxDbBytes: whole("MAX_DB_BYTES", env.MAX_DB_BYTES, 1073741824, 2 ** 20, 1e10), // of 10 GB
    keep: ages(env),
    rate: whole("RATE", env.RATE, 50, 1, 100000),
    allowedOrigins: origins(env.ALLOW_ORIGINS ?? ""),
  };
}

function ages(env: Env): ByTier {
  if (env.HISTORY !== undefined && env.HISTORY !== null) {
    throw new SettingError("HISTORY is gone: set KEEP_RAW, KEEP_MINUTES and KEEP_HOURS, in days");
  }
  const raw = whole("KEEP_RAW", env.KEEP_RAW, 3, 1, MOST_DAYS);
  const minutes = whole("KEEP_MINUTES", env.KEEP_MINUTES, 30, 1, MOST_DAYS);
  const hours = whole("KEEP_HOURS", env.KEEP_HOURS, 730, 1, MOST_DAYS);
  if (raw > minutes || minutes > hours) {
    const given = `KEEP_RAW ${raw}, KEEP_MINUTES ${minutes}, KEEP_HOURS ${hours}`;
    throw new SettingError(`${given}: give days that do not become fewer from raw to hours`);
  }
  return { raw: raw * DAY_MS, minutes: minutes * DAY_MS, hours: hours * DAY_MS };
}

function whole(
  name: string,
  text: string | null | undefined,
  preset: number,
  least: number,
  most: number,
): number {
  if (text === undefined || text === null) return preset;
  if (!/^\d{1,12}$/.test(text) || Number(text) < least || Number(text) > most) {
    throw new SettingError(`${name} is '${text}': give a whole number, ${least} to ${most}`);
  }
  return Number(text);
}

function origins(text: string): string[] {
  const given = text.split(/[\s,]+/).filter(Boolean);
  for (const origin of given) {
    if (!/^(null|[a-z][a-z0-9+.-]*:\/\/[^/\s]+)$/.test(origin)) {
      throw new SettingError(
        `ALLOW_ORIGINS has '${origin}': give scheme://host:port, without a path`,
      );
    }
  }
  return given;
}
