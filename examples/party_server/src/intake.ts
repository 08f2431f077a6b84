// Handles what devices report: stores it, passes it on, and acknowledges numbered readings.

import type { Acks } from "./acks.ts";
import { type Fields, MessageError, shorten } from "./checks.ts";
import type { Devices } from "./devices.ts";
import type { Member, Members } from "./members.ts";
import { complaint, type LeftOut, summary } from "./hello.ts";
import { newsOf, type Numbered } from "./numbered.ts";
import type { Reading } from "./readings.ts";
import { NotStored } from "./store.ts";
import { encode, send } from "./wire.ts";

// Devices that are remembered. The one that was warned about first is forgotten first.
const MOST_WARNED = 1000;

type PassOn = (message: string, sender?: Member) => number;

export class Intake {
  readonly #devices: Devices;
  readonly #members: Members;
  readonly #acks: Acks;
  readonly #passOn: PassOn;
  readonly #warn: (text: string) => void;
  // Device: the last warning about its hello.
  readonly #warned = new Map<string, string>();

  constructor(
    devices: Devices,
    members: Members,
    acks: Acks,
    passOn: PassOn,
    warn: (text: string) => void,
  ) {
    this.#devices = devices;
    this.#members = members;
    this.#acks = acks;
    this.#passOn = passOn;
    this.#warn = warn;
  }

  /** Keep the valid parts of a hello. Throws RoomFull, NotStored. */
  hello(
    member: Member,
    device: string,
    { about, leftOut }: { about: Fields; leftOut: LeftOut[] },
    now: number,
  ): void {
    this.#complain(member, device, leftOut);
    const message = encode({ type: "hello", ...about, device, at: now });
    this.#keep(() => this.#devices.tell(device, about, now), message, member);
  }

  /** Keep a reading without a number. Return how many got it. Throws RoomFull, NotStored. */
  take(device: string, reading: Reading, isLive: boolean, now: number, sender?: Member): number {
    const message = encode({ ...relayed(device, reading, now), ...(isLive && { live: true }) });
    if (isLive && sender) this.#members.noteLive(sender);
    const keep = isLive
      ? () => this.#devices.show(device, reading, now)
      : () => this.#devices.keep(device, reading, now);
    return this.#keep(keep, message, sender);
  }

  /**
   * Keep numbered readings. Throws MessageError, RoomFull, NotStored. Then nothing was changed, and
   * the device sends them again.
   */
  count(member: Member, message: Numbered, isBatch: boolean, now: number): void {
    const { device, epoch } = member;
    if (device === null || epoch === null) {
      throw new MessageError("numbered readings need an epoch: join with epoch=");
    }
    if (message.epoch !== epoch) throw new MessageError("the epoch is not the one of the join");
    const highest = this.#devices.highest(device, epoch);
    if (message.after > highest) {
      // Readings before these are lost. The ack tells the device where to continue.
      this.#acks.note(member, []);
      return;
    }
    const { n, readings, refused } = newsOf(message, highest);
    if (n > highest) {
      this.#devices.count(device, { epoch, n, readings }, member.hasSentLive, now);
    }
    const [first] = readings;
    if (first) {
      const told = isBatch ? batch(device, readings, now) : relayed(device, first, now);
      this.#passOn(encode(told), member);
    }
    this.#acks.note(member, refused);
  }

  /** Tell the device and the log which parts of its hello were left out, if any. */
  #complain(member: Member, device: string, leftOut: LeftOut[]): void {
    const before = this.#warned.get(device);
    this.#warned.delete(device);
    if (leftOut.length === 0) return;
    send(member, encode({ type: "error", error: complaint(leftOut), status: 400 }));
    const text = summary(leftOut);
    this.#warned.set(device, text);
    if (this.#warned.size > MOST_WARNED) {
      this.#warned.delete(this.#warned.keys().next().value as string);
    }
    // Only if the text is new, because a device sends its hello each time it comes back.
    if (text !== before) this.#warn(`device ${shorten(device)}: ${text}`);
  }

  /** Keep something and pass it on. Return how many got it. */
  #keep(keep: () => void, message: string, sender?: Member): number {
    try {
      keep();
    } catch (error) {
      // The others still get it: it is new, and no message says that it is stored.
      if (error instanceof NotStored) this.#passOn(message, sender);
      throw error;
    }
    return this.#passOn(message, sender);
  }
}

function relayed(device: string, { values, at }: Reading, now: number): object {
  const message = { type: "reading", device, at: at ?? now, values };
  return at === null ? { ...message, undated: true } : message;
}

function batch(device: string, readings: Reading[], now: number): object {
  const told = readings.map(({ values, at }) => (at === null ? { values } : { at, values }));
  return { type: "batch", device, at: now, readings: told };
}
