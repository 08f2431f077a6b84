// What the worker tells the room about a member that joins. The room keeps it with the connection.

import type { Link } from "./links.ts";

export const ROLES = ["device", "dashboard", ""] as const;
export type Role = (typeof ROLES)[number];

/** What a member wants to hear. The first is the default. */
export const HEARS = ["all", "commands"] as const;
export type Hears = (typeof HEARS)[number];

export interface Join {
  role: Role;
  // The device's name, or null if it is not a device.
  device: string | null;
  // Of a device whose readings are acknowledged. It is a secret between the device and us.
  epoch: string | null;
  hears: Hears;
  onlyReads: boolean;
  // The share link by which it came, or null.
  link: Link | null;
  // When the request came to the worker, in ms since 1970.
  asked: number;
}

/** Only the worker writes this query, so the room trusts it. */
export function toQuery(id: string, join: Join): URLSearchParams {
  const { role, hears, asked } = join;
  const query = new URLSearchParams({ _pk: id, role, hears, asked: `${asked}` });
  if (join.device !== null) query.set("name", join.device);
  if (join.epoch !== null) query.set("epoch", join.epoch);
  if (join.onlyReads) query.set("reads", "1");
  if (join.link !== null) {
    query.set("link", join.link.id);
    query.set("expires", `${join.link.expires}`);
  }
  return query;
}

export function fromQuery(query: URLSearchParams): Join {
  const role = (query.get("role") ?? "") as Role;
  const hears = (query.get("hears") ?? HEARS[0]) as Hears;
  const [device, epoch] = [query.get("name"), query.get("epoch")];
  const id = query.get("link");
  const link = id === null ? null : { id, expires: Number(query.get("expires")) };
  const asked = Number(query.get("asked"));
  return { role, device, epoch, hears, onlyReads: query.has("reads"), link, asked };
}
