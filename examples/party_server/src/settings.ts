// The settings of a deployment: variables with their defaults and limits, and the bindings.

import type { Rooms } from "./rooms.ts";

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
  ALLOW_ORIGINS?: string | null;
  MAX_MESSAGE_BYTES?: string | null;
  MAX_CLIENTS?: string | null;
  MAX_DEVICES?: string | null;
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
  // Points of each numeric series.
  history: number;
  // Messages a second of one client, and twice as many at once.
  rate: number;
  allowedOrigins: readonly string[];
}

/** Throws SettingError. */
export function readSettings(env: Env): Settings {
  return {
    maxMessageBytes: whole("MAX_MESSAGE_BYTES", env.MAX_MESSAGE_BYTES, 16384, 128, 1 << 24),
    maxClients: whole("MAX_CLIENTS", env.MAX_CLIENTS, 1000, 1, 32768), // the platform's own limit
    maxDevices: whole("MAX_DEVICES", env.MAX_DEVICES, 200, 1, 1000), // a room has 128 MB of memory
    history: whole("HISTORY", env.HISTORY, 300, 0, 10000), // a series is one row of storage
    rate: whole("RATE", env.RATE, 50, 1, 100000),
    allowedOrigins: origins(env.ALLOW_ORIGINS ?? ""),
  };
}

function whole(
  name: string,
  text: string | null | undefined,
  preset: number,
  least: number,
  most: number,
): number {
  if (text === undefined || text === null) return preset;
  if (!/^\d{1,9}$/.test(text) || Number(text) < least || Number(text) > most) {
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
