/** The form that sends any command, also one that the device does not declare. */

// Suggestions that are kept.
const MOST_NAMES = 50;
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

/** Parse JSON, as 5, true, null or "5". Any other text is a string. An empty text is no value. */
export function parseValue(text) {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export class CommandForm {
  /** `command(name, value)` sends the device a command. */
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
