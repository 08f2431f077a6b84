# cpython only
"""The core, compared with other implementations on random data.

Frames are compared with `websockets`, addresses with Node's URL parser.
"""

import json
import os
import random
import subprocess

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from talk import feed, note_pings, opened
from websockets import frames as oracle
from websockets.exceptions import PayloadTooBig
from websockets.exceptions import ProtocolError as OracleError
from websockets.protocol import CLIENT
from websockets.protocol import Protocol as OracleProtocol
from websockets.protocol import State as OracleState

from needs import need_node
from partysocket.core.address import query_string, quote_path, quote_query, split_url
from partysocket.core.errors import ProtocolError
from partysocket.core.plain_address import split_url as plain_split_url
from partysocket.core.protocol import BINARY, CLOSE, PING, PONG, TEXT

CONTROLS = (CLOSE, PING, PONG)

slow = settings(deadline=None, suppress_health_check=list(HealthCheck))


def read(data, cuts, size, limit, is_short=False, streams=False):
    """All that is found in `data`, cut at `cuts`, and the code of the error, or None."""
    p = opened(os.urandom, receive_bytes=size, max_message_bytes=limit)
    p.hears_chunks = lambda: streams
    found = []
    at = 0
    try:
        for edge in sorted({min(cut, len(data)) for cut in cuts} | {len(data)}):
            feed(p, data[at:edge], 1 << 20, is_short, found)
            at = edge
            if p.is_closed:
                break
    except ProtocolError as e:
        note_pings(p, found)
        return found, e.code
    return found, None


# Valid streams.

payloads = st.one_of(
    st.binary(max_size=140),
    st.builds(lambda b, n: b * n, st.binary(min_size=1, max_size=9), st.integers(0, 60)),
    st.builds(bytes, st.sampled_from([125, 126, 127, 128, 129, 137, 138, 139, 65535, 65536])),
)
# Pongs that answer no ping are not reported.
controls = st.tuples(st.sampled_from([PING, PONG]), st.binary(max_size=125))
messages = st.lists(
    st.tuples(
        st.sampled_from([oracle.Opcode.TEXT, oracle.Opcode.BINARY]),
        st.lists(st.tuples(payloads, st.lists(controls, max_size=2)), min_size=1, max_size=5),
    ),
    max_size=5,
)
cuts = st.lists(st.integers(0, 2000), max_size=12)


def serialized(drawn):
    """The bytes of a stream, written by `websockets`, and what should be found in it."""
    stream = b""
    wanted = []
    for opcode, pieces in drawn:
        # Invalid UTF-8 fails before the message is complete.
        if opcode == oracle.Opcode.TEXT:
            pieces = [(bytes(b & 0x7F for b in payload), more) for payload, more in pieces]
        for i, (payload, between) in enumerate(pieces):
            fin = i == len(pieces) - 1
            frame = oracle.Frame(opcode if i == 0 else oracle.Opcode.CONT, payload, fin)
            stream += frame.serialize(mask=False)
            if fin:
                wanted.append((int(opcode), b"".join([payload for payload, _ in pieces])))
            for kind, payload in between:
                stream += oracle.Frame(oracle.Opcode(kind), payload).serialize(mask=False)
                if kind == PING:
                    wanted.append((kind, payload))
    return stream, wanted


@slow
@given(
    messages,
    st.one_of(cuts, st.just(range(3000))),
    st.sampled_from([128, 200, 2048]),
    st.booleans(),
    st.booleans(),
)
def test_streams_of_websockets_are_read_however_they_are_cut(drawn, cuts, size, is_short, streams):
    stream, wanted = serialized(drawn)
    limit = 150 if streams else 1 << 20
    found, code = read(stream, cuts, size, limit, is_short, streams)
    joined = []
    message = b""
    for one in found:
        if len(one) == 2:
            joined.append(one)
            continue
        offset, is_text, is_last, piece = one
        assert offset == len(message)
        message += piece
        if is_last:
            joined.append((TEXT if is_text else BINARY, message))
            message = b""
    assert (joined, code) == (wanted, None)


# Invalid streams: the same result as with `websockets`.

# Its limit also counts for control frames.
limits = st.sampled_from([125, 130, 300, 2000])
# Frames that are valid, or nearly valid: any first byte, and a length that is often right.
headers = st.lists(
    st.builds(
        lambda first, payload, lie: bytes([first, len(payload) ^ lie]) + payload,
        st.one_of(
            st.integers(0, 255), st.sampled_from([0x00, 0x01, 0x80, 0x81, 0x82, 0x88, 0x89])
        ),
        st.one_of(st.binary(max_size=125), st.just(b""), st.just(b"\x03\xe8")),
        st.sampled_from([0] * 12 + [0x80, 0x01, 0x7F]),
    ),
    max_size=8,
).map(b"".join)


def verdict(stream, limit):
    """What `websockets` finds in `stream`, and the code of the error, or None."""
    protocol = OracleProtocol(CLIENT, state=OracleState.OPEN, max_size=limit)
    protocol.receive_data(stream)
    found = []
    parts = []
    kind = None
    for frame in protocol.events_received():
        if frame.opcode in (PING, CLOSE):
            found.append((int(frame.opcode), bytes(frame.data)))
        elif frame.opcode != PONG:
            kind = kind or int(frame.opcode)
            parts.append(bytes(frame.data))
            if frame.fin:
                found.append((kind, b"".join(parts)))
                parts = []
                kind = None
    error = protocol.parser_exc
    if error is None or isinstance(error, EOFError):
        code = None
    elif isinstance(error, OracleError):
        code = 1002
    elif isinstance(error, PayloadTooBig):
        code = 1009
    else:
        code = 1007
    return found, code


@settings(slow, max_examples=500)
@given(
    st.one_of(messages, st.just([])),
    st.lists(headers, max_size=2),
    st.integers(0, 3000),
    cuts,
    limits,
)
def test_verdict_on_wrong_streams_is_that_of_websockets(drawn, noise, at, cuts, limit):
    stream, _ = serialized(drawn)
    at = at % (len(stream[:3000]) + 1)
    stream = stream[:at] + b"".join(noise) + stream[at:3000]
    assume(not has_long_control(stream))
    wanted, wanted_code = verdict(stream, limit)
    found, code = read(stream, cuts, 128, limit)
    assert read(stream, cuts, 128, limit, True) == (found, code)
    if 1007 in (code, wanted_code):
        # `websockets` leaves the UTF-8 of messages to a later layer, and checks a Close's text
        # before its code.
        assert code in (1002, 1007)
        return
    if code is not None and wanted_code is None:
        # We see each fault in the header. `websockets` checks the order of fragments when a frame
        # is complete.
        wanted, wanted_code = verdict(stream + bytes(limit + 125), limit)
    assert all(kind in CONTROLS or len(payload) <= limit for kind, payload in found)
    if code is None and found and found[-1][0] == CLOSE and wanted_code == 1002:
        # `websockets` refuses a Close inside a fragmented message. We answer it.
        assert found[:-1] == wanted
    elif wanted_code == 1009:
        # `websockets` checks the length before the order of fragments, and counts control frames
        # too.
        assert found[: len(wanted)] == wanted
    else:
        assert (found, code) == (wanted, wanted_code)


def has_long_control(stream):
    """Whether a control frame's length has a longer form, which websockets accepts."""
    at = 0
    while at + 2 <= len(stream):
        size = stream[at + 1] & 0x7F
        if stream[at] & 0x08 and size > 125:
            return True
        more = {126: 2, 127: 8}.get(size, 0)
        if more:
            size = int.from_bytes(stream[at + 2 : at + 2 + more], "big")
        at += 2 + more + size
    return False


# Addresses: Node's `URL` and `URLSearchParams` are the same as a browser's.

_NODE = """
const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
const answers = input.map(([what, text]) => {
  try {
    if (what === "pairs") return new URLSearchParams(text).toString();
    const url = new URL(text);
    const path = url.pathname.replaceAll("^", "%5E");  // Node 20 leaves it
    return [url.protocol, url.host, url.hostname, url.port, path, url.search, url.hash];
  } catch (e) { return null; }
});
process.stdout.write(JSON.stringify(answers));
"""


def node(questions):
    """Ask Node about all of `questions` in one process."""
    run = subprocess.run(
        [need_node(), "-e", _NODE],
        input=json.dumps(questions).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(run.stdout)


# Node 20 leaves the dots in "/.a./." as they are, but not if an encoded dot comes first. With this
# prefix it treats a path as the URL standard and browsers do.
_RESOLVED = "/%2e/"

_PIECES = "/ \\ . .. %2e %2E ./ ../ % %20 %zz a B 9".split() + [" "]
_PIECES += list("!\"$&'()*+,-:;<=>@[]^_`{|}~äß€😀\x80\xa0\u3000") + ["日本"]
_IN_QUERY = _PIECES + ["?", "=", "&", "#"]


def drawn_strings(chance, pieces, n):
    """The pieces, and strings of some pieces and other characters."""

    def piece():
        c = chr(chance.choice([chance.randrange(32, 256), chance.randrange(256, 0xD800)]))
        return c if chance.random() < 0.08 and c not in "?#\x7f" else chance.choice(pieces)

    drawn = ["".join(piece() for _ in range(chance.randrange(9))) for _ in range(n)]
    return ["", *pieces, *drawn]


@pytest.fixture
def chance(request):
    seed = request.config.getoption("hypothesis_seed", None) or 20260
    print("seed", seed)
    return random.Random(int(seed))


def test_paths_and_queries_are_quoted_as_node_does_it(chance):
    # The last "." keeps Node from removing a space at the end of the URL.
    paths = [text + "." for text in drawn_strings(chance, _PIECES, 4000)]
    for text, url in zip(paths, node([("url", "ws://h" + _RESOLVED + text) for text in paths])):
        assert quote_path("/" + text) == url[4], text
    queries = [text + "." for text in drawn_strings(chance, _IN_QUERY, 3000) if "#" not in text]
    for text, url in zip(queries, node([("url", "ws://h/?" + text) for text in queries])):
        assert "?" + quote_query(text) == url[5], text


def test_query_strings_are_those_of_node(chance):
    names = drawn_strings(chance, _IN_QUERY, 4000)
    values = drawn_strings(chance, _IN_QUERY + ["\r\n", "\0", "\t"], 4000)
    chance.shuffle(values)
    lists = [list(zip(names[i : i + 4], values[i : i + 4])) for i in range(0, len(names), 4)]
    for pairs, answer in zip(lists, node([("pairs", pairs) for pairs in lists])):
        assert query_string(pairs) == answer, pairs


def test_urls_are_split_as_node_does_it(chance):
    hosts = ["h", "example.com", "h:1", "h:8787", "h:65535", "[::1]", "[::1]:99", "10.0.0.1:80"]
    hosts += ["h:443", "h:80", "H.com", "a-b.c_d", "h:"]
    urls = []
    questions = []
    for text in drawn_strings(chance, _IN_QUERY, 3000):
        start = chance.choice(["", "/", "/", "/", "?", "#", "\\"])
        origin = chance.choice(["ws", "wss", "WS", "http", "https"]) + "://" + chance.choice(hosts)
        rest = text + "." if start else ""
        urls.append(origin + start + rest)
        questions.append(("url", origin + (_RESOLVED if start in ("/", "\\") else start) + rest))
    for text, answer in zip(urls, node(questions)):
        scheme, host, name, port, path, search, _ = answer
        secure, _, own_name, own_port, target = split_url(text)
        assert secure == (scheme in ("wss:", "https:")), text
        assert own_name.lower() == name.strip("[]"), text
        assert own_port == int(port or (443 if secure else 80)), text
        # An empty query keeps its "?" on the wire, but `search` does not show it.
        assert target == path + search or target == path + "?", text
        assert plain_split_url(text) == split_url(text)


def test_what_split_url_takes_node_takes_too(chance):
    # Ours may be stricter, but never less strict.
    pieces = 'h a.b : :80 :0 :65536 :8x @ % | ^ < > " / ? # \\ - _ . ` { }'.split() + [" "]
    texts = [
        chance.choice(["ws://", "wss://"])
        + "".join(chance.choice(pieces) for _ in range(n % 5 + 1))
        for n in range(3000)
    ]
    for text, answer in zip(texts, node([("url", text) for text in texts])):
        try:
            split_url(text)
        except ValueError:
            continue
        assert answer is not None, text
