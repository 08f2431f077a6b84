// A room: joins and leaves, who gets which messages, and what is stored.

import { type Connection, type ConnectionContext, Server, type WSMessage } from "partyserver";

import { Acks } from "./acks.ts";
import { json, Refusal } from "./answers.ts";
import { readAsked } from "./asked.ts";
import { checkName, MessageError, shorten } from "./checks.ts";
import { Devices, RoomFull } from "./devices.ts";
import { exportOf } from "./export.ts";
import { Intake } from "./intake.ts";
import { fromQuery, type Join } from "./join.ts";
import { hears, Members, type Member } from "./members.ts";
import { parse, type Message } from "./messages.ts";
import { Presence } from "./presence.ts";
import { register } from "./rooms.ts";
import { type Env, readSettings, type Settings } from "./settings.ts";
import { States } from "./states.ts";
import { NotHere, statusOf } from "./status.ts";
import { Store } from "./store.ts";
import { close, encode, send } from "./wire.ts";

export class Main extends Server<Env> {
  static override options = { hibernate: true };

  readonly #settings: Settings;
  readonly #members: Members;
  readonly #store: Store;
  readonly #devices: Devices;
  readonly #states: States;
  readonly #presence: Presence;
  readonly #acks: Acks;
  readonly #intake: Intake;

  // Not in onStart, because fetch needs the members before PartyServer starts.
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#settings = readSettings(env);
    this.#members = new Members(this.getConnections(), this.#settings.rate);
    // Warnings never contain the content of a message, which may be secret.
    const warn = (text: string) => console.warn(`${this.name}: ${text}`);
    const isOnline = (device: string) => this.#members.isOnline(device);
    this.#store = new Store(ctx.storage, this.#settings, warn);
    this.#devices = new Devices(this.#store, this.#settings, isOnline);
    this.#states = new States(this.#store.history, isOnline);
    this.#presence = new Presence(ctx.storage.kv, isOnline, (message, device) => {
      this.#passOn(message, device === undefined ? undefined : this.#members.newest(device));
    });
    this.#presence.resume(this.#devices);
    this.#acks = new Acks(
      ({ device, epoch }) => this.#devices.highest(device as string, epoch as string),
      () => this.#store.sync(),
      (member) => this.#end(member, 1011, "what you sent could not be stored"),
    );
    const passOn = (message: string, sender?: Member) => this.#passOn(message, sender);
    this.#intake = new Intake(this.#devices, this.#members, this.#acks, passOn, warn);
    // The platform answers this itself: it does not wake the room and is not billed.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** Refuse a join to a full room, or one that is late, before PartyServer answers 101. */
  override async fetch(request: Request): Promise<Response> {
    try {
      if (request.headers.has("Upgrade")) this.#checkPlace(new URL(request.url).searchParams);
    } catch (error) {
      if (error instanceof RoomFull) return new Refusal(503, error.message).answer();
      if (error instanceof Refusal) return error.answer();
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
    const older = this.#members.withId(connection.id, join.onlyReads);
    const wasOnline = join.device !== null && this.#members.isOnline(join.device);
    const member = this.#members.add(connection, join, now);
    this.#acks.greet(member);
    if (join.device !== null && !wasOnline) this.#announce(join.device, now);
    if (join.role === "dashboard") {
      const devices = this.#states.snapshot(this.#devices, now);
      send(member, encode({ type: "snapshot", ...this.#state(devices, now) }));
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
    const limit = this.#settings.maxMessageBytes;
    const length = bytesIn(message);
    if (length > limit)
      return this.#end(member, 1009, `message of ${length} bytes: at most ${limit}`);
    if (!member.rate.allows(Date.now())) {
      const reason = `more than ${this.#settings.rate} messages a second: send less`;
      return this.#end(member, 1013, reason);
    }
    if (member.onlyReads) {
      return this.#complain(member, "your token only reads: send nothing", 403);
    }
    if (typeof message !== "string") {
      this.#passOn(message, member);
      return;
    }
    try {
      this.#receive(member, message, Date.now());
    } catch (error) {
      const status = statusOf(error);
      if (status === null) throw error;
      this.#complain(member, (error as Error).message, status);
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
    if (request.method === "PUT") return json({ clients: this.#stop(request) });
    try {
      if (request.method !== "POST") return this.#answer(request);
      return json({ ok: true, delivered: await this.#publish(request) });
    } catch (error) {
      const status = statusOf(error);
      if (status !== null) return new Refusal(status, (error as Error).message).answer();
      // If we threw it, PartyServer would answer with the stack.
      console.error(error);
      return json({ error: "internal error" }, 500);
    }
  }

  #checkPlace(query: URLSearchParams): void {
    const { device, onlyReads, asked } = fromQuery(query);
    const limit = this.#settings.maxClients;
    const older = this.#members.withId(query.get("_pk") ?? "", onlyReads);
    // In a cluster, requests wait for a room that moves. One that was given up must not replace the
    // one that its client made after it.
    if (older && older.asked > asked) {
      throw new Refusal(503, "a newer connection with the same id is here", { "Retry-After": "4" });
    }
    if (this.#members.count >= limit && !older) {
      throw new RoomFull(`${limit} clients are in the room: raise MAX_CLIENTS`);
    }
    if (device !== null) this.#devices.checkPlace(device);
  }

  /** Close all members if the worker gives a reason. Return how many there are, or were. */
  #stop(request: Request): number {
    const reason = new URL(request.url).searchParams.get("reason");
    const { count } = this.#members;
    if (reason === null) return count;
    const now = Date.now();
    const all = [...this.#members];
    // Remove all before the first is closed, so that members are not told that the others leave.
    for (const { connection } of all) this.#members.remove(connection);
    for (const device of new Set(all.map(({ device }) => device))) {
      if (device !== null) this.#devices.touch(device, now);
    }
    for (const member of all) close(member, 1001, reason);
    return count;
  }

  /** Handle a text from a member. Throws MessageError, RoomFull, NotStored. */
  #receive(member: Member, text: string, now: number): void {
    const message = parse(text, now);
    if (message === null) {
      this.#passOn(text, member);
    } else if (message.type === "command") {
      this.#commandFrom(member, message);
    } else if (member.device === null) {
      throw new MessageError(`'${message.type}' comes from devices alone: join with role=device`);
    } else if (message.type === "hello") {
      this.#intake.hello(member, member.device, message, now);
    } else if ("numbered" in message) {
      this.#intake.count(member, message.numbered, message.type === "batch", now);
    } else if (message.type === "reading") {
      this.#intake.take(member.device, message.reading, message.isLive, now, member);
    } else {
      this.#passOn(encode({ ...message, device: member.device }), member, member.device);
    }
  }

  /** Handle a POST. Return how many members got it. */
  async #publish(request: Request): Promise<number> {
    if (request.headers.get("Content-Type") === "application/octet-stream") {
      return this.#passOn(await request.arrayBuffer());
    }
    const text = await request.text();
    const now = Date.now();
    const message = parse(text, now);
    if (message === null) return this.#passOn(text);
    if (message.type === "command") return this.#command(message);
    if (message.type !== "reading" || "numbered" in message) {
      const what = message.type === "reading" ? "a numbered reading" : `'${message.type}'`;
      throw new MessageError(`${what} comes from a device that joined: send 'reading'`);
    }
    const name = new URL(request.url).searchParams.get("name") ?? message.device;
    const device = checkName("device", name);
    const delivered = this.#intake.take(device, message.reading, message.isLive, now);
    // `ok` in the answer means that it is on disk.
    await this.#store.sync();
    return delivered;
  }

  #commandFrom(member: Member, message: Message & { type: "command" }): void {
    try {
      this.#command(message);
      this.#members.noteCommand(member, message.device);
    } catch (error) {
      if (!(error instanceof NotHere)) throw error;
      const { device, name } = message;
      send(member, encode({ type: "result", device, name, ok: false, error: error.message }));
    }
  }

  #command(message: Message & { type: "command" }): number {
    const device = this.#members.newest(message.device);
    if (!device) throw new NotHere(`device ${shorten(message.device)} is not here`);
    if (!send(device, encode(message)))
      throw new NotHere(`device ${shorten(message.device)} is going`);
    return 1;
  }

  /** Answer a GET or HEAD. Throws MessageError. */
  #answer(request: Request): Response {
    const asked = readAsked(new URL(request.url).searchParams);
    const now = Date.now();
    if (asked.format !== null) {
      // Without a body: workerd would read all of it for a HEAD.
      const isEmpty = request.method === "HEAD";
      const known = { history: this.#store.history, devices: this.#devices };
      return exportOf(this.name, known, asked, isEmpty);
    }
    const devices = asked.isPart
      ? this.#states.part(this.#devices, asked, now)
      : this.#states.snapshot(this.#devices, now);
    return json(this.#state(devices, now));
  }

  #state(devices: object[], now: number): object {
    this.#presence.shown();
    const clients = this.#members.counts();
    return { room: this.name, at: now, clients, storage: "disk", devices };
  }

  /** Note and tell that a device joined, or that its last connection ended. */
  #announce(device: string, now: number): void {
    this.#devices.touch(device, now);
    this.#presence.tell(device, now);
  }

  /**
   * Send to all members that hear it, except the sender. Return how many accepted it.
   *
   * If it is a result, `resultOf` is its device.
   */
  #passOn(
    message: string | ArrayBuffer | ArrayBufferView,
    sender?: Member,
    resultOf?: string,
  ): number {
    let count = 0;
    for (const member of this.#members) {
      if (member !== sender && hears(member, resultOf) && send(member, message)) count++;
    }
    return count;
  }

  #complain(member: Member, error: string, status: number): void {
    send(member, encode({ type: "error", error, status }));
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

function bytesIn(message: WSMessage): number {
  if (typeof message !== "string") return message.byteLength;
  return new TextEncoder().encode(message).length;
}
