// What a room shows of itself: in a snapshot, in an answer to GET, and in files.

import type { Alerts } from "./alerts.ts";
import { json } from "./answers.ts";
import { readAsked } from "./asked.ts";
import type { Devices } from "./devices.ts";
import { exportOf } from "./export.ts";
import type { Layout } from "./layout.ts";
import type { Members } from "./members.ts";
import type { Presence } from "./presence.ts";
import type { States } from "./states.ts";
import type { Store } from "./store.ts";

interface Parts {
  // The room's name.
  name: () => string;
  members: Members;
  store: Store;
  devices: Devices;
  states: States;
  presence: Presence;
  alerts: Alerts;
  layout: Layout;
}

export class Shown {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Return the fields of a snapshot. */
  snapshot(now: number): object {
    const { states, devices, alerts, layout } = this.#parts;
    const state = this.#state(states.snapshot(devices, now), now);
    return { ...state, ...layout.state(), alerts: alerts.shown() };
  }

  /** Answer a GET or HEAD. Throws MessageError. */
  answer(request: Request): Response {
    const { name, store, devices, states } = this.#parts;
    const asked = readAsked(new URL(request.url).searchParams);
    const now = Date.now();
    if (asked.format !== null) {
      // Without a body: workerd would read all of it for a HEAD.
      const isEmpty = request.method === "HEAD";
      return exportOf(name(), { history: store.history, devices }, asked, isEmpty);
    }
    if (!asked.isPart) return json(this.snapshot(now));
    return json(this.#state(states.part(devices, asked, now), now));
  }

  #state(devices: object[], now: number): object {
    const { name, members, presence } = this.#parts;
    presence.shown();
    return { room: name(), at: now, clients: members.counts(), storage: "disk", devices };
  }
}
