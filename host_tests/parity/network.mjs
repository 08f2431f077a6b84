// A network of scripted servers, and the `WebSocket` of a browser that dials them.

const utf8 = new TextEncoder();
export const bytesIn = (data) =>
  typeof data === "string" ? utf8.encode(data).length : data.byteLength;
export const told = (data) =>
  typeof data === "string" ? data : { hex: Buffer.from(data).toString("hex") };

export class Network {
  constructor(clock, plans) {
    this.clock = clock;
    this.plans = plans;
    this.dials = []; // what the wire saw: one entry a dial
    this.last = null; // the newest socket
    const network = this;
    this.WebSocket = class extends BrowserSocket {
      constructor(...given) {
        super(network, ...given);
      }
    };
  }

  // What the servers do by themselves, when a step of the script says so.
  serve(what, ...args) {
    const socket = this.last;
    if (!socket || socket.readyState !== 1) return;
    if (what === "message") socket.hear(args[0]);
    else if (what === "binary") socket.hear(new Uint8Array(Buffer.from(args[0], "hex")).buffer);
    else if (what === "close") socket.end(args[0] ?? 1005, args[1] ?? "", true);
    else if (what === "fin") socket.end(1006, "", false);
    else if (what === "rst") socket.fail();
    else throw new Error(`no server does ${what}`);
  }
}

class BrowserSocket extends EventTarget {
  constructor(network, url, protocols) {
    super();
    const parsed = new URL(url); // as a browser: SyntaxError for what is none
    this.network = network;
    this.url = parsed.href.replace(/^http/, "ws");
    this.readyState = 0;
    this.protocol = this.extensions = "";
    this.bufferedAmount = 0;
    this.unwritten = []; // [entry of the dial, data] of what was sent in this instant
    this.hasOpened = false;
    const { clock, plans, dials } = network;
    this.plan = (dials.length < plans.length ? plans[dials.length] : plans.at(-1)) ?? {};
    const { refuse, status, hangs } = this.plan;
    const isAsked = !hangs && (refuse === undefined || status !== undefined);
    const offered = isAsked && protocols !== undefined ? [].concat(protocols) : [];
    const target = parsed.pathname + (parsed.search || (url.includes("?") ? "?" : ""));
    this.dial = { at: clock.now, target, offered, sent: [], close: null, ended: null };
    dials.push(this.dial);
    network.last = this;
    if (this.plan.refuse !== undefined) clock.set(() => this.fail(), this.plan.refuse);
    else if (!this.plan.hangs) clock.set(() => this.open(), this.plan.accept ?? 0);
  }

  open() {
    if (this.readyState !== 0) return;
    this.readyState = 1;
    this.hasOpened = true;
    this.protocol = this.plan.protocol ?? "";
    this.dispatchEvent(new Event("open"));
    for (const text of this.plan.greets ?? []) this.hear(text);
    const [ms, ...what] = this.plan.then ?? [];
    if (what.length)
      this.network.clock.set(() => this.network.last === this && this.network.serve(...what), ms);
  }

  hear(data) {
    if (this.readyState === 1) this.dispatchEvent(new MessageEvent("message", { data }));
  }

  fail() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dial.ended = this.network.clock.now;
    this.dispatchEvent(new Event("error"));
    this.end(1006, "", false);
  }

  end(code, reason, wasClean) {
    this.readyState = 3;
    this.dial.ended ??= this.network.clock.now;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason, wasClean }));
  }

  send(data) {
    if (this.readyState === 0) throw new DOMException("Still connecting", "InvalidStateError");
    const n = bytesIn(data);
    this.bufferedAmount += n;
    if (this.readyState !== 1) return;
    const entry = [this.network.clock.now, told(data)];
    this.dial.sent.push(entry);
    this.unwritten.push([entry, data]);
    this.network.clock.set(() => this.written(entry), 0);
  }

  written(entry) {
    const at = this.unwritten.findIndex(([e]) => e === entry);
    if (at >= 0) this.bufferedAmount -= bytesIn(this.unwritten.splice(at, 1)[0][1]);
  }

  // What no browser does: take back what was handed over in this very instant.
  takeBack() {
    const taken = this.unwritten.map(([, data]) => data);
    for (const [entry] of [...this.unwritten]) {
      this.dial.sent.splice(this.dial.sent.indexOf(entry), 1);
      this.written(entry);
    }
    return taken;
  }

  close(code, reason = "") {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999))
      throw new DOMException(`no code to close with: ${code}`, "InvalidAccessError");
    if (bytesIn(reason) > 123) throw new DOMException("a long reason", "SyntaxError");
    const { clock } = this.network;
    if (this.readyState === 0) {
      this.readyState = 2;
      this.dial.ended = clock.now;
      clock.set(() => this.fail(), 0);
    } else if (this.readyState === 1) {
      this.readyState = 2;
      this.dial.close = [clock.now, code ?? 1005, reason];
      if (this.plan.answersClose !== null)
        clock.set(() => this.end(code ?? 1005, reason, true), this.plan.answersClose ?? 0);
    }
  }
}
