/** The cards of all devices. Of many devices, they are made a few at a time. */

import { Card } from "./card.js";
import { paintSoon } from "./paint.js";

// More would take longer than a frame.
const CARDS_AT_ONCE = 12;
// All ages at once would, too.
export const AGE_PARTS = 5;

export class Cards {
  byName = new Map(); // device name -> Card
  // Whether the page is connected, and whether it may write.
  #isConnected = false;
  #mayWrite = true;
  // The part whose ages were written last.
  #turn = 0;

  /** `room` is as Card has it. `made()` is called when there are new cards. */
  constructor(room, made) {
    this.room = room;
    this.made = made;
  }

  /** The card of a device. It is made if there is none. */
  of(device) {
    let card = this.byName.get(device.name);
    if (!card) {
      card = new Card(device, this.room);
      card.setReachable(this.#isConnected, this.#mayWrite);
      this.byName.set(device.name, card);
      this.made();
    }
    return card;
  }

  /** Show these devices, a Map, and no others. */
  restore(devices) {
    for (const [name, card] of this.byName) {
      if (devices.has(name)) continue;
      card.remove();
      this.byName.delete(name);
    }
    this.#show(devices, [...devices.keys()]);
  }

  setReachable(isConnected, mayWrite) {
    this.#isConnected = isConnected;
    this.#mayWrite = mayWrite;
    for (const card of this.byName.values()) card.setReachable(isConnected, mayWrite);
  }

  /** Draw all of them soon. */
  paint() {
    for (const card of this.byName.values()) paintSoon(card);
  }

  /** Write the ages on a part of the cards. So many calls as there are parts do it for all. */
  paintAges() {
    this.#turn = (this.#turn + 1) % AGE_PARTS;
    let i = 0;
    for (const card of this.byName.values()) if (i++ % AGE_PARTS === this.#turn) card.paintAge();
  }

  #show(devices, names) {
    const paint = () => {
      for (const name of names.slice(0, CARDS_AT_ONCE)) {
        // It may have gone since.
        const device = devices.get(name);
        if (device) this.of(device).replace(device);
      }
      if (names.length > CARDS_AT_ONCE) this.#show(devices, names.slice(CARDS_AT_ONCE));
    };
    if (names.length) paintSoon({ paint });
  }
}
