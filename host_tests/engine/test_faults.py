"""Every way in which ports say that a link is gone, and what each costs: one attempt."""

import asyncio

import pytest

from engine.virtual import Accept, Log, Refuse, settle, sleep, virtual

# As they were seen on boards and hosts: other numbers, negative ones, texts, pairs, other types.
ERRORS = [
    OSError(111, "ECONNREFUSED"),
    OSError(113),  # ECONNABORTED on ESP32 and Pico W, EHOSTUNREACH elsewhere
    OSError(104, "ECONNRESET"),
    OSError(103),
    OSError(118),
    OSError(119),
    OSError(-110),
    OSError(128),
    OSError(116),
    OSError(110),
    OSError(9),
    OSError(32),
    OSError(12),  # ENOMEM
    OSError(105),  # ENOBUFS
    OSError(539377666),
    OSError(-2),
    OSError(-202),
    OSError("[addrinfo error -2]"),
    OSError((-29312, "MBEDTLS_ERR_SSL_CONN_EOF")),
    OSError(),
    EOFError(),
    RuntimeError("Out of sockets"),
    MemoryError("memory allocation failed, allocating 16717 bytes"),
    ValueError("\nThe certificate validity starts in the future\n"),
    AttributeError("'NoneType' object has no attribute 'write'"),
]


def named(error):
    return f"{type(error).__name__}-{error}"[:40]


@pytest.mark.parametrize("error", ERRORS, ids=named)
@virtual
async def test_whatever_a_connect_raises_is_one_failed_attempt(server, error):
    server.plans = [Refuse(error), Accept(start=error)]
    ws = server.websocket(reconnection_delay_grow_factor=1)
    log = Log(ws)
    await server.opened()
    failed = ["error", "close", "reconnecting"]
    assert log.names == [*failed, *failed, "open"]
    assert log.times[-1] == 2000
    assert ws.last_error[0] in ("tcp", "dns")


@pytest.mark.parametrize("error", ERRORS, ids=named)
@virtual
async def test_whatever_a_read_or_a_write_raises_ends_the_link_once(server, error):
    ws = server.websocket(reconnection_delay_grow_factor=1, ping_interval_ms=1000)
    log = Log(ws)
    peer = await server.opened()
    peer.recv_error = error
    peer._wake()
    peer = await server.opened()
    peer.send_error = error
    ws.send("cannot go")
    peer = await server.opened()
    await settle()
    ended = ["error", "close", "reconnecting"]
    assert log.names == ["open", *ended, "open", *ended, "open"]
    assert peer.messages == ["cannot go"]
    assert ws.last_error[0] == "websocket"


@pytest.mark.parametrize("error", [MemoryError(), OSError(12), OSError(105)], ids=named)
@virtual
async def test_want_of_memory_waits_longer_each_time_and_holds_one_socket(server, error):
    server.plans = [Accept(connect_ms=10, start=error) for _ in range(5)]
    ws = server.websocket()  # the harness fails if two transports are open at once
    log = Log(ws)
    await server.opened()
    delays = [entry[1] for entry in log.of("reconnecting")]
    assert delays == [1000, 2000, 4000, 8000, 10000]


def vanish(peer):
    peer.end()


def reset(peer):
    peer.reset()


def say(code):
    def close(peer):
        peer.say_close(code)

    return close


@pytest.mark.parametrize(
    "how,code",
    [(vanish, 1006), (reset, 1006), (say(1001), 1001), (say(1012), 1012), (say(None), 1005)],
    ids=["FIN", "RST", "1001", "1012", "no code"],
)
@virtual
async def test_a_deploy_is_come_back_from_alike_however_it_drops_us(server, how, code):
    ws = server.websocket()
    log = Log(ws)
    peer = await server.opened()
    ws.send("before")
    await sleep(6000)
    how(peer)
    ws.send("meanwhile")
    again = await server.opened()
    await settle()
    assert log.of("close")[0][1] == code
    assert log[-1] == ("open", True)
    assert log.of("reconnecting") == [("reconnecting", 1000, 1)]
    assert again.messages == ["meanwhile"]


def hang():
    return asyncio.Event().wait()


async def hanging():
    await hang()


_PHASES = {
    "provider": {"headers": hanging},
    "dns": {"plan": Accept(start=OSError(-2))},
    "tcp": {"plan": Accept(connect_ms=None)},
    "tls": {"plan": Accept(tls_ms=None)},
    "http": {"plan": Accept(answer_ms=None)},
    "websocket": {},
}


@pytest.mark.parametrize("phase", _PHASES)
@virtual
async def test_the_last_error_names_the_phase_in_every_case(server, phase):
    case = dict(_PHASES[phase])
    server.plan = case.pop("plan", server.plan)
    ws = server.websocket(ping_interval_ms=1000, ping_timeout_ms=1000, **case)
    log = Log(ws)
    if phase == "websocket":
        (await server.opened()).mute = True
    await sleep(4500)
    assert ws.last_error[0] == phase and ws.last_error[1]
    assert log.of("error") and log.of("reconnecting")
    assert log.times[0] == {"dns": 0, "websocket": 0}.get(phase, 4000)
