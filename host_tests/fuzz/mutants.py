"""Valid streams of a server with random faults, and a socket that must read the same from each,
however it is cut.

Runs on CPython and, as a program (`micropython mutants.py SEED COUNT`), on MicroPython. A stream
depends only on its own seed, which a failure prints; SEED replays it.
"""

import sys

_HERE = __file__[: __file__.rfind("/")] if "/" in __file__ else "."
sys.path[:0] = [_HERE + "/..", _HERE + "/../../lib"]

import partysocket  # noqa: E402, F401  (supplies `micropython` on CPython)
from api.world import Log, World  # noqa: E402
from core.wire import BINARY, CLOSE, PING, PONG, TEXT, accepting, frame  # noqa: E402
from partysocket.base import net as platform  # noqa: E402
from simulation.clock import clock, play  # noqa: E402
from simulation.draws import Draws  # noqa: E402

BUFFER = 128
MOST = 600  # max_message_bytes
# The largest buffer to read into.
_ROOM = MOST + 16
# The answer for a key of zeros.
_ACCEPT = b"ICX+Yqv66kxgM0FcWaLWlFLwTAI="
# The codes of our own Closes.
_OURS = (1002, 1007, 1008, 1009)
_HEADS = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: " + _ACCEPT + b"\r\nSec-WebSocket-Protocol: b\r\n\r\n",
    b"HTTP/1.1 101 x\nconnection: keep-alive, upgrade\nSec-WebSocket-Accept: "
    + _ACCEPT
    + b"\nX:\nUPGRADE: WebSocket\n\n",
    b"HTTP/1.1 503 Busy\r\nDate: Wed, 21 Oct 2015 07:28:00 GMT\r\n"
    b"Retry-After: Wed, 21 Oct 2015 07:29:00 GMT\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/?x\r\nRetry-After: 120\r\n\r\n",
)
_TEXTS = (b"", b"a", "é€😀".encode(), b"x" * 60, "ä".encode() * 70, b"y" * 300, "€".encode() * 150)
_SIZES = (0, 1, 2, 124, 125, 126, 127, 128, 134, 135, 136, 137, 255, 300, MOST - 1, MOST, MOST + 1)
_LENGTHS = [b"\x7d"]
_LENGTHS += [b"\x7e" + n.to_bytes(2, "big") for n in (0, 126, MOST, MOST + 1, 65535)]
for _n in (5, 65536, (1 << 30) - 1, 1 << 30, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1):
    _LENGTHS.append(b"\x7f" + _n.to_bytes(8, "big"))


def stream(chance):
    """(whether it begins with a handshake, whether long messages are streamed, the bytes)."""
    out = []
    has_head = chance.below(4) == 0
    if has_head:
        out.append(chance.one_of(_HEADS))
    for _ in range(1 + chance.below(4)):
        _message(chance, out)
    data = bytearray(b"").join(out)
    for _ in range(chance.below(5)):
        data = _mutated(chance, data)
    return has_head, chance.below(4) == 0, bytes(data)


def _message(chance, out):
    kind = chance.below(8)
    if kind < 3:
        _frames(chance, out, TEXT, chance.one_of(_TEXTS))
    elif kind < 6:
        _frames(chance, out, BINARY, b"\xfe" * chance.one_of(_SIZES))
    elif kind == 6:
        out.append(frame(chance.one_of((PING, PONG)), b"p" * chance.one_of((0, 1, 124, 125))))
    else:
        codes = (b"", b"\x03\xe8", b"\x0f\xa0why", b"\x03\xe8\xc3\xa9", b"\x03\xed", b"\x03")
        out.append(frame(CLOSE, chance.one_of(codes)))


def _frames(chance, out, opcode, payload):
    """A message in one frame or several, with control frames between them."""
    while chance.below(3) == 0:
        cut = chance.below(len(payload) + 1)
        out.append(frame(opcode, payload[:cut], fin=False))
        payload = payload[cut:]
        opcode = 0
        if chance.below(3) == 0:
            out.append(frame(PING, b"between"))
    out.append(frame(opcode, payload))


def _mutated(chance, data):
    """Flip, cut, insert, duplicate, or put another length in."""
    if not data:
        return data
    at = chance.below(len(data))
    if chance.below(2):
        # Where the headers are.
        at = min(at, chance.below(24))
    kind = chance.below(7)
    if kind < 2:
        data[at] ^= 1 << chance.below(8)
        return data
    if kind == 2:
        data[at] = chance.below(256)
        return data
    size = 1 + chance.below(12)
    if kind == 3:
        return data[:at] + data[at + size :]
    if kind == 4:
        return data[:at] + bytes([chance.below(256) for _ in range(size)]) + data[at:]
    if kind == 5:
        end = at + 1 + chance.below(200)
        return data[:end] + data[at:]
    return data[: at + 1] + bytearray(chance.one_of(_LENGTHS)) + data[at + 2 :]


async def _reading(seed, pieces):
    """What an application gets from stream `seed`. `pieces()` gives the bytes of each read."""
    has_head, streams, data = stream(Draws(seed))
    world = World()

    def answer(peer):
        clock.later(0, peer.end)
        return data if has_head else accepting(peer.request) + data

    def transport():
        peer = world.transport()
        peer.checks_pongs = False
        receive = peer.recv_into

        def recv_into(view):
            if len(view) > _ROOM:
                world.fail(f"room for {len(view)} bytes")
            return receive(view[: pieces()])

        peer.recv_into = recv_into
        return peer

    world.plans = [{"answer": answer if data or not has_head else None}]
    ws = world.websocket(
        protocols=["a", "b"],
        max_retries=0,
        receive_bytes=BUFFER,
        max_message_bytes=MOST,
        transport=transport,
    )
    heard = Log(ws)
    chunks = []

    def on_chunk(event):
        if event.offset != sum([len(chunk) for chunk in chunks]):
            world.fail("a chunk out of place")
        chunks.append(bytes(event.data))
        if event.is_last:
            heard.append(("message", event.is_text, b"".join(chunks)))
            del chunks[:]

    if streams:
        ws.add_event_listener("chunk", on_chunk)
    await ws.wait_closed()
    await world.end()
    return list(heard), ws.protocol, ws.last_error


async def check(seed):
    """Read stream `seed` whole and in pieces, sometimes byte by byte. The result must be the
    same.
    """
    draws = Draws(seed + 1)
    whole = await _reading(seed, lambda: 1 << 20)
    cuts = [lambda: 1 + draws.below(draws.one_of((1, 4, 40, 300)))]
    if seed % 16 == 0:
        cuts.append(lambda: 1)
    for pieces in cuts:
        cut = await _reading(seed, pieces)
        assert cut == whole, f"whole: {whole!r}\n  cut: {cut!r}"
    return whole[0]


def run(first, count):
    """Check `count` streams. Returns how many were found invalid, and how many messages there
    were.
    """
    told = []

    async def main():
        for seed in range(first, first + count):
            try:
                told.extend(await check(seed))
                # Otherwise so much work at one instant would count as a busy loop.
                await clock.sleep(1)
            except BaseException:
                print(f"SEED={seed} replays the stream {stream(Draws(seed))!r}")
                raise

    kept = platform.urandom
    # Zeros, so that each reading has the same key.
    platform.urandom = bytes
    try:
        play(main)
    finally:
        platform.urandom = kept
    broken = [event for event in told if event[0] == "close" and event[1] in _OURS]
    return len(broken), len([event for event in told if event[0] == "message"])


if __name__ == "__main__":
    print("broken, and messages:", *run(int(sys.argv[1]), int(sys.argv[2])))
