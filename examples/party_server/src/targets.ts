// The targets of alerts, which only the operator of the server sets: the secret ALERT_TARGETS.

import { checkName, has, isObject, type Json, parseJson, shorten } from "./checks.ts";
import { SettingError } from "./settings.ts";

const MOST_TARGETS = 20;
const EVERY_S = 5;
const SECRET_OF = { webhook: "secret", ntfy: "token" } as const;
const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

export interface Target {
  name: string;
  kind: "webhook" | "ntfy";
  url: string;
  // A webhook's key for signatures, or ntfy's token.
  secret: string | null;
  // Between two notifications. The first wait after a failure is up to twice as long.
  everyMs: number;
}

export type Targets = ReadonlyMap<string, Target>;

/** Read the JSON of ALERT_TARGETS. Throws SettingError, without any address or secret. */
export function readTargets(text: string | null | undefined): Targets {
  if (text === undefined || text === null) return new Map();
  let given: Json;
  try {
    given = parseJson(text);
  } catch {
    throw new SettingError("ALERT_TARGETS is not JSON");
  }
  if (!isObject(given) || Object.keys(given).length > MOST_TARGETS) {
    throw new SettingError(
      `ALERT_TARGETS: give an object of at most ${MOST_TARGETS} names and targets`,
    );
  }
  return new Map(Object.entries(given).map(([name, fields]) => [name, targetOf(name, fields)]));
}

function targetOf(name: string, fields: Json): Target {
  const wrong = (text: string) =>
    new SettingError(`ALERT_TARGETS: target ${shorten(name)}: ${text}`);
  try {
    checkName("target", name);
  } catch (error) {
    throw wrong((error as Error).message);
  }
  const kind = isObject(fields) ? fields.kind : null;
  if (!isObject(fields) || (kind !== "webhook" && kind !== "ntfy")) {
    throw wrong("give an object whose kind is webhook or ntfy");
  }
  const secret = SECRET_OF[kind];
  const unknown = Object.keys(fields).find(
    (field) => !["kind", "url", "every", "insecure", secret].includes(field),
  );
  if (unknown !== undefined) throw wrong(`${shorten(unknown)} is no field of ${kind}`);
  const { url, every = EVERY_S } = fields;
  if (has(fields, "insecure") && typeof fields.insecure !== "boolean") {
    throw wrong("insecure is true or false");
  }
  const problem = problemOf(url, fields.insecure === true);
  if (problem) throw wrong(problem);
  if (typeof every !== "number" || every < 0.05 || every > 3600) {
    throw wrong("give every as seconds, 0.05 to 3600");
  }
  const given = fields[secret] ?? null;
  if (given !== null && !(typeof given === "string" && /^[!-~]{1,256}$/.test(given))) {
    throw wrong(`its ${secret} has 1 to 256 ASCII characters without spaces`);
  }
  return { name, kind, url: url as string, secret: given, everyMs: every * 1000 };
}

/** Return what is wrong with a URL, or null. */
function problemOf(url: Json | undefined, isInsecure: boolean): string | null {
  const isText = typeof url === "string" && /^[!-~]{1,2048}$/.test(url);
  const parts = isText ? URL.parse(url) : null;
  if (!parts || !["https:", "http:"].includes(parts.protocol)) {
    return "its url begins with https:// and a host";
  }
  if (parts.username || parts.password || parts.hash) {
    return "its url has no user, password or fragment";
  }
  if (parts.protocol === "http:" && !isInsecure && !LOOPBACK.test(parts.hostname)) {
    return 'anyone in the network can read http: give https, or "insecure": true';
  }
  return null;
}
