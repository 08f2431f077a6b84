// Whether the wall clock can be trusted. If it jumps ahead, nothing must be deleted because of that.

const JUMP_MS = 3_600_000;
const HOLD_MS = 24 * 3_600_000;
// The key in storage for the end of the last hold, in ms since 1970.
const HOLD_END = "holdEnd";

/**
 * Notes when something was heard. After a jump it asks for a hold: a day without deletion by age.
 *
 * A room that was quiet looks the same, so between two holds there is at least a day.
 */
export class Clock {
  readonly #kv: SyncKvStorage;
  readonly #warn: (text: string) => void;
  #heard: number | null;
  #holdEnd: number;

  /** `heard` is when something was last heard in the room's life, or null. */
  constructor(kv: SyncKvStorage, heard: number | null, warn: (text: string) => void) {
    this.#kv = kv;
    this.#warn = warn;
    this.#heard = heard;
    this.#holdEnd = kv.get<number>(HOLD_END) ?? -Infinity;
  }

  /** Note that something is heard now. */
  hear(now: number): void {
    const hasJumped = this.#heard !== null && now - this.#heard > JUMP_MS;
    this.#heard = now;
    if (hasJumped && !this.#isNearHold(now)) this.#hold(now);
  }

  /** Whether things may be deleted because of their age. */
  mayDelete(now: number): boolean {
    // A hold that begins in the future is from a jump that was taken back.
    return now >= this.#holdEnd || now < this.#holdEnd - HOLD_MS;
  }

  #isNearHold(now: number): boolean {
    return now >= this.#holdEnd - HOLD_MS && now < this.#holdEnd + HOLD_MS;
  }

  #hold(now: number): void {
    this.#holdEnd = now + HOLD_MS;
    this.#kv.put(HOLD_END, this.#holdEnd);
    const end = new Date(this.#holdEnd).toISOString();
    this.#warn(`the clock jumped, or nothing came for an hour: nothing is too old until ${end}`);
  }
}
