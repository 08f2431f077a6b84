/** The line at the foot of a card that sends a command to its device and shows what came of it. */

import { formatText } from "./format.js";

const ANSWER_LIMIT_MS = 10_000;
const MOST_NAMES = 50; // suggestions kept
const LONGEST_NAME = 64;

const suggestions = document.getElementById("command-names");
const suggested = new Set();

/** Offer this name in every card's list of commands. */
function suggest(name) {
  if (suggested.has(name) || suggested.size >= MOST_NAMES || name.length > LONGEST_NAME) return;
  suggested.add(name);
  const option = document.createElement("option");
  option.value = name;
  suggestions.append(option);
}

["interval", "led"].forEach(suggest);

/** 5, true, null and "5" as JSON has them; anything else is the text itself. */
export function parseValue(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export class CommandLine {
  #awaited = null; // name of the command that was sent last and has no answer
  #timer = null;

  /** `send(name, value)` is False when it could not be sent. */
  constructor(form, send) {
    this.send = send;
    this.button = form.querySelector("button");
    this.nameInput = form.querySelector(".command-name");
    this.valueInput = form.querySelector(".command-value");
    this.answer = form.querySelector(".answer");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  enable(isReachable) {
    if (this.button.disabled === isReachable) this.button.disabled = !isReachable;
  }

  result({ name, ok, value, error }) {
    const command = formatText(name ?? "command");
    if (command === this.#awaited) this.#stopWaiting();
    if (ok === true) {
      suggest(command);
      this.#say("ok", value === undefined ? `${command}: ok` : `${command}: ok, ${formatText(value)}`);
    } else {
      this.#say("error", `${command}: ${formatText(error ?? "failed")}`);
    }
  }

  remove() {
    this.#stopWaiting();
  }

  #submit() {
    const name = this.nameInput.value.trim();
    if (!name) return;
    this.#stopWaiting();
    if (!this.send(name, parseValue(this.valueInput.value))) {
      this.#say("error", "not connected, nothing was sent");
      return;
    }
    this.#awaited = name;
    this.#say("waiting", `${name}: waiting…`);
    this.#timer = setTimeout(() => {
      this.#awaited = null;
      this.#say("error", `${name}: no answer after ${ANSWER_LIMIT_MS / 1000} s`);
    }, ANSWER_LIMIT_MS);
  }

  #stopWaiting() {
    clearTimeout(this.#timer);
    this.#awaited = null;
  }

  #say(state, text) {
    this.answer.dataset.state = state;
    this.answer.textContent = text;
  }
}
