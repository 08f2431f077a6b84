// A room: joins and leaves, who gets which messages, and what is stored.

import { type Connection, type ConnectionContext, Server, type WSMessage } from "partyserver";

import { Acks } from "./acks.ts";
import { Alerts } from "./alerts.ts";
import { json, Refusal } from "./answers.ts";
import { checkName, MessageError } from "./checks.ts";
import { Commands } from "./commands.ts";
import { Devices, RoomFull } from "./devices.ts";
import { Intake } from "./intake.ts";
import { fromQuery, type Join } from "./join.ts";
import { Layout, mostBytes } from "./layout.ts";
import { Members, type Member } from "./members.ts";
import { parse } from "./messages.ts";
import { Moves } from "./moves.ts";
import { Presence } from "./presence.ts";
import { register } from "./rooms.ts";
import { type Env, readSettings, type Settings } from "./settings.ts";
import { Shares } from "./shares.ts";
import { Shown } from "./shown.ts";
import { States } from "./states.ts";
import { statusOf } from "./status.ts";
import { stopAll } from "./stop.ts";
import { Store } from "./store.ts";
import { readTargets } from "./targets.ts";
import { Telling } from "./telling.ts";
import { bytesIn, close, encode, send } from "./wire.ts";

export class Main extends Server<Env> {
  static override options = { hibernate: true };

  readonly #settings: Settings;
  readonly #members: Members;
  readonly #telling: Telling;
  readonly #store: Store;
  readonly #devices: Devices;
  readonly #shown: Shown;
  readonly #presence: Presence;
  readonly #acks: Acks;
  readonly #intake: Intake;
  readonly #commands: Commands;
  readonly #layout: Layout;
  readonly #shares: Shares;
  readonly #moves: Moves;
  readonly #alerts: Alerts;

  // Not in onStart, because fetch needs the members before PartyServer starts.
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#settings = readSettings(env);
    this.#members = new Members(this.getConnections(), this.#settings.rate);
    this.#telling = new Telling(this.#members, (...what) => this.#end(...what));
    // Warnings never contain the content of a message, which may be secret.
    const warn = (text: string) => console.warn(`${this.name}: ${text}`);
    const isOnline = (device: string) => this.#members.isOnline(device);
    this.#store = new Store(ctx.storage, this.#settings, warn);
    const targets = readTargets(env.ALERT_TARGETS);
    this.#alerts = new Alerts(ctx.storage, targets, {
      room: () => this.name,
      devices: () => this.#devices,
      isOnline,
      telling: this.#telling,
      warn,
    });
    this.#devices = new Devices(this.#store, this.#settings, isOnline, this.#alerts);
    this.#presence = new Presence(ctx.storage.kv, isOnline, (message, device) => {
      this.#telling.passOn(message, device === undefined ? undefined : this.#members.newest(device));
    });
    this.#presence.resume(this.#devices);
    this.#layout = new Layout(ctx.storage, this.#telling);
    this.#shown = new Shown({
      name: () => this.name,
      members: this.#members,
      store: this.#store,
      devices: this.#devices,
      states: new States(this.#store.history, isOnline),
      presence: this.#presence,
      alerts: this.#alerts,
      layout: this.#layout,
    });
    this.#acks = new Acks(
      ({ device, epoch }) => this.#devices.highest(device as string, epoch as string),
      () => this.#store.sync(),
      (member) => this.#end(member, 1011, "what you sent could not be stored"),
    );
    const passOn = (message: string, sender?: Member) => this.#telling.passOn(message, sender);
    this.#intake = new Intake(this.#devices, this.#members, this.#acks, passOn, warn);
    this.#commands = new Commands(this.#members);
    this.#shares = new Shares(ctx.storage, (id) => this.#endLink(id));
    this.#moves = new Moves(ctx.storage, {
      members: this.#members,
      store: this.#store,
      history: this.#store.history,
      devices: this.#devices,
      layout: this.#layout,
      alerts: this.#alerts,
      settings: this.#settings,
      targets: [...targets.keys()],
    });
    // The platform answers this itself: it does not wake the room and is not billed.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  override async onStart(): Promise<void> {
    // Alerts of a room that is not whole wait for its end.
    if (!this.#moves.isOpen) await this.#alerts.wake(Date.now());
  }

  override onAlarm(): Promise<void> {
    return this.#alerts.ring(Date.now());
  }

  /**
   * Refuse a room that just moves in, a link that was revoked, and a join to a full room, or one that is
   * late, before PartyServer answers 101.
   */
  override async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    try {
      if (request.method !== "PUT") this.#moves.check();
      this.#shares.check(searchParams);
      if (request.headers.has("Upgrade")) this.#checkPlace(searchParams);
    } catch (error) {
      if (error instanceof Refusal) return error.answer();
      if (error instanceof RoomFull) return new Refusal(503, error.message).answer();
      throw error;
    }
    return super.fetch(request);
  }

  override async onConnect(
    connection: Connection,
    { request }: ConnectionContext,
  ): Promise<void> {
    const url = new URL(request.url);
    const join = fromQuery(url.searchParams);
    const now = Date.now();
    const older = this.#members.withId(connection.id, join);
    const wasOnline = join.device !== null && this.#members.isOnline(join.device);
    const member = this.#members.add(connection, join, now);
    // It may have been revoked since fetch().
    if (join.link && !this.#shares.has(join.link.id)) return this.#endLink(join.link.id);
    this.#acks.greet(member);
    if (join.device !== null && !wasOnline) this.#announce(join.device, now);
    if (join.role === "dashboard") {
      send(member, encode({ type: "snapshot", ...this.#shown.snapshot(now) }));
    }
    // This comes last, so that a device which only changed its connection never goes offline.
    if (older) this.#end(older, 1008, "replaced by a newer connection with the same id");
    // Awaited before the 101, so that a stop finds every room that has members.
    const place = url.pathname.split("/").slice(2).join("/");
    await register(this.env, this.ctx.storage.kv, place);
  }

  override onMessage(connection: Connection, message: WSMessage): void {
    const member = this.#members.get(connection);
    // We closed it, but messages that it sent before still come.
    if (!member) return;
    const limit = mostBytes(message, this.#settings.maxMessageBytes);
    const length = bytesIn(message);
    if (length > limit)
      return this.#end(member, 1009, `message of ${length} bytes: at most ${limit}`);
    if (!member.rate.allows(Date.now())) {
      const reason = `more than ${this.#settings.rate} messages a second: send less`;
      return this.#end(member, 1013, reason);
    }
    if (member.onlyReads) {
      return this.#telling.complain(member, "your token only reads: send nothing", 403);
    }
    if (typeof message !== "string") {
      this.#telling.passOn(message, member);
      return;
    }
    try {
      this.#receive(member, message, Date.now());
    } catch (error) {
      const status = statusOf(error);
      if (status === null) throw error;
      this.#telling.complain(member, (error as Error).message, status);
    }
  }

  override onClose(connection: Connection): void {
    this.#leave(connection);
  }

  override onError(connection: Connection): void {
    // Mostly because its network failed.
    this.#leave(connection);
  }

  override async onRequest(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    if (request.method === "PUT" && !searchParams.has("import")) {
      return json({ clients: stopAll(searchParams, this.#members, this.#devices) });
    }
    try {
      const action = searchParams.get("import");
      if (action !== null) return await this.#moves.answer(request, action);
      if (searchParams.has("shares")) return await this.#shares.answer(request);
      if (request.method !== "POST") return this.#shown.answer(request);
      return json({ ok: true, delivered: await this.#publish(request) });
    } catch (error) {
      if (error instanceof Refusal) return error.answer();
      const status = statusOf(error);
      if (status !== null) return new Refusal(status, (error as Error).message).answer();
      // If we threw it, PartyServer would answer with the stack.
      console.error(error);
      return json({ error: "internal error" }, 500);
    }
  }

  #checkPlace(query: URLSearchParams): void {
    const join = fromQuery(query);
    const limit = this.#settings.maxClients;
    const older = this.#members.withId(query.get("_pk") ?? "", join);
    // In a cluster, requests wait for a room that moves. One that was given up must not replace the
    // one that its client made after it.
    if (older && older.asked > join.asked) {
      throw new Refusal(503, "a newer connection with the same id is here", { "Retry-After": "4" });
    }
    if (this.#members.count >= limit && !older) {
      throw new RoomFull(`${limit} clients are in the room: raise MAX_CLIENTS`);
    }
    if (join.device !== null) this.#devices.checkPlace(join.device);
  }

  /** Handle a text from a member. Throws MessageError, RoomFull, NotStored. */
  #receive(member: Member, text: string, now: number): void {
    const message = parse(text, now);
    if (message === null) {
      this.#telling.passOn(text, member);
    } else if (message.type === "command") {
      this.#commands.from(member, message);
    } else if (message.type === "layout") {
      this.#layout.take(member, message);
    } else if (message.type === "alerts") {
      this.#alerts.take(member, message.version, message.rules, now);
    } else if (member.device === null) {
      throw new MessageError(`'${message.type}' comes from devices alone: join with role=device`);
    } else if (message.type === "hello") {
      this.#intake.hello(member, member.device, message, now);
    } else if ("numbered" in message) {
      this.#intake.count(member, message.numbered, message.type === "batch", now);
    } else if (message.type === "reading") {
      this.#intake.take(member.device, message.reading, message.isLive, now, member);
    } else {
      this.#telling.passOn(encode({ ...message, device: member.device }), member, member.device);
    }
  }

  /** Handle a POST. Return how many members got it. */
  async #publish(request: Request): Promise<number> {
    if (request.headers.get("Content-Type") === "application/octet-stream") {
      return this.#telling.passOn(await request.arrayBuffer());
    }
    const text = await request.text();
    const now = Date.now();
    const message = parse(text, now);
    if (message === null) return this.#telling.passOn(text);
    if (message.type === "command") return this.#commands.pass(message);
    if (message.type !== "reading" || "numbered" in message) {
      const what = message.type === "reading" ? "a numbered reading" : `'${message.type}'`;
      throw new MessageError(`${what} comes from a client that joined: send 'reading'`);
    }
    const name = new URL(request.url).searchParams.get("name") ?? message.device;
    const device = checkName("device", name);
    const delivered = this.#intake.take(device, message.reading, message.isLive, now);
    // `ok` in the answer means that it is on disk.
    await this.#store.sync();
    return delivered;
  }

  /** Note and tell that a device joined, or that its last connection ended. */
  #announce(device: string, now: number): void {
    this.#devices.touch(device, now);
    this.#presence.tell(device, now);
  }

  /** Close the connections of a link that was revoked. */
  #endLink(id: string): void {
    for (const member of this.#members) {
      if (member.link?.id === id) this.#end(member, 1008, "the share link was revoked");
    }
  }

  #end(member: Member, code: number, reason: string): void {
    this.#leave(member.connection);
    close(member, code, reason);
  }

  /** Remove a connection from the room. If its device is now offline, tell the others. */
  #leave(connection: Connection): void {
    const left: Join | null = this.#members.remove(connection);
    if (left && left.device !== null && !this.#members.isOnline(left.device)) {
      this.#announce(left.device, Date.now());
    }
  }
}
