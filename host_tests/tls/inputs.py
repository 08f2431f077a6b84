"""Texts that an application or its users put into an address, a header or a protocol never split
the request and never change its host. Tested with random inputs, field by field.

Runs on MicroPython and CPython. The argument is the path of a JSON file: `seed` and `count`.
Prints a line of JSON for each field: how many inputs made a request, and how many were refused.
Ends with an AssertionError at the first input that does harm.
"""

import asyncio
import json
import random
import sys

# It comes last, because it must not hide built-in modules.
sys.path.append(__file__.rsplit("/", 2)[0])

from dialled import dialled  # noqa: E402
from partysocket import Error, PartySocket, WebSocket  # noqa: E402

HOST = "party.example"
# Texts that confuse parsers: line ends, delimiters, their encodings, names of headers.
PIECES = (
    "\r\n|\r|\n|\x00|\x0b|\x1f|\x7f|\x85|\u2028|\u560d\u560a|%0d%0a|%0D%0A|%00|%|%2|%2e%2e|..|.|/|//|"
    "\\|?|#|@|:|:80|&|=|;|+| |\t|\"|'|<|>|[|]|{|}|^|`|~|a|room|-1|\u00e9|\u0130|\u2603|\U0001f600|"
    "Host: evil.example|evil.example|x-partykit-room: r|GET / HTTP/1.1|HTTP/1.1|Upgrade: h2c|http://|"
    "wss://evil.example/|\u3002|\uff0f|\u2100|,|(|)|0|\u212a|user:pass@|[::1]|localhost"
).split("|")
REFUSALS = (ValueError, TypeError, UnicodeError, Error)


def drawn():
    """A str of up to 4 pieces and characters."""
    text = ""
    for _ in range(random.getrandbits(2) + 1):
        if random.getrandbits(2):
            text += PIECES[random.getrandbits(16) % len(PIECES)]
        else:
            code = random.getrandbits(5 if random.getrandbits(1) else 16)
            text += chr(code) if not 0xD800 <= code < 0xE000 else "\x7f"
    return text


# The arguments with a text in them. Those of a PartySocket have a host and a room.
FIELDS = {
    "host": lambda text: {"host": text, "protocol": "wss"},
    "room": lambda text: {"room": text},
    "party": lambda text: {"party": text},
    "id": lambda text: {"id": text},
    "path": lambda text: {"path": text},
    "prefix": lambda text: {"prefix": text},
    "base_path": lambda text: {"base_path": text},
    "query name": lambda text: {"query": {text: "1"}},
    "query value": lambda text: {"query": {"token": text}},
    "header name": lambda text: {"headers": {text: "1"}},
    "header value": lambda text: {"headers": {"Authorization": text}},
    "header provider": lambda text: {"headers": lambda: {"Authorization": text, text: "1"}},
    "protocol": lambda text: {"protocols": text},
    "protocol provider": lambda text: {"protocols": lambda: [text, "second"]},
    "url": lambda text: {"url": "wss://" + HOST + "/" + text},
    "url's host": lambda text: {"url": "wss://" + text + "/r"},
}


def dial(field, text):
    arguments = FIELDS[field](text)
    if "url" in arguments:
        return dialled(WebSocket, **arguments)
    return dialled(PartySocket, **dict({"host": HOST, "room": "room"}, **arguments))


def expected_host(field, text):
    """The host that an input names, as a reader sees it: the text before the path, the query and
    the port. The rest must not change it.
    """
    if field not in ("host", "url's host"):
        return HOST
    schemes = ("http://", "https://", "ws://", "wss://") if field == "host" else ()
    for scheme in schemes:
        if text.lower().startswith(scheme):
            text = text[len(scheme) :]
            break
    for mark in "/\\?#":
        text = text.split(mark)[0]
    if text.startswith("["):
        return text[1:].split("]")[0].lower()
    return text.split(":")[0].lower()


def check(field, text, request, host):
    """Raise AssertionError with what is wrong with a request."""
    head, end, rest = request.partition(b"\r\n\r\n")
    assert end and not rest, "it has not one end"
    lines = head.split(b"\r\n")
    for line in lines:
        assert not [byte for byte in line if byte < 32 or byte == 127], "a control character"
    method, target, version = lines[0].split(b" ")
    assert (method, version) == (b"GET", b"HTTP/1.1"), "another request line"
    assert target[:1] == b"/" and max(target) < 127 and b"#" not in target, "another target"
    names = [line.split(b":")[0].lower() for line in lines[1:]]
    own = [b"host", b"upgrade", b"connection", b"sec-websocket-key", b"sec-websocket-version"]
    extra = [b"sec-websocket-protocol"] if field.startswith("protocol") else []
    if field in ("header value", "header provider"):
        extra.append(b"authorization")
    if field in ("header name", "header provider"):
        extra.append(text.lower().encode())
    assert names[:5] == own, "its own headers are others"
    assert sorted(names[5:]) == sorted(extra), "other headers than were given"
    shown = b"Host: " + ("[" + host + "]" if ":" in host else host).encode()
    is_shown = lines[1] == shown or lines[1].startswith(shown + b":")
    assert is_shown, "the Host header is not the host that is dialed"
    assert host and not [c for c in host if c in " @/\\?#%"], "no name of a host"
    assert host == expected_host(field, text), "another host"


async def try_field(field, seed, count):
    random.seed(seed)
    made = refused = 0
    for _ in range(count):
        text = drawn()
        try:
            _, dial_ = await dial(field, text)
        except REFUSALS:
            refused += 1
            continue
        made += 1
        request, host = dial_.request, dial_.host
        try:
            check(field, text, request, host)
        # ValueError: there are not three words.
        except (AssertionError, ValueError) as e:
            raise AssertionError(
                f"{field}, seed {seed}: {e}: {text!r} made {request!r} to {host!r}"
            )
    return {"field": field, "made": made, "refused": refused}


async def main():
    with open(sys.argv[1]) as f:
        settings = json.load(f)
    for field in sorted(FIELDS):
        print(json.dumps(await try_field(field, settings["seed"], settings["count"])))


asyncio.run(main())
