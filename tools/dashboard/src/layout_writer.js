/** Sends changes of the layout. A change that came too late is made again, to the newest one. */

import { isSame, isSmallEnough } from "./layout.js";

const ANSWER_LIMIT_MS = 10_000;
// So often others may be faster.
const MOST_TRIES = 5;
const TOO_LARGE =
  "The room keeps at most 32 KiB of names, groups and places: take some away first.";

export class LayoutWriter {
  // {change, settle, tries, sent, timer}. The first one is under way.
  #waiting = [];

  /** `send(message)` returns false if the message could not be sent. */
  constructor(layout, send) {
    this.layout = layout;
    this.send = send;
  }

  /**
   * Change the layout: `change(content)` returns the new content. Resolves to null when the server
   * keeps it, else to a text that says why it does not.
   */
  write(change) {
    return new Promise((settle) => {
      this.#waiting.push({ change, settle, tries: 0, sent: null, timer: null });
      if (this.#waiting.length === 1) this.#send();
    });
  }

  /** Handle a layout that the server has sent. */
  told(message) {
    this.layout.take(message);
    const [write] = this.#waiting;
    if (!write) return;
    const { sent } = write;
    if (message.error === "stale") this.#send();
    else if (message.version === sent.version + 1 && isSame(message.layout, sent.layout)) {
      this.#end(null);
    }
  }

  /** Handle the server's refusal. False if no change is under way. */
  refuse(text) {
    const isMine = this.#waiting.length > 0;
    if (isMine) this.#end(text);
    return isMine;
  }

  /** End all when the connection is lost. */
  drop() {
    while (this.#waiting.length) this.#end("the connection was lost before an answer", false);
  }

  #send() {
    const [write] = this.#waiting;
    const { version, content } = this.layout;
    write.sent = { type: "layout", version, layout: write.change(content) };
    clearTimeout(write.timer);
    if (write.tries++ === MOST_TRIES) this.#end("others change it all the time, try again");
    else if (!isSmallEnough(write.sent.layout)) this.#end(TOO_LARGE);
    else if (!this.send(write.sent)) this.#end("not connected, nothing was sent");
    else {
      const text = `no answer after ${ANSWER_LIMIT_MS / 1000} s`;
      write.timer = setTimeout(() => this.#end(text), ANSWER_LIMIT_MS);
    }
  }

  #end(text, hasNext = true) {
    const write = this.#waiting.shift();
    clearTimeout(write.timer);
    write.settle(text);
    if (hasNext && this.#waiting.length) this.#send();
  }
}
