/** The cards of the room, by their device's name. */

import { Card } from "./card.js";
import { paintSoon } from "./paint.js";

// More would take longer than a frame.
const AT_ONCE = 12;

export class Cards extends Map {
  #isConnected = false;
  #mayWrite = true;

  /** `room`: what a Card needs, devices (a Map), made(), called when there are more. */
  constructor(room) {
    super();
    this.room = room;
  }

  /** The card of a device, made if there is none. */
  of(device) {
    let card = this.get(device.name);
    if (!card) {
      card = new Card(device, this.room);
      card.setReachable(this.#isConnected, this.#mayWrite);
      this.set(device.name, card);
      this.room.made();
    }
    return card;
  }

  /** Show the devices of a snapshot: those that are gone go, and a few are made in each frame. */
  restore() {
    const { devices } = this.room;
    for (const [name, card] of this) {
      if (devices.has(name)) continue;
      card.remove();
      this.delete(name);
    }
    this.#make([...devices.keys()]);
  }

  /** Whether the page is connected, and whether it may write. */
  setReachable(isConnected, mayWrite) {
    this.#isConnected = isConnected;
    this.#mayWrite = mayWrite;
    for (const card of this.values()) card.setReachable(isConnected, mayWrite);
  }

  paintSoon() {
    for (const card of this.values()) paintSoon(card);
  }

  #make(names) {
    const paint = () => {
      for (const name of names.slice(0, AT_ONCE)) {
        // It may have gone since.
        const device = this.room.devices.get(name);
        if (device) this.of(device).replace(device);
      }
      if (names.length > AT_ONCE) this.#make(names.slice(AT_ONCE));
      this.room.made();
    };
    if (names.length) paintSoon({ paint });
  }
}
