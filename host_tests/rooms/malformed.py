"""Texts that no room may accept, and a word of the error each gets."""

import json

HUGE = "9" * 5000
DEEP = '{"type":"command","device":"d","name":"n","value":' + "[" * 4000 + "]" * 4000 + "}"
NINE = '{"type":"command","device":"d","name":"n","value":' + "[" * 9 + "]" * 9 + "}"


def reading(values):
    return '{"type":"reading","values":' + values + "}"


def hello(fields):
    return '{"type":"hello",' + fields + "}"


def control(fields):
    return hello('"controls":[{' + fields + "}]")


def slider(fields):
    return control('"name":"fan","type":"slider",' + fields)


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
    (hello('"name":"%s"' % ("n" * 65)), "1 to 64"),
    (hello('"name":null'), "name None"),
    (hello('"units":null'), "units"),
    (hello('"units":' + json.dumps({f"v{n}": "m" for n in range(65)})), "at most 64"),
    (hello('"units":{"":"m"}'), "value name"),
    (hello('"units":{"t":"%s"}' % ("u" * 17)), "1 to 16"),
    (hello('"units":{"t":5}'), "unit of 't'"),
    (hello('"controls":{}'), "controls"),
    (hello('"controls":' + json.dumps([{"name": "n", "type": "button"}] * 17)), "at most 16"),
    (hello('"controls":["led"]'), "control 'led'"),
    (control('"type":"button"'), "control name"),
    (control('"name":"led"'), "'button', 'switch' or 'slider'"),
    (control('"name":"led","type":["switch"]'), "'button', 'switch' or 'slider'"),
    (control('"name":"led","type":"switch","label":""'), "label"),
    (control('"name":"led","type":"switch"},{"name":"led","type":"button"'), "twice"),
    (slider('"max":1'), "min"),
    (slider('"min":0'), "max"),
    (slider('"min":false,"max":1'), "min"),
    (slider('"min":0,"max":1e999'), "too large"),
    (slider('"min":0,"max":9007199254740993'), "2**53"),
    (slider('"min":1,"max":1'), "below"),
    (slider('"min":0,"max":1,"step":0'), "above 0"),
    (slider('"min":0,"max":1,"step":null'), "step"),
]
