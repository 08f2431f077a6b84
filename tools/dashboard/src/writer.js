/**
 * Sends changes of what a room keeps for all: its layout, its alerts. A change that came too late is
 * made again, to what is the newest.
 */

import { isRecord } from "./messages.js";

const ANSWER_LIMIT_MS = 10_000;
// So often others may be faster.
const MOST_TRIES = 5;

export class Writer {
  // {change, settle, tries, sent, timer}. The first one is under way.
  #waiting = [];

  /**
   * `kept` has `version`, `content` and take(message). `form`: {type, field}, of its message, and
   * {mostBytes, tooLarge}. `send(message)` returns false if the message could not be sent.
   */
  constructor(kept, form, send) {
    this.kept = kept;
    this.form = form;
    this.send = send;
  }

  /**
   * Change it: `change(content)` returns the new content. Resolves to null when the server keeps it,
   * else to a text that says why it does not.
   */
  write(change) {
    return new Promise((settle) => {
      this.#waiting.push({ change, settle, tries: 0, sent: null, timer: null });
      if (this.#waiting.length === 1) this.#send();
    });
  }

  /** Handle what the server has sent. Return what take() does. */
  told(message) {
    const news = this.kept.take(message);
    if (this.#waiting.length) this.#heard(message);
    return news;
  }

  #heard(message) {
    const [write] = this.#waiting;
    const { sent } = write;
    const { field } = this.form;
    if (message.error === "stale") this.#send();
    else if (message.version === sent.version + 1 && isSame(message[field], sent[field])) {
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
    const { version, content } = this.kept;
    const { type, field, mostBytes, tooLarge } = this.form;
    write.sent = { type, version, [field]: write.change(content) };
    clearTimeout(write.timer);
    if (write.tries++ === MOST_TRIES) this.#end("others change it all the time, try again");
    else if (!isSmallEnough(write.sent[field], mostBytes)) this.#end(tooLarge);
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

/** True if its JSON has at most so many bytes. */
export const isSmallEnough = (content, mostBytes) =>
  new TextEncoder().encode(JSON.stringify(content)).length <= mostBytes;

const sorted = (key, value) =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

/** True if both have the same fields, in any order. */
export const isSame = (a, b) => JSON.stringify(a, sorted) === JSON.stringify(b, sorted);
