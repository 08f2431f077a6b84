/** Reads a device's hello, and leaves out what is invalid, because the server may not check it. */

import { isRecord } from "./messages.js";

const MOST_CONTROLS = 16;
const MOST_UNITS = 64;
const LONGEST_NAME = 64;
const LONGEST_UNIT = 16;

const isText = (value, longest) =>
  typeof value === "string" && value.length > 0 && value.length <= longest;

function isSlider({ min, max, step }) {
  const isStep = step === undefined || (Number.isFinite(step) && step > 0);
  return Number.isFinite(min) && Number.isFinite(max) && min < max && isStep;
}

function isControl(control) {
  if (!isRecord(control) || !isText(control.name, LONGEST_NAME)) return false;
  return control.type === "slider"
    ? isSlider(control)
    : control.type === "button" || control.type === "switch";
}

function controlsOf(list) {
  const byName = new Map();
  for (const control of Array.isArray(list) ? list : []) {
    if (!isControl(control) || byName.has(control.name)) continue;
    const { name, type, min, max, step } = control;
    const label = isText(control.label, LONGEST_NAME) ? control.label : null;
    byName.set(name, { name, type, label, min, max, step });
    if (byName.size === MOST_CONTROLS) break;
  }
  return byName;
}

/** {name: string or null, units: Map, controls: Map of {name, type, label, min, max, step}} */
export function aboutOf(hello) {
  const told = isRecord(hello) ? hello : {};
  const units = Object.entries(isRecord(told.units) ? told.units : {});
  return {
    name: isText(told.name, LONGEST_NAME) ? told.name : null,
    units: new Map(units.filter(([, unit]) => isText(unit, LONGEST_UNIT)).slice(0, MOST_UNITS)),
    controls: controlsOf(told.controls),
  };
}
