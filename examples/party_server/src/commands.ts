// Commands: each goes to its device alone.

import { shorten } from "./checks.ts";
import type { Member, Members } from "./members.ts";
import type { Message } from "./messages.ts";
import { NotHere } from "./status.ts";
import { encode, send } from "./wire.ts";

type Command = Message & { type: "command" };

export class Commands {
  readonly #members: Members;

  constructor(members: Members) {
    this.#members = members;
  }

  /** Pass on the command of a member, or tell it that the device is not there. */
  from(member: Member, message: Command): void {
    try {
      this.pass(message);
      this.#members.noteCommand(member, message.device);
    } catch (error) {
      if (!(error instanceof NotHere)) throw error;
      const { device, name } = message;
      send(member, encode({ type: "result", device, name, ok: false, error: error.message }));
    }
  }

  /** Return how many got it: one. Throws NotHere. */
  pass(message: Command): number {
    const device = this.#members.newest(message.device);
    if (!device) throw new NotHere(`device ${shorten(message.device)} is not here`);
    if (!send(device, encode(message)))
      throw new NotHere(`device ${shorten(message.device)} is going`);
    return 1;
  }
}
