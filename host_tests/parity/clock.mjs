// Time that a test moves: setTimeout and clearTimeout are its own, and never wait.

const drained = setImmediate; // the real one: when it fires, no promise is left to run
const MOST_TIMERS = 100_000; // in one script: more is a loop

export class Clock {
  constructor() {
    this.now = 0;
    this.ids = 0;
    this.fired = 0;
    this.timers = new Map(); // id -> [due, function]
  }

  install() {
    globalThis.setTimeout = (f, ms) => this.set(f, ms);
    globalThis.clearTimeout = (id) => this.timers.delete(id);
  }

  set(f, ms) {
    // Whole milliseconds, as browsers and Node take them; 1299.9999999999998 is meant as 1300.
    const wait = Math.max(0, Math.trunc((Number(ms) || 0) + 0.01));
    this.timers.set(++this.ids, [this.now + wait, f]);
    return this.ids;
  }

  // Let everything run that is due up to `ms` from now.
  async pass(ms) {
    const end = this.now + ms;
    await this.settle();
    for (;;) {
      let next = null;
      for (const [id, [due]] of this.timers)
        if (due <= end && (next === null || due < this.timers.get(next)[0])) next = id;
      if (next === null) break;
      const [due, f] = this.timers.get(next);
      this.timers.delete(next);
      this.now = due;
      if (++this.fired > MOST_TIMERS) throw new Error("timers without end");
      f();
      await this.settle();
    }
    this.now = end;
  }

  settle() {
    return new Promise((resolve) => drained(resolve));
  }
}
