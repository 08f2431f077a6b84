// What the worker tells the room of who joins, and the room keeps with the connection.

export const ROLES = ["device", "dashboard", ""] as const;
export type Role = (typeof ROLES)[number];

/** What a member wants to hear; the first one if it does not say. */
export const HEARS = ["all", "commands"] as const;
export type Hears = (typeof HEARS)[number];

export interface Join {
  role: Role;
  device: string | null; // its name if it is a device
  epoch: string | null; // of a device whose readings are acknowledged: a secret between it and us
  hears: Hears;
  onlyReads: boolean;
}

/** Only the worker writes this query: the room believes it. */
export function toQuery(id: string, join: Join): URLSearchParams {
  const query = new URLSearchParams({ _pk: id, role: join.role, hears: join.hears });
  if (join.device !== null) query.set("name", join.device);
  if (join.epoch !== null) query.set("epoch", join.epoch);
  if (join.onlyReads) query.set("reads", "1");
  return query;
}

export function fromQuery(query: URLSearchParams): Join {
  const role = (query.get("role") ?? "") as Role;
  const hears = (query.get("hears") ?? HEARS[0]) as Hears;
  const [device, epoch] = [query.get("name"), query.get("epoch")];
  return { role, device, epoch, hears, onlyReads: query.has("reads") };
}
