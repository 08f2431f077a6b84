// Sends the notifications of a room that wait: to each target one after the other.

import type { Stored } from "./alertStore.ts";
import { deliver } from "./deliver.ts";
import { failed, nextOf, type Notice } from "./notices.ts";
import type { Target, Targets } from "./targets.ts";

export interface Keeping {
  // Store what is now. With `isNews` dashboards are told.
  save: (after: Stored, isNews: boolean) => void;
  room: () => string;
  warn: (text: string) => void;
}

export class Courier {
  readonly #targets: Targets;
  readonly #stored: () => Stored;
  readonly #keeping: Keeping;
  // The uids of notices that are on their way.
  readonly #flying = new Set<string>();
  // Target: the last warning about it.
  readonly #warned = new Map<string, string>();

  constructor(targets: Targets, stored: () => Stored, keeping: Keeping) {
    this.#targets = targets;
    this.#stored = stored;
    this.#keeping = keeping;
  }

  isFlying(uid: string): boolean {
    return this.#flying.has(uid);
  }

  /** Return the targets as clients see them: with what waits, and why the last try failed. */
  shown(): object[] {
    const { dropped } = this.#stored().rules;
    return [...this.#targets.values()].map(({ name, kind }) => {
      const waiting = this.#waitingFor(name);
      const error = waiting.findLast((notice) => notice.error !== undefined)?.error;
      return {
        name,
        kind,
        ...(waiting.length > 0 && { waiting: waiting.length }),
        ...(error !== undefined && { error }),
        ...(dropped[name] !== undefined && { dropped: dropped[name] }),
      };
    });
  }

  /** When the next notice may go, in ms since 1970, or Infinity. */
  nextAt(now: number): number {
    let at = Infinity;
    for (const target of this.#waitingTargets()) at = Math.min(at, this.#sendAt(target, now));
    return at;
  }

  /** Send what is due, and wait until that is done: at most one notice to each target. */
  async send(): Promise<void> {
    await Promise.all([...this.#waitingTargets()].map((name) => this.#sendTo(name)));
  }

  #waitingTargets(): Set<string> {
    return new Set([...this.#stored().notices.values()].map(({ target }) => target));
  }

  #waitingFor(target: string): Notice[] {
    return [...this.#stored().notices.values()].filter((notice) => notice.target === target);
  }

  #sendAt(name: string, now: number): number {
    const waiting = this.#waitingFor(name);
    if (waiting.some(({ uid }) => this.#flying.has(uid))) return Infinity;
    const { notice, at } = nextOf(waiting, now);
    const everyMs = this.#targets.get(name)?.everyMs ?? 0;
    const tried = this.#stored().tried.get(name) ?? -Infinity;
    // A time in the future is from a clock that was wrong.
    const early = tried > now ? now : tried + everyMs;
    return Math.max(notice ? now : (at ?? Infinity), early);
  }

  async #sendTo(name: string): Promise<void> {
    const now = Date.now();
    const target = this.#targets.get(name);
    if (!target) {
      for (const notice of this.#waitingFor(name)) {
        this.#fail(notice, null, "the operator has removed the target");
      }
      return;
    }
    if (this.#sendAt(name, now) > now) return;
    const { notice } = nextOf(this.#waitingFor(name), now);
    if (notice) await this.#try(target, notice);
  }

  async #try(target: Target, notice: Notice): Promise<void> {
    const { name, everyMs } = target;
    const place = { party: this.#stored().rules.party, room: this.#keeping.room() };
    let why: string | null;
    this.#flying.add(notice.uid);
    try {
      why = await deliver(target, notice, place);
    } finally {
      this.#flying.delete(notice.uid);
    }
    const now = Date.now();
    const before = this.#stored();
    const stored = { ...before, tried: new Map(before.tried).set(name, now) };
    if (why === null) {
      this.#warned.delete(name);
      this.#replace(notice, null, notice.tries > 0, stored);
    } else {
      this.#fail(notice, failed(notice, why, everyMs, Math.random(), now), why, stored);
    }
  }

  /** Note that a try failed. `after` is the notice now, or null if it is given up. */
  #fail(notice: Notice, after: Notice | null, why: string, stored = this.#stored()): void {
    const { target } = notice;
    const { dropped } = stored.rules;
    const rules = {
      ...stored.rules,
      dropped: { ...dropped, [target]: (dropped[target] ?? 0) + 1 },
    };
    const isNews = after === null || after.error !== notice.error;
    this.#replace(notice, after, isNews, after ? stored : { ...stored, rules });
    const text = `target ${target}: a notification was ${after ? "not taken" : "dropped"}: ${why}`;
    // Once, until it works again, or until the reason is another.
    if (after && this.#warned.get(target) === text) return;
    this.#warned.set(target, text);
    this.#keeping.warn(text);
  }

  #replace({ uid }: Notice, after: Notice | null, isNews: boolean, stored: Stored): void {
    const notices = new Map(stored.notices);
    if (after) notices.set(uid, after);
    else notices.delete(uid);
    this.#keeping.save({ ...stored, notices }, isNews);
  }
}
