// The layout of the room's dashboards: an object that is kept and told, and not looked into.

import type { WSMessage } from "partyserver";

import { type Fields, MessageError } from "./checks.ts";
import type { Member } from "./members.ts";
import { writeAll } from "./store.ts";
import type { Telling } from "./telling.ts";
import { bytesIn, encode } from "./wire.ts";

const MAX_BYTES = 32768;
// Of its message: there may be spaces and escapes in it.
const MAX_MESSAGE_BYTES = 65536;
const BEGIN = /^[ \t\r\n]*\{[ \t\r\n]*"type"[ \t\r\n]*:[ \t\r\n]*"layout"/;
// The key in the room's storage. All of it is one row.
const KEY = "layout";
const NONE: Kept = { version: 0, layout: {} };

interface Kept {
  version: number;
  layout: Fields;
}

/** It is only in the storage, because it is rarely needed. */
export class Layout {
  readonly #storage: DurableObjectStorage;
  readonly #telling: Telling;

  constructor(storage: DurableObjectStorage, telling: Telling) {
    this.#storage = storage;
    this.#telling = telling;
  }

  /** Return the field of a snapshot: nothing if there is no layout. */
  state(): { layout?: Kept } {
    const { newest } = this;
    return newest ? { layout: newest } : {};
  }

  get newest(): Kept | undefined {
    return this.#storage.kv.get<Kept>(KEY);
  }

  /** Take a layout as another server had it. */
  adopt(kept: Kept): void {
    this.#storage.kv.put(KEY, kept);
  }

  clear(): void {
    this.#storage.kv.delete(KEY);
  }

  /** Keep a layout and tell it, or tell the sender the newest. Throws MessageError, NotStored. */
  take(sender: Member, { version, layout }: Kept): void {
    const size = bytesIn(encode(layout));
    if (size > MAX_BYTES) {
      throw new MessageError(`layout has ${size} bytes: send at most ${MAX_BYTES}`);
    }
    const newest = this.newest ?? NONE;
    if (version !== newest.version) {
      this.#telling.stale(sender, { type: "layout", ...newest });
      return;
    }
    const next = { version: version + 1, layout };
    writeAll(this.#storage, () => this.adopt(next));
    this.#telling.dashboards({ type: "layout", ...next }, sender);
  }
}

/** Return how many bytes a message may have, if `limit` is that of all others. */
export function mostBytes(message: WSMessage, limit: number): number {
  const isOne = typeof message === "string" && BEGIN.test(message);
  return isOne ? Math.max(limit, MAX_MESSAGE_BYTES) : limit;
}
