// The package, mended: where the port does something else on purpose, the same is done here, each
// rule by its own few lines around the package's methods. rules.py tells why, row by row. A trace
// of ours has to equal that of the package under the rules, entry by entry.

import { faced } from "./face.mjs";
import { bytesIn } from "./network.mjs";

const CLOSE_MS = 2000; // for a Close to be answered

export function mended(Base, player) {
  if (!player.rules.size) return Base;
  const { clock } = player;
  const on = (rule, applies = true) => {
    const acts = player.rules.has(rule) && applies;
    if (acts) player.used.add(rule);
    return acts;
  };

  return class extends faced(Base, player, on) {
    constructor(...given) {
      if (typeIsWrong(given, player.script.party) && on("types at once")) throw new TypeError();
      checkQuery(given[0]?.query, on, (query) => (given = [{ ...given[0], query }]));
      super(...holdsPredicate(given, (event, ask) => socket.wants(event, ask)));
      const socket = this; // the package's constructor calls no predicate
      const { _handleClose, _handleError } = this;
      this._handleClose = (event) => this.closes(event, _handleClose);
      this._handleError = (event) => this.fails(event, _handleError);
      for (const slot of ["onopen", "onmessage", "onclose", "onerror"]) this.guard(slot);
    }

    get own() {
      return (this._own ??= {
        attempt: 0, // the number of the attempt that counts; others are parked for good
        attempts: 0, // those that have asked their providers
        asking: false, // the attempt asks them
        begun: 0, // since when ...
        deadline: null, // ... and the timer that ends it, by these:
        expiries: [],
        delay: 0, // before the attempt
        orders: 0, // calls of close() and reconnect()
        ordering: 0, // those that run
        raw: [], // close events that are being told
        telling: [], // the types of events that are
        late: [], // listeners that were added meanwhile
        discarded: 0, // messages, not told of yet
      });
    }

    // An attempt: the wait, the providers, the socket.

    _getNextDelay() {
      const delay = super._getNextDelay();
      this.own.delay = Math.trunc(delay + 0.01);
      return delay;
    }

    _wait() {
      const { own } = this;
      const attempt = ++own.attempt;
      const old = this._ws;
      return new Promise((resolve) => {
        const go = () => {
          if (attempt !== own.attempt) return;
          if (old?.readyState === 2 && old.hasOpened && on("one socket")) return (old.gone = go);
          own.asking = true;
          own.attempts++;
          own.begun = clock.now;
          own.expiries = [];
          own.deadline = clock.set(() => own.expiries.forEach((f) => f()), this.limit);
          resolve();
        };
        clock.set(go, this._getNextDelay());
      });
    }

    get limit() {
      return this._options.connectionTimeout ?? 4000;
    }

    park() {
      const { own } = this;
      own.attempt++;
      own.asking = this._connectLock = false;
      clearTimeout(own.deadline);
    }

    // What `ask` gives, while this attempt is the one that counts, and until its deadline.
    inTime(ask) {
      const { own } = this;
      const attempt = own.attempt;
      return new Promise((resolve, reject) => {
        const current = (f) => (value) => attempt === own.attempt && own.asking && f(value);
        own.expiries.push(current(() => on("one deadline") && reject(new Error("TIMEOUT"))));
        ask().then(current(resolve), current(reject));
      });
    }

    _getNextUrl(source) {
      const ask = async () => {
        let url = null;
        this.own.telling.push("url");
        try {
          url = super._getNextUrl(source);
        } catch (e) {
          if (!(e instanceof TypeError)) throw e;
        } finally {
          this.own.telling.pop();
        }
        url = await url;
        if (typeof url !== "string" && on("types")) throw new Error("Invalid URL");
        return url;
      };
      return (this.own.url = this.inTime(ask));
    }

    _getNextProtocols(source) {
      const ask = async () => {
        const protocols = await super._getNextProtocols(source);
        const right = !protocols || typeof protocols === "string" || Array.isArray(protocols);
        if (!right && on("types")) throw new Error("Invalid protocols");
        return protocols;
      };
      const { url } = this.own;
      const isLate = typeof source === "function" && on("one by one");
      return isLate ? url.then(() => this.inTime(ask)) : this.inTime(ask);
    }

    _addListeners() {
      super._addListeners();
      const { own } = this;
      own.asking = false;
      clearTimeout(own.deadline);
      const spent = clock.now - own.begun;
      const rest = this.limit - spent;
      if (on("one deadline", spent > 0))
        queueMicrotask(() => {
          clearTimeout(this._connectTimeout);
          this._connectTimeout = setTimeout(() => this._handleTimeout(), rest);
        });
    }

    // Orders.

    close(code = 1000, reason) {
      if (codeIsRefused(code, reason) && on("codes")) throw new RangeError();
      this.own.orders++;
      if (this._connectLock && on("closed asks nobody")) this.park();
      this.order(() => super.close(code, reason));
    }

    reconnect(code, reason) {
      if (codeIsRefused(code ?? 1000, reason) && on("codes")) throw new RangeError();
      this.own.orders++;
      const free = this.own.asking ? "one deadline" : "wake";
      if (this._connectLock && on(free)) this.park();
      this.order(() => super.reconnect(code, reason));
      this.tellDiscards();
    }

    order(act) {
      const old = this._ws;
      const wasOpen = old?.readyState === 1;
      this.own.ordering++;
      try {
        act();
      } finally {
        this.own.ordering--;
      }
      if (wasOpen && old.readyState === 2) this.bound(old);
    }

    // A peer that does not answer our Close is left.
    bound(old) {
      old.addEventListener("close", () => old.gone?.());
      clock.set(() => {
        if (old.readyState === 2 && on("bounded close")) old.end(1006, "", false);
      }, CLOSE_MS);
    }

    // Ends.

    wants(event, ask) {
      if (this.own.ordering > 0 && on("orders need no leave")) return true;
      const counts = this._retryCount < (this._options.maxRetries ?? Infinity);
      if (!counts || !on("settled first")) return ask(event);
      this._retryCount++;
      const wanted = ask(event);
      if (wanted) this._retryCount--; // the package counts it again
      return wanted;
    }

    closes(event, packages) {
      const { own } = this;
      const unclean = event.code === 1006 && !event.wasClean;
      if (!own.ordering && unclean && on("error and 1006")) return this.lost(event, {});
      const { orders } = own;
      own.raw.push(event);
      packages(event);
      own.raw.pop();
      if (!own.ordering) this.next(orders);
    }

    fails(event, packages) {
      const { own } = this;
      const { orders } = own;
      if (own.asking) {
        own.asking = false;
        clearTimeout(own.deadline);
        if (!on("no socket, no close")) return packages(event);
        this._connect();
        this.tell("onerror", event);
        this.next(orders);
      } else if (on("error and 1006")) {
        this.lost({ code: 1006, reason: "", wasClean: false }, event);
      } else {
        packages(event);
        this.next(orders);
      }
    }

    lost({ code, reason, wasClean }, { message }) {
      const { orders } = this.own;
      const close = Object.assign(new Event("close"), { code, reason, wasClean });
      this._clearTimeouts();
      this._removeListeners();
      if (this._ws.readyState < 2) this._ws.close();
      const predicate = this._options.shouldReconnectOnClose;
      if (predicate && !predicate(close)) this._shouldReconnect = false;
      if (this._shouldReconnect) this._connect();
      this.tell("onerror", Object.assign(new Event("error"), { message }));
      this.tell("onclose", close);
      this.next(orders);
    }

    tell(slot, event) {
      this[slot]?.(event);
      this.dispatch(event);
    }

    next(orders) {
      if (orders !== this.own.orders) return;
      if (!this._connectLock) {
        if (on("giveup")) this.dispatch(Object.assign(new Event("giveup"), { fields: [] }));
      } else if (on("reconnecting")) {
        const fields = [this.own.delay, this.retryCount];
        this.dispatch(Object.assign(new Event("reconnecting"), { fields }));
      }
    }
  };
}

// A query asked for: what is no map, but for nothing at all, is an error.
function checkQuery(ask, on, set) {
  if (typeof ask !== "function") return;
  set(async () => {
    const query = await ask();
    if (query === null && on("types")) return {};
    if (typeof query !== "object" && on("types")) throw new Error("query");
    return query;
  });
}

// The arguments of a constructor, with `ask` around the predicate among them.
function holdsPredicate(given, ask) {
  const options = given.at(-1);
  const predicate = options?.shouldReconnectOnClose;
  if (!predicate) return given;
  const held = { ...options, shouldReconnectOnClose: (event) => ask(event, predicate) };
  return [...given.slice(0, -1), held];
}

function codeIsRefused(code, reason) {
  const known = Number.isInteger(code) && (code === 1000 || (code >= 3000 && code <= 4999));
  return !known || bytesIn(reason ?? "") > 123;
}

// Whether url or protocols are what no constructor should take.
function typeIsWrong(given, isParty) {
  const list = (value) =>
    !value || typeof value === "string" || typeof value === "function" || Array.isArray(value);
  if (isParty) return !list(given[0].protocols);
  const [url, protocols] = given;
  return (typeof url !== "string" && typeof url !== "function") || !list(protocols);
}
