/** Commands under way: each waits for its result, and ends once. */

const ANSWER_LIMIT_MS = 10_000;

export class Orders {
  #waiting = []; // {device, name, told, timer}, the oldest first

  /** `send(message)` is False when it could not be sent. */
  constructor(send) {
    this.send = send;
  }

  /**
   * Give a device a command. `told(state, text, value)` hears "waiting", then one of "ok", "error"
   * and "late"; its text may be empty, `value` is the result's.
   */
  give(device, name, value, told) {
    const order = { device, name, told };
    if (!this.send({ type: "command", device, name, value })) {
      told("error", "not connected, nothing was sent");
      return;
    }
    this.#waiting.push(order);
    order.timer = setTimeout(() => {
      this.#end(order, "late", `no answer after ${ANSWER_LIMIT_MS / 1000} s`);
    }, ANSWER_LIMIT_MS);
    told("waiting", "waiting…");
  }

  /** A result came: the oldest such command is done. False if it belongs to none of this page. */
  settle(message, text) {
    const { device, name, ok, value } = message;
    const order = this.#waiting.find((each) => each.device === device && each.name === name);
    if (!order) return false;
    this.#end(order, ok === true ? "ok" : "error", text, value);
    return true;
  }

  /** The server let the last command go nowhere. False if none is under way. */
  refuse(text) {
    const order = this.#waiting.at(-1);
    if (order) this.#end(order, "error", text);
    return order !== undefined;
  }

  /** The connection is lost: whether they arrived, nobody knows. */
  drop() {
    for (const order of [...this.#waiting]) {
      this.#end(order, "error", "the connection was lost before an answer");
    }
  }

  #end(order, state, text, value) {
    clearTimeout(order.timer);
    this.#waiting = this.#waiting.filter((each) => each !== order);
    order.told(state, text, value);
  }
}
