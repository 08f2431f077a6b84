/** The buttons, switches and sliders that a device declares. Each shows the device's own state. */

import { formatName } from "./format.js";
import { labelOf, withUnit } from "./names.js";

// Steps of a slider that declares no step.
const STEPS = 100;

/** Made from the template of its type. All have update(device), enable(isReachable), hear(state, value). */
class Control {
  // The last state that the device sent.
  known = undefined;

  constructor(device, control, command) {
    this.control = control;
    this.command = command;
    this.element = document.getElementById(`control-${control.type}`).content.firstElementChild.cloneNode(true);
    this.element.dataset.name = control.name;
    this.input = this.element.querySelector("button, input");
    this.element.querySelector(".control-name").textContent = formatName(
      control.label ?? labelOf(device, control.name),
    );
  }

  enable(isReachable) {
    if (this.input.disabled === isReachable) this.input.disabled = !isReachable;
  }

  /** Show what became of the command. A value in the result is the device's new state. */
  hear(state, value) {
    this.element.dataset.state = state;
    this.input.setAttribute("aria-busy", String(state === "waiting"));
    if (state === "ok") this.confirm(value);
    else if (state !== "waiting") this.show();
  }

  get isWaiting() {
    return this.element.dataset.state === "waiting";
  }

  confirm() {}
  show() {}
  update() {}
}

class Button extends Control {
  constructor(device, control, command) {
    super(device, control, command);
    this.input.addEventListener("click", () => command(undefined));
  }
}

class Switch extends Control {
  constructor(device, control, command) {
    super(device, control, command);
    this.input.addEventListener("click", () => {
      if (this.isWaiting) return;
      this.wanted = this.known !== true;
      this.input.setAttribute("aria-checked", String(this.wanted));
      command(this.wanted);
    });
  }

  update(device) {
    const value = device.last.get(this.control.name);
    if (typeof value === "boolean") this.known = value;
    if (!this.isWaiting) this.show();
  }

  confirm(value) {
    this.known = typeof value === "boolean" ? value : this.wanted;
    this.show();
  }

  show() {
    this.input.setAttribute("aria-checked", String(this.known === true));
    this.element.dataset.known = this.known !== undefined;
  }
}

class Slider extends Control {
  constructor(device, control, command) {
    super(device, control, command);
    const { min, max, step } = control;
    this.device = device;
    this.output = this.element.querySelector("output");
    this.input.min = min;
    this.input.max = max;
    this.input.step = step ?? (max - min) / STEPS;
    this.input.addEventListener("input", () => {
      // Readings must not move a slider that the user holds.
      this.isHeld = true;
      this.#label(this.input.valueAsNumber);
    });
    this.input.addEventListener("change", () => {
      this.isHeld = false;
      this.wanted = this.input.valueAsNumber;
      command(this.wanted);
    });
    this.show();
  }

  update(device) {
    this.device = device;
    const value = device.last.get(this.control.name);
    if (Number.isFinite(value)) this.known = value;
    if (!this.isWaiting && !this.isHeld) this.show();
  }

  confirm(value) {
    this.known = Number.isFinite(value) ? value : this.wanted;
    if (!this.isHeld) this.show();
  }

  show() {
    this.input.value = this.known ?? this.control.min;
    this.#label(this.known);
  }

  #label(number) {
    const text = number === undefined ? "–" : withUnit(this.device, this.control.name, number);
    if (this.output.textContent === text) return;
    this.output.textContent = text;
    this.input.setAttribute("aria-valuetext", text);
  }
}

const TYPES = { button: Button, switch: Switch, slider: Slider };

export class Controls {
  #byName = new Map();
  // The declaration from which they were made.
  #declared = "";

  /** `command(name, value, told)` sends the device a command. */
  constructor(element, command) {
    this.element = element;
    this.command = command;
  }

  update(device) {
    const declared = JSON.stringify([...device.about.controls.values()]);
    if (declared !== this.#declared) {
      this.#declared = declared;
      this.#make(device);
    }
    for (const control of this.#byName.values()) control.update(device);
  }

  enable(isReachable) {
    for (const control of this.#byName.values()) control.enable(isReachable);
  }

  #make(device) {
    this.#byName.clear();
    for (const declared of device.about.controls.values()) {
      const control = new TYPES[declared.type](device, declared, (value) =>
        this.command(declared.name, value, (state, result) => control.hear(state, result)),
      );
      this.#byName.set(declared.name, control);
    }
    this.element.replaceChildren(...[...this.#byName.values()].map(({ element }) => element));
    this.element.hidden = this.#byName.size === 0;
  }
}
