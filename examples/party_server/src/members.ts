// The members of the room: its live connections, found again after the room has slept.

import type { Connection } from "partyserver";

import type { Join } from "./join.ts";
import { Rate } from "./rate.ts";

// A member with hears=commands gets the results of so many devices.
const MOST_COMMANDED = 8;

/** What the platform keeps with a connection while the room sleeps. */
export interface Attachment extends Join {
  since: number; // ms since 1970
  // True if we closed it or it left, and the others were told.
  hasGone: boolean;
  // True if it has sent a live value.
  hasSentLive: boolean;
  // For a member with hears=commands: the devices to which it has sent commands.
  commanded: readonly string[];
}

export interface Member extends Join {
  connection: Connection<Attachment>;
  since: number;
  hasSentLive: boolean;
  commanded: readonly string[];
  // It is full again after a sleep. That is correct, because a room sleeps after 10 s without
  // messages.
  rate: Rate;
}

export class Members {
  readonly #perSecond: number;
  readonly #members = new Map<Connection, Member>();
  // The newest connection is the last.
  readonly #ofDevice = new Map<string, Member[]>();

  constructor(connections: Iterable<Connection>, perSecond: number) {
    this.#perSecond = perSecond;
    const found = [...(connections as Iterable<Connection<Attachment>>)];
    const here = found.filter(({ state }) => state && !state.hasGone);
    here.sort((a, b) => (a.state?.since ?? 0) - (b.state?.since ?? 0));
    for (const connection of here) this.#add(connection, connection.state as Attachment);
  }

  [Symbol.iterator](): Iterator<Member> {
    return this.#members.values();
  }

  get count(): number {
    return this.#members.size;
  }

  get(connection: Connection): Member | undefined {
    return this.#members.get(connection);
  }

  /**
   * The member that a new one with this id replaces. A reader can't replace a writer, nor who came
   * by another link.
   */
  withId(id: string, { onlyReads, link }: Join): Member | undefined {
    for (const member of this) {
      const isAlike = member.onlyReads === onlyReads && member.link?.id === link?.id;
      if (member.connection.id === id && isAlike) return member;
    }
    return undefined;
  }

  isOnline(device: string): boolean {
    return this.#ofDevice.has(device);
  }

  /** The newest connection of a device. The older ones may be dead. */
  newest(device: string): Member | undefined {
    return this.#ofDevice.get(device)?.at(-1);
  }

  add(connection: Connection, join: Join, now: number): Member {
    const attachment = {
      ...join,
      since: now,
      hasGone: false,
      hasSentLive: false,
      commanded: [],
    };
    (connection as Connection<Attachment>).setState(attachment);
    return this.#add(connection as Connection<Attachment>, attachment);
  }

  /** Note that a member has sent a live value. */
  noteLive(member: Member): void {
    if (member.hasSentLive) return;
    member.hasSentLive = true;
    const { connection } = member;
    connection.setState({ ...(connection.state as Attachment), hasSentLive: true });
  }

  /** Note that a member has sent a command to a device: it will get the device's results. */
  noteCommand(member: Member, device: string): void {
    const { connection, hears, commanded } = member;
    if (hears === "all" || commanded.at(-1) === device) return;
    const others = commanded.filter((other) => other !== device);
    member.commanded = [...others, device].slice(-MOST_COMMANDED);
    const attachment = connection.state as Attachment;
    connection.setState({ ...attachment, commanded: member.commanded });
  }

  /** Remove a connection. Return its member, or null if it was already removed. */
  remove(connection: Connection): Join | null {
    const attachment = (connection as Connection<Attachment>).state as Attachment | null;
    if (!attachment || attachment.hasGone) return null;
    (connection as Connection<Attachment>).setState({ ...attachment, hasGone: true });
    const member = this.#members.get(connection);
    this.#members.delete(connection);
    const { device } = attachment;
    if (device !== null) {
      const others = (this.#ofDevice.get(device) ?? []).filter((other) => other !== member);
      if (others.length > 0) this.#ofDevice.set(device, others);
      else this.#ofDevice.delete(device);
    }
    return attachment;
  }

  counts(): { device: number; dashboard: number; other: number } {
    const counts = { device: 0, dashboard: 0, other: 0 };
    for (const { role } of this) counts[role || "other"] += 1;
    return counts;
  }

  #add(
    connection: Connection<Attachment>,
    { hasGone: _, ...attachment }: Attachment,
  ): Member {
    const member = { ...attachment, connection, rate: new Rate(this.#perSecond) };
    const { device } = member;
    this.#members.set(connection, member);
    if (device !== null)
      this.#ofDevice.set(device, [...(this.#ofDevice.get(device) ?? []), member]);
    return member;
  }
}

/** Whether a member hears what others send. If it is a result, `resultOf` is its device. */
export function hears({ hears, commanded }: Member, resultOf?: string): boolean {
  return hears === "all" || (resultOf !== undefined && commanded.includes(resultOf));
}
