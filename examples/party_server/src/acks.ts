// Acknowledgements: one for many messages, sent only when their readings are on disk.

import type { Member } from "./members.ts";
import type { Refused } from "./numbered.ts";
import { encode, send } from "./wire.ts";

const MOST_MESSAGES = 16;
// A timer keeps the room awake, which is billed, so this time is short.
const WITHIN_MS = 250;
// In one ack, because a board must keep all of it in memory.
const MOST_REFUSED = 4;

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
  // Ends when the latest ack so far is sent.
  #sent: Promise<void> = Promise.resolve();

  /** `sync` waits until all writes are on disk. If that fails, `fail` ends the member. */
  constructor(
    highest: (member: Member) => number,
    sync: () => Promise<void>,
    fail: (member: Member) => void,
  ) {
    this.#highest = highest;
    this.#sync = sync;
    this.#fail = fail;
  }

  /** If a member that joins has an epoch, send it the highest number. */
  greet(member: Member): void {
    // Sent at once, so that it is the first message. The platform holds it until all earlier writes
    // are on disk.
    if (member.epoch !== null) this.#send(member, this.#highest(member), []);
  }

  /** Note a message that needs an ack, and its refused readings. */
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

  /** Send a member its highest number, when that is on disk. */
  #settle(member: Member, { refused, timer }: Due): void {
    clearTimeout(timer);
    this.#due.delete(member);
    // Read before the wait: readings that come during it may not be on disk after it.
    const n = this.#highest(member);
    // After the acks that came before: in a cluster, a later sync may end before an earlier one.
    this.#sent = Promise.all([this.#sync(), this.#sent]).then(
      () => this.#send(member, n, refused),
      () => this.#fail(member),
    );
  }

  /** Acknowledge all readings up to `n`, with several acks if many were refused. */
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
