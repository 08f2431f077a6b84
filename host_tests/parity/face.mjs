// The rules for what an application sees of the package between its dials: events, the queue,
// attributes. `on(rule, applies)` tells whether a rule acts; `own` is the state of rules.mjs.

import { bytesIn } from "./network.mjs";

export function faced(Base, player, on) {
  const { clock } = player;
  return class extends Base {
    dispatchEvent(event) {
      const raw = event.type === "close" && this.own.raw.at(-1);
      if (raw) {
        const { code, reason, wasClean } = raw;
        const told = event.code === code && event.reason === reason && event.wasClean === wasClean;
        if (on("events as they are", !told)) Object.assign(event, { code, reason, wasClean });
      }
      this.dispatch(event);
    }

    dispatch(event) {
      const { telling, late } = this.own;
      telling.push(event.type);
      super.dispatchEvent(event);
      telling.pop();
      for (const given of late.splice(0)) this.addEventListener(...given);
    }

    addEventListener(type, ...given) {
      const { telling, late } = this.own;
      if (telling.includes(type) && on("added later")) late.push([type, ...given]);
      else super.addEventListener(type, ...given);
    }

    guard(slot) {
      let handler = null;
      const guarded = (event) => {
        this.own.telling.push(slot);
        try {
          handler(event);
        } catch (e) {
          if (!on("handlers apart")) throw e;
          player.uncaught++;
        } finally {
          this.own.telling.pop();
        }
      };
      Object.defineProperty(this, slot, {
        get: () => handler && guarded,
        set: (f) => (handler = f),
      });
    }

    // What waits to be sent.

    send(data) {
      if (!player.rules.has("ring")) return super.send(data);
      const most = player.script.queueBytes ?? 4096;
      if (!holdsQueue([data], most) && on("ring")) throw new RangeError();
      if (this._ws?.readyState === 1) return super.send(data);
      const queue = this._messageQueue;
      const limit = this._options.maxEnqueuedMessages;
      const ahead = this._ws?.unwritten.length ?? 0; // these wait in it too, for this instant
      if (!holdsQueue([...queue, data], most) || queue.length + ahead >= (limit ?? Infinity))
        this._options.maxEnqueuedMessages = 0;
      const before = queue.length;
      const result = super.send(data);
      this._options.maxEnqueuedMessages = limit;
      if (queue.length === before && on("ring")) {
        this.own.discarded++;
        this.tellDiscards();
      }
      return result;
    }

    drainQueuedMessages() {
      const ws = this._ws;
      const taken = on("take back", ws?.unwritten.length > 0) ? ws.takeBack() : [];
      return [...taken, ...super.drainQueuedMessages()];
    }

    // Soon, but not before there is something under way again.
    tellDiscards() {
      const { own, _ws: ws } = this;
      const lives = ws?.readyState < 2 || (ws?.readyState === 2 && ws.hasOpened);
      if (!this._connectLock && !lives && !own.telling.length) return;
      clock.set(() => {
        const fields = [own.discarded];
        own.discarded = 0;
        if (fields[0]) this.dispatch(Object.assign(new Event("discard"), { fields }));
      }, 0);
    }

    // Attributes.

    get bufferedAmount() {
      if (!player.rules.has("bytes")) return super.bufferedAmount;
      const waiting = this._messageQueue.reduce((sum, data) => sum + bytesIn(data), 0);
      const amount = waiting + (this._ws?.bufferedAmount ?? 0);
      on("bytes", amount !== super.bufferedAmount);
      return amount;
    }

    get readyState() {
      const packages = super.readyState;
      if (!player.rules.has("ready state") || this._closeCalled) return packages;
      const state = this.state();
      on("ready state", state !== packages);
      return state;
    }

    state() {
      const { own, _ws: ws } = this;
      if (ws?.readyState === 1) return 1;
      if (own.asking || ws?.readyState === 0) return 0;
      if (ws?.readyState === 2 && ws.hasOpened) return 2;
      return this._connectLock && !own.attempts && !this._options.startClosed ? 0 : 3;
    }
  };
}

// One ring of `most` bytes: each message with the 6 to 14 bytes before it.
function holdsQueue(messages, most) {
  const sizes = messages.map(bytesIn);
  const all = sizes.reduce((sum, n) => sum + n + (n < 126 ? 6 : n < 65536 ? 8 : 14), 0);
  return all <= most;
}
