// Who is in the room: its live connections, found again after the room has slept.

import type { Connection } from "partyserver";

import type { Join } from "./join.ts";
import { Rate } from "./rate.ts";

const MOST_COMMANDED = 8; // devices whose results a member gets that hears commands alone

/** What the platform keeps with a connection while the room sleeps. */
export interface Attachment extends Join {
  since: number; // ms since 1970
  hasGone: boolean; // closed by us, or left: its end was told
  hasSentLive: boolean; // has sent a live value
  commanded: readonly string[]; // devices that it has sent a command, if it hears nothing else
}

export interface Member extends Join {
  connection: Connection<Attachment>;
  since: number;
  hasSentLive: boolean;
  commanded: readonly string[];
  rate: Rate; // full again after a sleep, as it would be awake: a room sleeps after 10 s without messages
}

export class Members {
  readonly #perSecond: number;
  readonly #members = new Map<Connection, Member>();
  readonly #ofDevice = new Map<string, Member[]>(); // the newest last

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

  /** The member whose place somebody with this id would take. Who only reads takes no writer's. */
  withId(id: string, onlyReads: boolean): Member | undefined {
    for (const member of this) {
      if (member.connection.id === id && member.onlyReads === onlyReads) return member;
    }
    return undefined;
  }

  isOnline(device: string): boolean {
    return this.#ofDevice.has(device);
  }

  /** The newest connection of a device: the others are remains. */
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

  /** Note that a member has sent a device a command: it gets its results, whatever it hears. */
  noteCommand(member: Member, device: string): void {
    const { connection, hears, commanded } = member;
    if (hears === "all" || commanded.at(-1) === device) return;
    const others = commanded.filter((other) => other !== device);
    member.commanded = [...others, device].slice(-MOST_COMMANDED);
    const attachment = connection.state as Attachment;
    connection.setState({ ...attachment, commanded: member.commanded });
  }

  /** Take a connection out; return who it was, or null if it is out already. */
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
