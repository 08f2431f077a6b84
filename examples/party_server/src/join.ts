// What the worker tells the room of who joins, and the room keeps with the connection.

export const ROLES = ["device", "dashboard", ""] as const;
export type Role = (typeof ROLES)[number];

export interface Join {
  role: Role;
  device: string | null; // its name if it is a device
  epoch: string | null; // of a device whose readings are acknowledged: a secret between it and us
  onlyReads: boolean;
}

/** Only the worker writes this query: the room believes it. */
export function toQuery(id: string, join: Join): URLSearchParams {
  const query = new URLSearchParams({ _pk: id, role: join.role });
  if (join.device !== null) query.set("name", join.device);
  if (join.epoch !== null) query.set("epoch", join.epoch);
  if (join.onlyReads) query.set("reads", "1");
  return query;
}

export function fromQuery(query: URLSearchParams): Join {
  const role = (query.get("role") ?? "") as Role;
  const [device, epoch] = [query.get("name"), query.get("epoch")];
  return { role, device, epoch, onlyReads: query.has("reads") };
}
