"""Texts that no room may accept, with a word of the error for each; hellos that lose a part."""

import json

HUGE = "9" * 5000
DEEP = '{"type":"command","device":"d","name":"n","value":' + "[" * 4000 + "]" * 4000 + "}"
NINE = '{"type":"command","device":"d","name":"n","value":' + "[" * 9 + "]" * 9 + "}"


def reading(values):
    return '{"type":"reading","values":' + values + "}"


MALFORMED = [
    ("{", "JSON"),
    (" \t\r\n{x", "JSON"),
    ('{"a":NaN}', "NaN"),
    (DEEP, "nested"),
    (NINE, "nested"),
    ('{"type":null}', "None"),
    ('{"type":"snapshot"}', "the server alone"),
    ('{"type":"presence","device":"d","online":true}', "the server alone"),
    ('{"type":"error","error":"x"}', "the server alone"),
    ('{"type":"ack","epoch":"0123456789abcdef","n":1}', "the server alone"),
    ('{"type":"storage","storage":"disk"}', "the server alone"),
    ('{"type":"%s"}' % ("x" * 5000), "unknown type"),
    ('{"type":"reading"}', "values"),
    (reading("[]"), "values"),
    (reading("{}"), "1 to 32"),
    (reading(json.dumps({f"v{n}": 1 for n in range(33)})), "1 to 32"),
    (reading('{"%s":1}' % ("n" * 65)), "1 to 64"),
    (reading('{"a\\n":1}'), "control"),
    (reading('{"a\u200b":1}'), "invisible"),
    ('{"type":"command","device":"d\u202e","name":"n"}', "invisible"),
    ('{"type":"command","device":"d","name":"\ufeffn"}', "invisible"),
    ('{"type":"result","name":"n\u2066","ok":true}', "invisible"),
    (reading('{"a":[1]}'), "number, string or bool"),
    (reading('{"a":-Infinity}'), "Infinity"),
    (reading('{"a":1e999}'), "too large"),
    (reading('{"a":' + HUGE + "}"), "too large"),
    (reading('{"a":9007199254740993}'), "2**53"),
    (reading('{"a":-9007199254740993}'), "2**53"),
    (reading('{"a":"%s"}' % ("s" * 257)), "257"),
    (reading('{"a":"\\udc00"}'), "surrogate"),
    (reading('{"a":1},"at":1.5'), "at 1.5"),
    (reading('{"a":1},"at":true'), "whole number"),
    (reading('{"a":1},"at":"1789999990000"'), "whole number"),
    (reading('{"a":1},"live":1'), "true or false"),
    ('{"type":"command","name":"n"}', "device"),
    ('{"type":"command","device":"d"}', "name"),
    ('{"type":"command","device":7,"name":"n"}', "device 7"),
    ('{"type":"command","device":"d","name":"n","value":[1e400]}', "too large"),
    ('{"type":"command","device":"d","name":"n","value":{"\\ud800":1}}', "surrogate"),
    ('{"type":"result","name":"n","ok":1}', "true or false"),
    ('{"type":"result","name":"n","ok":false,"error":5}', "error 5"),
    ('{"type":"result","ok":true}', "name"),
]


def _control(fields):
    return '"controls":[{' + fields + '},{"name":"ok","type":"button"}]'


def _slider(fields):
    return _control('"name":"fan","type":"slider",' + fields)


_UNITS = {f"v{n:02}": "m" for n in range(66)}
_BUTTONS = [{"name": f"b{n:02}", "type": "button"} for n in range(18)]
_OK = {"controls": [{"name": "ok", "type": "button"}]}
_SWITCH = {"controls": [{"name": "ok", "type": "switch"}]}

# The fields of a hello, the kept part, and a word of the error.
LEFT_OUT = [
    ('"name":"%s"' % ("n" * 66), {}, "1 to 64"),
    ('"name":null,"units":{"t":"K"}', {"units": {"t": "K"}}, "name None"),
    ('"name":"a\\n"', {}, "control characters"),
    ('"name":"a\u200b"', {}, "invisible"),
    ('"units":{"t\u00ad":"m","t":"K"}', {"units": {"t": "K"}}, "invisible"),
    ('"units":{"t":"\u200eK","u":"m"}', {"units": {"u": "m"}}, "invisible"),
    (_control('"name":"led\u200d","type":"switch"'), _OK, "invisible"),
    (_control('"name":"led","type":"switch","label":"\u2060"'), _OK, "invisible"),
    ('"name":"N","units":null', {"name": "N"}, "units None"),
    ('"name":"N","units":[]', {"name": "N"}, "give an object"),
    ('"units":' + json.dumps(_UNITS), {"units": dict([*_UNITS.items()][:64])}, "2 more units"),
    ('"units":{"":"m","t":"K"}', {"units": {"t": "K"}}, "value name"),
    ('"units":{"t":"%s","u":"m"}' % ("u" * 17), {"units": {"u": "m"}}, "1 to 16"),
    ('"units":{"t":5}', {"units": {}}, "unit of 't'"),
    ('"name":"N","controls":{}', {"name": "N"}, "give a list"),
    ('"controls":' + json.dumps(_BUTTONS), {"controls": _BUTTONS[:16]}, "2 more controls"),
    ('"controls":["led"]', {"controls": []}, "control 'led'"),
    (_control('"type":"button"'), _OK, "control name"),
    (_control('"name":"led"'), _OK, "'button', 'switch' or 'slider'"),
    (_control('"name":"led","type":["switch"]'), _OK, "'button', 'switch' or 'slider'"),
    (_control('"name":"led","type":"switch","label":""'), _OK, "label"),
    (_control('"name":"ok","type":"switch"'), _SWITCH, "twice"),
    # The first control is left out, so the next one may have the same name.
    (_control('"name":"ok","type":"slider"'), _OK, "min"),
    (_slider('"max":1'), _OK, "min"),
    (_slider('"min":0'), _OK, "max"),
    (_slider('"min":false,"max":1'), _OK, "min"),
    (_slider('"min":0,"max":1e999'), _OK, "too large"),
    (_slider('"min":0,"max":9007199254740993'), _OK, "2**53"),
    (_slider('"min":1,"max":1'), _OK, "below"),
    (_slider('"min":0,"max":1,"step":0'), _OK, "above 0"),
    (_slider('"min":0,"max":1,"step":null'), _OK, "step"),
]
