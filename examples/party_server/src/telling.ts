// Who hears what in a room. A member that came by a link gets all through send(), but its snapshot.

import { EXPIRED, hasExpired } from "./links.ts";
import { hears, type Member } from "./members.ts";
import { encode, send } from "./wire.ts";

type Payload = string | ArrayBuffer | ArrayBufferView;

export class Telling {
  readonly #members: Iterable<Member>;
  readonly #end: (member: Member, code: number, reason: string) => void;

  /** `end` removes a member from the room, and closes its connection. */
  constructor(
    members: Iterable<Member>,
    end: (member: Member, code: number, reason: string) => void,
  ) {
    this.#members = members;
    this.#end = end;
  }

  /** Return false if the member has gone. Its link is looked at here, so that it needs no timer. */
  send(member: Member, message: Payload): boolean {
    if (!member.link || !hasExpired(member.link)) return send(member, message);
    this.#end(member, 1008, EXPIRED);
    return false;
  }

  /**
   * Send to all members that hear it, except the sender. Return how many accepted it.
   *
   * If it is a result, `resultOf` is its device.
   */
  passOn(message: Payload, sender?: Member, resultOf?: string): number {
    let count = 0;
    for (const member of this.#members) {
      if (member !== sender && hears(member, resultOf) && this.send(member, message)) count++;
    }
    return count;
  }

  /** Tell the dashboards that hear everything, and `sender`. */
  dashboards(message: object, sender?: Member): void {
    const text = encode(message);
    for (const member of this.#members) {
      const isTold = member.role === "dashboard" && member.hears === "all";
      if (isTold || member === sender) this.send(member, text);
    }
  }

  /** Tell the sender of what was kept meanwhile: its own came too late. */
  stale(sender: Member, newest: object): void {
    this.send(sender, encode({ ...newest, error: "stale" }));
  }

  complain(member: Member, error: string, status: number): void {
    this.send(member, encode({ type: "error", error, status }));
  }
}
