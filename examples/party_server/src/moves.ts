// A room that comes from another server, in numbered pieces: CLUSTER.md, "Moving rooms".
//
// The worker lets in who has the room's token and IMPORT_TOKEN. The room takes pieces only while an
// import is open, and an import begins only in an empty room. Until it ends nobody else gets in.

import { done, json, Refusal } from "./answers.ts";
import { bodyOf } from "./body.ts";
import { checkWhole, isObject, MessageError, parseJson, shorten } from "./checks.ts";
import type { Members } from "./members.ts";
import { type Places, rowOf, rowsOf, take } from "./moveRows.ts";
import { badMethod } from "./page.ts";
import { SettingError, type Settings } from "./settings.ts";
import { type Store, writeAll } from "./store.ts";
import { sumOfEntries, sumOfValues } from "./sums.ts";
import { isEqual, isToken, MIN_KEY_CHARS } from "./tokens.ts";
import { TIERS } from "./tiers.ts";

export const HEADER = "Import-Token";
const MOST_BYTES = 4 * 1024 * 1024;
// The key in the room's storage.
const KEY = "import";
const CLOSED = "the room is moving in from another server: come back when it is here";
const CLOSED_S = "10";

/** Throw SettingError if this can't be IMPORT_TOKEN. */
export function checkImportToken(token: string | null | undefined): void {
  if (token === undefined || token === null) return;
  if (!isToken(token) || token.length < MIN_KEY_CHARS) {
    const wanted = `give ${MIN_KEY_CHARS} to 256 ASCII characters without spaces`;
    throw new SettingError(`IMPORT_TOKEN: ${wanted}, or none`);
  }
}

/**
 * Answer a request about the import of a room, from a client that may write there.
 *
 * `ask` sends a request to the room. Throws Refusal.
 */
export async function move(
  request: Request,
  place: string,
  token: string | null | undefined,
  ask: (inner: Request) => Promise<Response>,
): Promise<Response> {
  if (token === undefined || token === null) {
    const remedy = "set IMPORT_TOKEN there, and remove it after the move";
    throw new Refusal(403, `this server takes no rooms of another server: ${remedy}`);
  }
  if (!(await isEqual(request.headers.get(HEADER) ?? "", token))) {
    throw new Refusal(403, `${HEADER}: give the server's IMPORT_TOKEN in this header`);
  }
  const inner = new URL(`http://room/parties/${place}`);
  const { method } = request;
  const word = new URL(request.url).searchParams.get(KEY) as string;
  inner.searchParams.set(KEY, `${method} ${word}`);
  if (method === "GET" || method === "DELETE") return ask(new Request(inner, { method: "PUT" }));
  if (method !== "POST" && method !== "PUT") throw badMethod(request, "GET, POST, PUT, DELETE");
  const body = await bodyOf(request, MOST_BYTES);
  return ask(new Request(inner, { method: "PUT", body }));
}

interface State {
  // What is imported: a hash of all of it.
  id: string;
  // The time by which its sender tells what is too old, in ms since 1970.
  now: number;
  pieces: number;
  // The next one that is missing.
  next: number;
  isDone: boolean;
}

interface Parts extends Places {
  members: Members;
  store: Store;
  settings: Settings;
  targets: readonly string[];
}

/** The part of the room. */
export class Moves {
  readonly #storage: DurableObjectStorage;
  readonly #parts: Parts;
  #state: State | null;

  constructor(storage: DurableObjectStorage, parts: Parts) {
    this.#storage = storage;
    this.#parts = parts;
    this.#state = storage.kv.get<State>(KEY) ?? null;
  }

  /** Throw Refusal while an import is open. */
  check(): void {
    if (this.isOpen) throw new Refusal(503, CLOSED, { "Retry-After": CLOSED_S });
  }

  /** Answer a request of move(). Throws Refusal, MessageError, NotStored. */
  async answer(request: Request, action: string): Promise<Response> {
    if (action === "GET ") return json(this.#shown());
    const { id } = this.#state ?? {};
    if (action === "DELETE ") {
      this.#discard();
    } else {
      const body = parseJson(await request.text());
      if (!isObject(body)) throw new MessageError("the body: send a JSON object");
      if (action === "POST begin") this.#begin(body);
      else if (id === undefined || body.id !== id) throw this.#another();
      else if (action === "POST sums") return json(await this.#sums(body));
      else if (action === "POST end") await this.#end();
      else if (/^PUT \d{1,9}$/.test(action)) {
        const [, , party] = new URL(request.url).pathname.split("/");
        this.#take(Number(action.slice(4)), body.rows, party as string);
      } else throw new MessageError(`import ${shorten(action)}: see moves.ts`);
    }
    await this.#parts.store.sync();
    return action === "DELETE " ? done() : json(this.#shown());
  }

  get isOpen(): boolean {
    return this.#state !== null && !this.#state.isDone;
  }

  #shown(): object {
    const { devices, settings, targets, members } = this.#parts;
    const { keep, maxDbBytes, maxDevices } = settings;
    return {
      import: this.#state,
      devices: [...devices].length,
      isEmpty: this.#isEmpty,
      clients: members.count,
      limits: { keep, maxDbBytes, maxDevices },
      targets,
    };
  }

  get #isEmpty(): boolean {
    const { devices, layout, alerts } = this.#parts;
    return [...devices].length === 0 && layout.newest === undefined && alerts.version === 0;
  }

  #begin({ id, now, pieces }: Record<string, unknown>): void {
    if (typeof id !== "string" || !/^[0-9a-f]{64}$/.test(id)) {
      throw new MessageError(`id ${shorten(id)}: give the SHA-256 of what comes`);
    }
    if (this.#state?.id === id) return;
    if (this.isOpen) throw this.#another();
    const { members } = this.#parts;
    if (!this.#isEmpty) {
      const remedy = "only an empty room takes one: remove what it has, or give another room";
      throw new Refusal(409, `the room is not empty: ${remedy}`);
    }
    if (members.count > 0) {
      throw new Refusal(409, `${members.count} clients are in the room: close them first`);
    }
    this.#save({
      id,
      now: checkWhole("now", now, 0),
      pieces: checkWhole("pieces", pieces, 0),
      next: 0,
      isDone: false,
    });
  }

  /** Store a piece, completely or not at all. One that is here already changes nothing. */
  #take(number: number, content: unknown, party: string): void {
    const state = this.#state as State;
    if (number < state.next || state.isDone) return;
    if (number > state.next || number >= state.pieces) {
      throw new Refusal(409, `piece ${number}: the next one is ${state.next} of ${state.pieces}`);
    }
    const rows = rowsOf(content);
    const after = { ...state, next: number + 1 };
    writeAll(this.#storage, () => {
      for (const row of rows) take(row, this.#parts, party);
      this.#storage.kv.put(KEY, after);
    });
    this.#state = after;
  }

  /** Open the room. */
  async #end(): Promise<void> {
    const state = this.#state as State;
    if (state.isDone) return;
    if (state.next < state.pieces) {
      throw new Refusal(409, `piece ${state.next} of ${state.pieces} is missing: send it first`);
    }
    this.#save({ ...state, isDone: true });
    await this.#parts.alerts.wake(Date.now());
  }

  /** Remove all that an open import has brought. */
  #discard(): void {
    if (!this.isOpen) throw new Refusal(409, "no import is open: there is nothing to discard");
    const { devices, layout, alerts } = this.#parts;
    writeAll(this.#storage, () => {
      for (const { name } of [...devices]) devices.remove(name);
      layout.clear();
      alerts.clear();
      this.#storage.kv.delete(KEY);
    });
    this.#state = null;
  }

  /**
   * Return the sums of a device, or of what is of the room itself. `before`: by series, the time up
   * to which minutes and hours are compared. Later ones are counted here.
   */
  async #sums({ device: name, before }: Record<string, unknown>): Promise<object> {
    const { devices, layout, alerts, store } = this.#parts;
    if (name === undefined) {
      return {
        devices: [...devices].map(({ name }) => name),
        layout: await sumOfValues(layout.newest ? [{ ...layout.newest }] : []),
        alerts: await sumOfValues(alerts.version > 0 ? [alerts.row()] : []),
      };
    }
    const device = devices.get(String(name));
    if (!device || !isObject(before)) throw new MessageError(`device ${shorten(name)}: none here`);
    const { history } = store;
    const series: Record<string, object> = {};
    for (const [key, bound] of Object.entries(before)) {
      const id = [device.name, key] as const;
      const sums: Record<string, unknown> = {};
      for (const tier of TIERS) {
        const until = tier === "raw" ? Infinity : Number(bound);
        sums[tier] = await sumOfEntries(history.all(id, tier, until));
      }
      sums.changes = await sumOfValues(history.changes.all(id));
      series[key] = sums;
    }
    return { device: await sumOfValues([rowOf(device)]), series };
  }

  #another(): Refusal {
    if (this.isOpen) {
      const text = "another import of this room is open: go on with its file, or discard it";
      return new Refusal(409, text);
    }
    return new Refusal(409, "no such import is open: begin it first");
  }

  #save(state: State): void {
    writeAll(this.#storage, () => this.#storage.kv.put(KEY, state));
    this.#state = state;
  }
}
