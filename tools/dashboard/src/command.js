/** The form that sends any command, for what a device does not declare. */

const MOST_NAMES = 50; // suggestions kept
const LONGEST_NAME = 64;

const suggestions = document.getElementById("command-names");
const suggested = new Set();

/** Offer this name in every card's list of commands. */
export function suggest(name) {
  if (suggested.has(name) || suggested.size >= MOST_NAMES || name.length > LONGEST_NAME) return;
  suggested.add(name);
  const option = document.createElement("option");
  option.value = name;
  suggestions.append(option);
}

/** 5, true, null and "5" as JSON has them; anything else is the text itself, and nothing no value. */
export function parseValue(text) {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export class CommandForm {
  /** `command(name, value)` gives the device a command. */
  constructor(form, command) {
    this.button = form.querySelector("button");
    const [nameInput, valueInput] = form.querySelectorAll("input");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = nameInput.value.trim();
      if (name) command(name, parseValue(valueInput.value));
    });
  }

  enable(isReachable) {
    if (this.button.disabled === isReachable) this.button.disabled = !isReachable;
  }
}
