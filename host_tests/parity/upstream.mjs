// Plays scripts with the npm package: JSON in, JSON out. `jobs` are [number of a script, names of
// the rules under which the package is mended, see rules.mjs]; each gives a trace.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Clock } from "./clock.mjs";
import { Network, told } from "./network.mjs";
import { mended } from "./rules.mjs";

const SLOTS = ["open", "message", "close", "error"];
const OURS = ["reconnecting", "giveup", "discard"];
const RAISED = new Error("a handler that raises");
const LISTED = 1000; // entries in one trace: more is a loop

let player = null; // of the script that is being played
process.on("uncaughtException", (e) => {
  if (e !== RAISED) {
    console.error(e);
    process.exit(1);
  }
  player.uncaught++;
});
console.warn = () => player.note("warning");
const input = JSON.parse(readFileSync(0, "utf8"));
const npm = await import(pathToFileURL(input.npm).href);

class Player {
  constructor(script, rules) {
    this.script = script;
    this.rules = new Set(rules);
    this.used = new Set();
    this.trace = [];
    this.seen = {}; // how often each handler was called
    this.asked = {}; // and each provider
    this.known = {}; // listeners by name
    this.clock = new Clock();
    this.network = new Network(this.clock, script.plans ?? []);
    this.discards = {}; // ms -> messages told to be discarded
    this.uncaught = 0; // handlers that raised
    this.ws = null;
  }

  note(...entry) {
    if (this.trace.length < LISTED) this.trace.push([this.clock.now, ...entry]);
  }

  async play() {
    this.clock.install();
    try {
      this.construct();
    } catch (e) {
      this.note("raised", "constructor");
      return this.result();
    }
    await this.clock.pass(0);
    this.note("look", this.look());
    for (const step of this.script.steps) {
      if (step[0] === "wait") await this.clock.pass(step[1]);
      else this.act(step, true);
      await this.clock.pass(0);
      this.note("look", this.look());
    }
    return this.result();
  }

  result() {
    const { trace, uncaught, discards } = this;
    return { trace, uncaught, discards, dials: this.network.dials, used: [...this.used].sort() };
  }

  construct() {
    const { script } = this;
    const options = { ...script.options, WebSocket: this.network.WebSocket };
    if (script.predicate)
      options.shouldReconnectOnClose = (e) => {
        this.note("predicate", e.code, e.reason, e.wasClean, this.ws.retryCount);
        this.run("predicate");
        return !script.predicate.includes(e.code);
      };
    const Base = script.party ? npm.PartySocket : npm.WebSocket;
    const Socket = mended(Base, this);
    if (script.party) {
      const party = { ...script.party };
      if (script.query) party.query = this.provider("query", mapping(script.query));
      if (script.protocols) party.protocols = this.provider("protocols", script.protocols);
      this.ws = new Socket({ ...party, ...options });
    } else {
      this.ws = new Socket(
        this.provider("url", script.url ?? "ws://server/path?token=1"),
        this.provider("protocols", script.protocols),
        options,
      );
    }
    this.note("look", this.look());
    for (const type of SLOTS) this.ws["on" + type] = (e) => this.hear("on" + type, e);
    for (const type of [...SLOTS, ...OURS])
      this.ws.addEventListener(type, (e) => this.hear(type, e));
  }

  // A provider is a plain value, or {gives: [...]}: what it gives at each call, the last for good.
  provider(name, source) {
    if (!source?.gives) return source;
    return () => {
      this.note("asks", name);
      const n = (this.asked[name] ?? 0) + 1;
      this.asked[name] = n;
      this.run("asks " + name);
      const gift = source.gives[Math.min(n, source.gives.length) - 1];
      const value = name === "query" ? mapping(gift.value) : gift.value;
      if (gift.hangs) return new Promise(() => {});
      if (gift.after === undefined) {
        if (gift.fails) throw new Error(gift.fails);
        return value;
      }
      return new Promise((resolve, reject) =>
        this.clock.set(
          () => (gift.fails ? reject(new Error(gift.fails)) : resolve(value)),
          gift.after,
        ),
      );
    };
  }

  look() {
    const { ws } = this;
    return [ws.readyState, ws.retryCount, ws.shouldReconnect, ws.bufferedAmount, ws.url,
            ws.protocol];
  }

  hear(handler, event) {
    if (handler === "discard") {
      const { now } = this.clock; // at this instant; its place in it is nobody's affair
      this.discards[now] = (this.discards[now] ?? 0) + event.fields[0];
      return;
    }
    this.note("event", handler, fields(event), this.look());
    this.run(handler);
  }

  // The actions of the script inside the n-th call of a handler.
  run(handler) {
    const n = (this.seen[handler] ?? 0) + 1;
    this.seen[handler] = n;
    for (const [name, nth, actions] of this.script.handlers ?? [])
      if (name === handler && nth === n) for (const action of actions) this.act(action, false);
  }

  act([what, ...args], isStep) {
    const { ws } = this;
    if (what === "server") return this.network.serve(...args);
    if (what === "raise") throw RAISED;
    this.note("do", what, ...args);
    let result = null;
    try {
      if (what === "send") result = ws.send(args[0]);
      else if (what === "bytes")
        result = ws.send(new Uint8Array(Buffer.from(args[0], "hex")).buffer);
      else if (what === "close") ws.close(...args);
      else if (what === "reconnect") ws.reconnect(...args);
      else if (what === "drain") result = ws.drainQueuedMessages().map(told);
      else if (what === "listen") this.listen(...args);
      else if (what === "unlisten") ws.removeEventListener(args[0], this.known[args[1]]);
      else if (what !== "look") throw new Error(`no action ${what}`);
    } catch (e) {
      result = "raised";
    }
    this.note("did", result, ...(isStep ? [this.look()] : []));
  }

  listen(type, name, ...how) {
    const hear = () => {
      this.note("heard", name);
      this.run(name);
    };
    this.known[name] ??= how.includes("object") ? { handleEvent: hear } : hear;
    this.ws.addEventListener(type, this.known[name], { once: how.includes("once") });
  }
}

// What comes as a list of pairs: MicroPython's dicts forget their order.
const mapping = (query) => (Array.isArray(query) ? Object.fromEntries(query) : query);

function fields(event) {
  const { type } = event;
  if (type === "message") return [told(event.data)];
  if (type === "close") return [event.code, event.reason, event.wasClean];
  if (type === "error") return [cause(event.message)];
  return event.fields ?? [];
}

// What an error's text has to say the same; what a network error says is its platform's affair.
function cause(message) {
  for (const known of ["TIMEOUT", "Invalid URL", "Invalid protocols", "provider:"])
    if (message?.startsWith(known)) return known === "provider:" ? message : known;
  return "failed";
}

const results = [];
for (const [number, rules] of input.jobs) {
  player = new Player(input.scripts[number], rules);
  results.push(await player.play());
  await player.clock.settle();
}
process.stdout.write(JSON.stringify(results));
