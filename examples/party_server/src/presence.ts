// Tells who came and went: at once if it is quiet, else together, once a second.

import { bytesIn, encode } from "./wire.ts";

const WITHIN_MS = 1000;
const MOST_BYTES = 4096;
// The key in storage for "there are changes that nobody was told".
const GATHERS = "gathers";

interface Gathered {
  // What the others believe. Null: some may believe one, some the other.
  wasOnline: boolean | null;
  // When it came or went last.
  at: number;
}

type Send = (message: string, device?: string) => void;

export class Presence {
  readonly #kv: SyncKvStorage;
  readonly #isOnline: (device: string) => boolean;
  readonly #send: Send;
  // By device. The one that waits for the longest time is the first.
  readonly #gathered = new Map<string, Gathered>();
  // It keeps the room awake. While it runs, changes are gathered.
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `send` gives a message to all, except the members that are this device. */
  constructor(kv: SyncKvStorage, isOnline: (device: string) => boolean, send: Send) {
    this.#kv = kv;
    this.#isOnline = isOnline;
    this.#send = send;
  }

  /** If the room was ended before it told everything, tell all devices again. */
  resume(devices: Iterable<{ name: string; at: number }>): void {
    if (!this.#kv.get(GATHERS)) return;
    for (const { name, at } of devices) {
      this.#gathered.set(name, { wasOnline: null, at });
    }
    this.#start();
  }

  /** Tell that a device joined, or that its last connection ended. */
  tell(device: string, at: number): void {
    if (this.#timer === null) {
      this.#send(single(device, this.#isOnline(device), at), device);
      this.#start();
      return;
    }
    // One row for all changes that are gathered together.
    if (this.#gathered.size === 0) this.#kv.put(GATHERS, true);
    const before = this.#gathered.get(device);
    const wasOnline = before ? before.wasOnline : !this.#isOnline(device);
    this.#gathered.set(device, { wasOnline, at });
  }

  /** Note that a snapshot was made: who gets it knows more than the others were told. */
  shown(): void {
    for (const gathered of this.#gathered.values()) gathered.wasOnline = null;
  }

  #start(): void {
    this.#timer = setTimeout(() => this.#flush(), WITHIN_MS);
  }

  /** Tell what was gathered, as much as fits into one message. */
  #flush(): void {
    this.#timer = null;
    if (this.#gathered.size === 0) return;
    for (const [device, { wasOnline }] of this.#gathered) {
      if (this.#isOnline(device) === wasOnline) this.#gathered.delete(device);
    }
    const [first] = this.#gathered;
    if (first && this.#gathered.size === 1) {
      const [device, { at }] = first;
      this.#send(single(device, this.#isOnline(device), at), device);
      this.#gathered.clear();
    } else if (first) {
      this.#send(this.#list());
    }
    if (this.#gathered.size === 0) this.#kv.delete(GATHERS);
    this.#start();
  }

  /** Return a message with the devices that wait for the longest time. They wait no more. */
  #list(): string {
    const lists: Record<"online" | "offline", string[]> = { online: [], offline: [] };
    const message = { type: "presence", at: Date.now(), ...lists };
    let bytes = bytesIn(encode(message));
    for (const device of this.#gathered.keys()) {
      // With its comma.
      bytes += bytesIn(JSON.stringify(device)) + 1;
      if (bytes > MOST_BYTES) break;
      lists[this.#isOnline(device) ? "online" : "offline"].push(device);
      this.#gathered.delete(device);
    }
    const named = Object.entries(lists).filter(([, devices]) => devices.length > 0);
    return encode({ type: "presence", at: message.at, ...Object.fromEntries(named) });
  }
}

function single(device: string, online: boolean, at: number): string {
  return encode({ type: "presence", device, online, at });
}

