/** Commands under way. Each waits for its result, and ends once. */

const ANSWER_LIMIT_MS = 10_000;

export class PendingCommands {
  // {device, name, told, timer}, the oldest first.
  #waiting = [];

  /** `send(message)` returns false if the message could not be sent. */
  constructor(send) {
    this.send = send;
  }

  /**
   * Send a device a command. `told(state, text, value)` is called with "waiting", and then with "ok",
   * "error" or "late". The text may be empty. `value` is the value of the result.
   */
  give(device, name, value, told) {
    const command = { device, name, told };
    if (!this.send({ type: "command", device, name, value })) {
      told("error", "not connected, nothing was sent");
      return;
    }
    this.#waiting.push(command);
    command.timer = setTimeout(() => {
      this.#end(command, "late", `no answer after ${ANSWER_LIMIT_MS / 1000} s`);
    }, ANSWER_LIMIT_MS);
    told("waiting", "waiting…");
  }

  /** Handle a result: the oldest such command ends. False if it is for no command of this page. */
  settle(message, text) {
    const { device, name, ok, value } = message;
    const command = this.#waiting.find((each) => each.device === device && each.name === name);
    if (!command) return false;
    this.#end(command, ok === true ? "ok" : "error", text, value);
    return true;
  }

  /** Handle the server's refusal of the last command. False if none is under way. */
  refuse(text) {
    const command = this.#waiting.at(-1);
    if (command) this.#end(command, "error", text);
    return command !== undefined;
  }

  /** End all when the connection is lost, because it is not known whether they arrived. */
  drop() {
    for (const command of [...this.#waiting]) {
      this.#end(command, "error", "the connection was lost before an answer");
    }
  }

  #end(command, state, text, value) {
    clearTimeout(command.timer);
    this.#waiting = this.#waiting.filter((each) => each !== command);
    command.told(state, text, value);
  }
}
