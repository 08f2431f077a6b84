"""What an application, or whoever supplies its data, puts into an address, a header or a protocol
never splits the request nor changes its host: random inputs, field by field.

Runs on MicroPython and CPython. The one argument names a file of JSON: `seed`, `count`, and
`fields`, those to try (none: all). Prints a line of JSON for each: how many inputs made a request
and how many were refused; and ends with an AssertionError at the first that did harm.
"""

import asyncio
import json
import random
import sys

from partysocket import PartySocket, WebSocket
from partysocket.core import address, handshake
from partysocket.core.errors import Error

HOST = "party.example"
# What parsers trip over: ends of lines, delimiters, encodings of them, names of headers.
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


def now(coroutine):
    """What a coroutine gives that has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as e:
        return e.value
    raise AssertionError("it waits")


class Link:
    gone = False


def request_of(socket):
    """The bytes that a dial of this socket would begin with, as link.py makes them; its host."""
    url, protocols, headers = now(socket._ask_providers(Link))
    secure, authority, host, port, target = address.split_url(url)
    return handshake.request(authority, target, "KEY", protocols, headers), host, port


def party(**arguments):
    arguments["host"] = arguments.get("host", HOST)
    arguments["room"] = arguments.get("room", "room")
    return PartySocket(start_closed=True, debug_logger=quiet, **arguments)


def quiet(text):
    pass


MAKE = {
    "host": lambda text: party(host=text, protocol="wss"),
    "room": lambda text: party(room=text),
    "party": lambda text: party(party=text),
    "id": lambda text: party(id=text),
    "path": lambda text: party(path=text),
    "prefix": lambda text: party(prefix=text),
    "base_path": lambda text: party(base_path=text),
    "query name": lambda text: party(query={text: "1"}),
    "query value": lambda text: party(query={"token": text}),
    "header name": lambda text: party(headers={text: "1"}),
    "header value": lambda text: party(headers={"Authorization": text}),
    "header provider": lambda text: party(headers=lambda: {"Authorization": text, text: "1"}),
    "protocol": lambda text: party(protocols=text),
    "protocol provider": lambda text: party(protocols=lambda: [text, "second"]),
    "url": lambda text: WebSocket("wss://" + HOST + "/" + text, start_closed=True),
    "url's host": lambda text: WebSocket("wss://" + text + "/r", start_closed=True),
}


def expected_host(field, text):
    """The host that an input names, or None if it isn't the input's to name."""
    if field == "host":
        text = address.clean_host(text)
    elif field != "url's host":
        return HOST
    # As a reader would say: what lies before the path, the query and the port.
    for mark in "/\\?#":
        text = text.split(mark)[0]
    if text.startswith("["):
        return text[1:].split("]")[0].lower()
    return text.split(":")[0].lower()


def harm(field, text, request, host):
    """What is wrong with a request, or None."""
    head, end, rest = request.partition(b"\r\n\r\n")
    if not end or rest:
        return "it has not one end"
    lines = head.split(b"\r\n")
    for line in lines:
        for byte in line:
            if byte < 32 or byte == 127:
                return "a control character"
    words = lines[0].split(b" ")
    if len(words) != 3 or words[0] != b"GET" or words[2] != b"HTTP/1.1":
        return "another request line"
    if not words[1].startswith(b"/") or max(words[1]) > 126 or b"#" in words[1]:
        return "another target"
    names = [line.split(b":")[0].lower() for line in lines[1:]]
    own = [b"host", b"upgrade", b"connection", b"sec-websocket-key", b"sec-websocket-version"]
    if names[:5] != own:
        return "other headers"
    extra = [b"sec-websocket-protocol"] if field.startswith("protocol") else []
    if field == "header value":
        extra = [b"authorization"]
    elif field == "header name":
        extra = [text.lower().encode()]
    elif field == "header provider":
        extra = sorted([b"authorization", text.lower().encode()])
        names[5:] = sorted(names[5:])
    if names[5:] != extra:
        return "more headers than were given"
    shown = "[" + host + "]" if ":" in host else host
    if lines[1] != b"Host: " + shown.encode() and not lines[1].startswith(
        b"Host: " + shown.encode() + b":"
    ):
        return "the Host header is not the host that is dialed"
    if not host or [c for c in host if c in " @/\\?#%"]:
        return "no name of a host"
    if host != expected_host(field, text):
        return "another host"
    return None


def try_field(field, seed, count):
    random.seed(seed)
    made = refused = 0
    for _ in range(count):
        text = drawn()
        try:
            request, host, _ = request_of(MAKE[field](text))
        except REFUSALS:
            refused += 1
            continue
        made += 1
        what = harm(field, text, request, host)
        assert what is None, f"{field}, seed {seed}: {what}: {text!r} made {request!r} to {host!r}"
    return {"field": field, "made": made, "refused": refused}


async def main():
    with open(sys.argv[1]) as f:
        settings = json.load(f)
    for field in settings["fields"] or sorted(MAKE):
        print(json.dumps(try_field(field, settings["seed"], settings["count"])))


asyncio.run(main())
