"""A device's description for Home Assistant, made of its hello and the kinds of its values.

It is Home Assistant's device-based discovery: one message for the device with all its entities.
"""

from . import units
from .topics import identifier

# Kinds of values. What was of several kinds is a text.
NUMBER, BOOL, TEXT = "number", "bool", "text"
# Home Assistant's entities of a kind.
_PLATFORMS = {NUMBER: "sensor", BOOL: "binary_sensor", TEXT: "sensor"}
# How their keys begin. Those of controls begin with their platform, which is none of these.
_KEYS = {NUMBER: "sensor", BOOL: "binary_sensor", TEXT: "text"}
# Names that mean the same in all rooms: unit, state class. They tell about the device itself.
_STATUS = {
    "rssi": ("dBm", units.MEASUREMENT),
    "free_memory": ("B", units.MEASUREMENT),
    "reconnects": (None, units.INCREASING),
    "error": (None, None),
}
# Home Assistant accepts no smaller one, and no longer state.
_LEAST_STEP = 0.001
_STATE_CHARS = 255
# Steps of a slider that says nothing about them.
_STEPS = 1000
ON, OFF, PRESS = "true", "false", "PRESS"


def config_of(device, about, entities, gone, topics, bridge, origin):
    """Return the description of the device as a dict.

    `entities`: those of entities_of. `gone`: {key: platform} of those that it had before: Home
    Assistant removes an entity of which only the platform is named. `bridge`: the topic that says
    whether the bridge runs. `origin`: which program made this.
    """
    # Those that are gone come first. Then another entity of the same name keeps their id.
    removed = {key: {"p": platform} for key, platform in gone.items()}
    return {
        "dev": {"ids": [topics.id_of(device)], "name": about.get("name", device)},
        "o": origin,
        "avty": [{"t": bridge}, {"t": topics.room}, {"t": topics.available(device)}],
        "avty_mode": "all",
        "cmps": {**removed, **entities},
    }


def entities_of(device, about, kinds, topics, with_commands):
    """Return {key: entity}, the controls first."""
    found = {}
    controls = about.get("controls", ()) if with_commands else ()
    shown = set()
    for control in controls:
        entity = _control(device, control, about.get("units", {}), topics)
        _add(found, entity["p"], control["name"], entity, device, topics)
        if control["type"] != "button":
            # Its state is the value of the same name.
            shown.add(control["name"])
    for name, kind in kinds.items():
        if name not in shown:
            entity = _value(device, name, kind, about.get("units", {}).get(name), topics)
            _add(found, _KEYS[kind], name, entity, device, topics)
    return found


def _add(found, start, name, entity, device, topics):
    # What has another kind of value is another entity: Home Assistant then reads its state anew.
    key = f"{start}__{identifier(name)}"
    found[key] = {**entity, "uniq_id": f"{topics.id_of(device)}__{key}"}


def _control(device, control, known_units, topics):
    name, kind = control["name"], control["type"]
    entity = {"name": control.get("label", name), "cmd_t": topics.command(device, name)}
    if kind == "button":
        return {"p": "button", **entity, "pl_prs": PRESS}
    entity["stat_t"] = topics.value(device, name)
    if kind == "switch":
        return {"p": "switch", **entity, "pl_on": ON, "pl_off": OFF}
    low, high = control["min"], control["max"]
    step = max(_LEAST_STEP, control.get("step", (high - low) / _STEPS))
    entity = {"p": "number", **entity, "min": low, "max": high, "step": step}
    return {**entity, "unit_of_meas": known_units[name]} if name in known_units else entity


def _value(device, name, kind, unit, topics):
    entity = {"p": _PLATFORMS[kind], "name": name, "stat_t": topics.value(device, name)}
    if name in _STATUS:
        entity["ent_cat"] = "diagnostic"
    if kind == BOOL:
        return {**entity, "pl_on": ON, "pl_off": OFF}
    if kind == TEXT:
        return {**entity, "val_tpl": f"{{{{ (value_json | string)[:{_STATE_CHARS}] }}}}"}
    usual, usual_class = _STATUS.get(name, (None, None))
    unit = unit or usual
    device_class, state_class = units.classes_of(name, unit)
    if unit:
        entity["unit_of_meas"] = unit
    if device_class:
        entity["dev_cla"] = device_class
    return {**entity, "stat_cla": usual_class or state_class}
