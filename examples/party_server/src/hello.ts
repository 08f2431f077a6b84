// A device's hello: what it tells of itself, checked and reduced to the fields that count.

import {
  checkName,
  checkScalar,
  type Fields,
  has,
  isObject,
  type Json,
  MessageError,
  shorten,
} from "./checks.ts";

const MAX_UNITS = 64; // as many as a device has value names
const MAX_UNIT_CHARS = 16;
const MAX_CONTROLS = 16;

/** Return the known fields of a hello, without its type; throws MessageError. */
export function checkHello(message: Fields): Fields {
  const about: Fields = {};
  if (has(message, "name")) about.name = checkName("name", message.name);
  if (has(message, "units")) about.units = checkUnits(message.units);
  if (has(message, "controls")) about.controls = checkControls(message.controls);
  return about;
}

function checkUnits(units: Json | undefined): Fields {
  if (!isObject(units) || Object.keys(units).length > MAX_UNITS) {
    const given = `units ${shorten(units)}`;
    throw new MessageError(
      `${given}: give an object of at most ${MAX_UNITS} value names and units`,
    );
  }
  for (const [name, unit] of Object.entries(units)) {
    checkName("value name", name);
    checkName(`unit of ${shorten(name)}`, unit, MAX_UNIT_CHARS);
  }
  return units;
}

function checkControls(controls: Json | undefined): Json[] {
  if (!Array.isArray(controls) || controls.length > MAX_CONTROLS) {
    const given = `controls ${shorten(controls)}`;
    throw new MessageError(`${given}: give a list of at most ${MAX_CONTROLS} objects`);
  }
  const checked = controls.map(checkControl);
  const seen = new Set<Json | undefined>();
  for (const { name } of checked) {
    if (seen.has(name))
      throw new MessageError(`control ${shorten(name)} is there twice: name it once`);
    seen.add(name);
  }
  return checked;
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
