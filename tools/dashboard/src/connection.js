/** The connection to one room. It lasts as long as the page, and comes back after each loss. */

import PartySocket from "partysocket";
import { party, room, segment } from "./address.js";
import { askRoom, reasonOf } from "./http.js";
import { currentToken, keepToken } from "./token.js";

// If the page was hidden for longer, the connection may be dead without an event.
const ASLEEP_MS = 60_000;

const isSecure = location.protocol === "https:";

export class RoomConnection {
  #socket = null;
  #hiddenAt = null;
  // True if the present attempt has opened.
  #hasOpened = false;

  /**
   * `on`: state("connecting" | "open" | "closed"), message(data), tokenNeeded(words),
   * allowed(mayWrite), problem(text).
   */
  constructor(on) {
    this.on = on;
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => this.#visibilityChanged());
  }

  async open() {
    this.on.state("connecting");
    const refusal = await this.#refusal();
    if (refusal === null) this.#connect();
    else this.on.tokenNeeded(refusal);
  }

  /** Dial now, without the rest of the wait. */
  retry() {
    this.#socket?.reconnect();
  }

  /** False if there is no open connection, because a command must not wait and be sent later. */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect() {
    this.#hasOpened = false;
    const socket = new PartySocket({
      host: location.host,
      room: segment(room),
      party: segment(party),
      // Without it, PartySocket chooses by the host: wss for raspberrypi.local.
      protocol: isSecure ? "wss" : "ws",
      query: { role: "dashboard", token: currentToken() },
      minReconnectionDelay: 1000 + Math.random() * 1000,
    });
    socket.addEventListener("open", () => {
      this.#hasOpened = true;
      keepToken();
      this.on.state("open");
      this.#findOutWhatIsAllowed();
    });
    socket.addEventListener("message", (event) => this.on.message(event.data));
    socket.addEventListener("close", () => this.#closed());
    this.#socket = socket;
  }

  #closed() {
    if (!this.#socket) return;
    this.on.state("closed");
    if (!this.#hasOpened) this.#findOutWhy();
    this.#hasOpened = false;
  }

  /** A browser hides the status of a refused upgrade, so ask again over HTTP. */
  async #findOutWhy() {
    const refusal = await this.#refusal();
    if (refusal === null || !this.#socket || this.#hasOpened) return;
    const socket = this.#socket;
    this.#socket = null;
    socket.close();
    this.on.tokenNeeded(refusal);
  }

  /** Post an invalid message: a token that only reads is refused before the message is checked. */
  async #findOutWhatIsAllowed() {
    const response = currentToken() ? await askRoom({ method: "POST", body: "{" }) : null;
    this.on.allowed(response?.status !== 403);
  }

  /** The server's text if it needs another token, else null. Other refusals are a problem. */
  async #refusal() {
    const response = await askRoom();
    if (response === null) return null;
    const { status } = response;
    if (status < 400 || status >= 500) {
      // The status is enough. The history comes with the snapshot.
      response.body?.cancel();
      return null;
    }
    const reason = await reasonOf(response);
    if (status === 401) return reason;
    this.on.problem(`The server refuses this room: ${reason}`);
    return null;
  }

  #visibilityChanged() {
    if (document.hidden) {
      this.#hiddenAt = Date.now();
    } else if (this.#hiddenAt !== null) {
      if (Date.now() - this.#hiddenAt > ASLEEP_MS) this.retry();
      this.#hiddenAt = null;
    }
  }
}
