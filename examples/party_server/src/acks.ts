// Acknowledgements: one for many messages, and none before what it tells of is on disk.

import type { Member } from "./members.ts";
import type { Refused } from "./numbered.ts";
import { encode, send } from "./wire.ts";

const MOST_MESSAGES = 16;
const WITHIN_MS = 250; // a timer keeps the room awake, and that is billed: no longer than this
const MOST_REFUSED = 4; // in one ack: a board has to hold it

interface Due {
  messages: number;
  refused: Refused[];
  timer: ReturnType<typeof setTimeout>;
}

export class Acks {
  readonly #highest: (member: Member) => number;
  readonly #sync: () => Promise<void>;
  readonly #fail: (member: Member) => void;
  readonly #due = new Map<Member, Due>();

  /** `sync` waits until all that is written is on disk; `fail` ends a member if it never is. */
  constructor(
    highest: (member: Member) => number,
    sync: () => Promise<void>,
    fail: (member: Member) => void,
  ) {
    this.#highest = highest;
    this.#sync = sync;
    this.#fail = fail;
  }

  /** Tell who joins how far it is, if it has an epoch. */
  greet(member: Member): void {
    // At once, so that it is the first message. The platform keeps it back until all that was
    // written before is on disk.
    if (member.epoch !== null) this.#send(member, this.#highest(member), []);
  }

  /** Note a message that has to be answered, and what was refused in it. */
  note(member: Member, refused: Refused[]): void {
    const due = this.#due.get(member) ?? this.#begin(member);
    due.messages += 1;
    due.refused.push(...refused);
    if (due.messages >= MOST_MESSAGES) this.#settle(member, due);
  }

  #begin(member: Member): Due {
    const timer = setTimeout(() => this.#settle(member, due), WITHIN_MS);
    const due: Due = { messages: 0, refused: [], timer };
    this.#due.set(member, due);
    return due;
  }

  /** Tell a member how far it is, once that is on disk. */
  async #settle(member: Member, { refused, timer }: Due): Promise<void> {
    clearTimeout(timer);
    this.#due.delete(member);
    const n = this.#highest(member); // now: what comes while we wait is not on disk with it
    try {
      await this.#sync();
      this.#send(member, n, refused);
    } catch {
      this.#fail(member);
    }
  }

  /** Say that all up to `n` is done with; in several steps if many were refused. */
  #send(member: Member, n: number, refused: Refused[]): void {
    const { epoch } = member;
    let rest = refused;
    for (; rest.length > MOST_REFUSED; rest = rest.slice(MOST_REFUSED)) {
      const some = rest.slice(0, MOST_REFUSED);
      send(member, encode({ type: "ack", epoch, n: some.at(-1)?.[0], refused: some }));
    }
    send(member, encode({ type: "ack", epoch, n, ...(rest.length > 0 && { refused: rest }) }));
  }
}
