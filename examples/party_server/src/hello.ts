// A device's hello: what it says about itself, reduced to the valid parts of the known fields.

import {
  checkName,
  checkScalar,
  countChars,
  type Fields,
  has,
  isObject,
  type Json,
  MessageError,
  shorten,
} from "./checks.ts";

// As many as a device has value names.
const MAX_UNITS = 64;
const MAX_UNIT_CHARS = 16;
const MAX_CONTROLS = 16;

// Length of the sentence about the parts that are left out.
const MAX_TOLD_CHARS = 256;

/** A part that broke a rule. The text is `what was wrong: what is accepted`. */
export interface LeftOut {
  kind: "name" | "units" | "unit" | "controls" | "control";
  text: string;
}

/** Return the known fields of a hello, without its type, and the parts that are left out. */
export function checkHello(message: Fields): { about: Fields; leftOut: LeftOut[] } {
  const about: Fields = {};
  const leftOut: LeftOut[] = [];
  const take = (field: "name" | "units" | "controls", check: (value: Json) => Json) => {
    if (has(message, field)) {
      trying(field, leftOut, () => {
        about[field] = check(message[field] as Json);
      });
    }
  };
  take("name", (name) => checkName("name", name));
  take("units", (units) => checkUnits(units, leftOut));
  take("controls", (controls) => checkControls(controls, leftOut));
  return { about, leftOut };
}

/** Return the sentence for the device: as many parts as fit, each with its remedy. */
export function complaint(leftOut: LeftOut[]): string {
  return joined(
    "left out of the hello: ",
    leftOut.map(({ text }) => cut(text)),
  );
}

/** Return the same for a log, without contents of the hello, which may be secret. */
export function summary(leftOut: LeftOut[]): string {
  const remedies = leftOut.map(({ kind, text }) => `${kind}: ${split(text)[1]}`);
  return joined("left out of its hello: ", [...new Set(remedies)]);
}

/** Run a check. If it throws, the part is left out for that reason. */
function trying(kind: LeftOut["kind"], leftOut: LeftOut[], check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    leftOut.push({ kind, text: error.message });
  }
}

function checkUnits(units: Json, leftOut: LeftOut[]): Fields {
  if (!isObject(units)) {
    throw new MessageError(`units ${shorten(units)}: give an object of value names and units`);
  }
  const entries = Object.entries(units);
  const checked: [string, Json][] = [];
  // Only so many are checked. To report what is wrong with thousands would take long.
  for (const [name, unit] of entries.slice(0, MAX_UNITS)) {
    trying("unit", leftOut, () => {
      checkName("value name", name);
      checked.push([name, checkName(`unit of ${shorten(name)}`, unit, MAX_UNIT_CHARS)]);
    });
  }
  noteMore("unit", entries.length, MAX_UNITS, leftOut);
  // Here `__proto__` is a name like any other.
  return Object.fromEntries(checked);
}

function checkControls(controls: Json, leftOut: LeftOut[]): Json[] {
  if (!Array.isArray(controls)) {
    throw new MessageError(`controls ${shorten(controls)}: give a list of objects`);
  }
  // By name, in their order.
  const checked = new Map<Json | undefined, Fields>();
  for (const control of controls.slice(0, MAX_CONTROLS)) {
    trying("control", leftOut, () => {
      const one = checkControl(control);
      if (checked.has(one.name)) {
        throw new MessageError(`control ${shorten(one.name)} is there twice: name it once`);
      }
      checked.set(one.name, one);
    });
  }
  noteMore("control", controls.length, MAX_CONTROLS, leftOut);
  return [...checked.values()];
}

function checkControl(control: Json): Fields {
  if (!isObject(control)) {
    throw new MessageError(`control ${shorten(control)}: give an object with name and type`);
  }
  const name = checkName("control name", control.name);
  const type = control.type;
  if (type !== "button" && type !== "switch" && type !== "slider") {
    const given = `control ${shorten(name)} has type ${shorten(type)}`;
    throw new MessageError(`${given}: give 'button', 'switch' or 'slider'`);
  }
  const checked: Fields = { name, type };
  if (has(control, "label"))
    checked.label = checkName(`label of control ${shorten(name)}`, control.label);
  return type === "slider"
    ? { ...checked, ...checkRange(`slider ${shorten(name)}`, control) }
    : checked;
}

function checkRange(what: string, control: Fields): Fields {
  const min = checkNumber(`min of ${what}`, control.min);
  const max = checkNumber(`max of ${what}`, control.max);
  if (min >= max) {
    throw new MessageError(`${what} goes from ${min} to ${max}: give a min below its max`);
  }
  if (!has(control, "step")) return { min, max };
  const step = checkNumber(`step of ${what}`, control.step);
  if (step <= 0) throw new MessageError(`step of ${what} is ${step}: give a number above 0`);
  return { min, max, step };
}

function checkNumber(what: string, value: Json | undefined): number {
  checkScalar(what, value);
  if (typeof value !== "number") {
    throw new MessageError(`${what} is ${shorten(value)}: give a number`);
  }
  return value;
}

function noteMore(
  kind: "unit" | "control",
  count: number,
  most: number,
  leftOut: LeftOut[],
): void {
  if (count <= most) return;
  leftOut.push({ kind, text: `${count - most} more ${kind}s: give at most ${most}` });
}

/** Return what was wrong and what is accepted. The second part has no colon. */
function split(text: string): [wrong: string, accepted: string] {
  const at = text.lastIndexOf(": ");
  return [text.slice(0, at), text.slice(at + 2)];
}

/** Shorten what was wrong, if the text is so long that no other would fit beside it. */
function cut(text: string): string {
  const [wrong, accepted] = split(text);
  const most = MAX_TOLD_CHARS / 2 - accepted.length;
  const chars = [...wrong];
  return chars.length <= most ? text : `${chars.slice(0, most - 3).join("")}...: ${accepted}`;
}

/** Join as many of the texts as fit, and add the number of the others. */
function joined(start: string, texts: string[]): string {
  for (let count = texts.length; ; count--) {
    const rest = texts.length - count;
    const more = rest > 0 ? `; and ${rest} more` : "";
    const told = start + texts.slice(0, count).join("; ") + more;
    if (countChars(told) <= MAX_TOLD_CHARS || count <= 1) return told;
  }
}
