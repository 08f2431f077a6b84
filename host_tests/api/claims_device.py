"""Device: what it says to the room, what it makes of what the room says, and what its owner is
told.
"""

import asyncio
import gc
import json

from core.wire import PONG
from simulation.clock import clock

from .world import OPEN, REFUSE, Log, Untold, raises

SWITCH = {"name": "led", "type": "switch"}
BUTTON = {"name": "restart", "type": "button"}


async def _joined(world, name="porch", **options):
    """A device in its room, and the room's side of the connection."""
    device = world.device(name, **options)
    peer = await world.next()
    await clock.quiet()
    return device, peer


def _said(peer, kind):
    """The messages of one type that the room got, without that type."""
    found = []
    for text in peer.messages():
        message = json.loads(text)
        if message.pop("type") == kind:
            found.append(message)
    return found


def _values(peer):
    """Of each reading."""
    return [message["values"] for message in _said(peer, "reading")]


def _own(values):
    """A reading's values without what the device adds."""
    added = ("reconnects", "free_memory", "rssi")
    return {name: values[name] for name in values if name not in added}


async def _command(peer, name, **value):
    """What the device answers."""
    before = len(_said(peer, "result"))
    peer.text(json.dumps(dict(value, type="command", device="porch", name=name)))
    # The next command is read when the answer to the last one is on its way.
    await clock.sleep(20)
    results = _said(peer, "result")[before:]
    assert len(results) == 1, results
    return results[0]


async def _hears(peer, message):
    peer.text(message if isinstance(message, str) else json.dumps(message))
    await clock.quiet()


def _query(peer):
    return dict([pair.split("=") for pair in peer.path().split("?")[1].split("&")])


async def claim_it_joins_as_a_device_that_hears_commands(world):
    device, peer = await _joined(world)
    query = _query(peer)
    assert query.pop("_pk") == device.socket.id
    assert query == {"role": "device", "name": "porch", "hears": "commands"}
    assert device.name == "porch" and peer.path().startswith("/parties/main/r?")


async def claim_the_applications_query_and_headers_go_with_its_own(world):
    async def headers():
        return {"X-Site": "attic"}

    for query in ({"hears": "all", "site": "attic"}, lambda: {"hears": "all", "site": "attic"}):
        for more in ({"X-Site": "attic"}, headers):
            device, peer = await _joined(world, token="a b", query=query, headers=more)
            found = _query(peer)
            assert (found["role"], found["name"]) == ("device", "porch")
            assert (found["hears"], found["site"]) == ("all", "attic")
            assert peer.header("Authorization") == "Bearer a b"
            assert peer.header("X-Site") == "attic"
            device.close()
            await device.socket.wait_closed()


async def claim_hello_says_title_units_and_controls_on_each_join(world):
    device, peer = await _joined(
        world, title="Porch, south", units={"temperature": "°C"}, controls=[SWITCH]
    )
    hello = {"name": "Porch, south", "units": {"temperature": "°C"}, "controls": [SWITCH]}
    assert _said(peer, "hello") == [hello]
    assert json.loads(peer.messages()[0])["type"] == "hello"
    device.title = device.units = None
    device.say_hello()
    await clock.quiet()
    assert _said(peer, "hello") == [hello, {"controls": [SWITCH]}]
    peer.end()
    peer = await world.next()
    await clock.quiet()
    assert _said(peer, "hello") == [{"controls": [SWITCH]}]


async def claim_say_hello_while_offline_waits_for_the_join(world):
    device = world.device()
    device.title = "later"
    device.say_hello()
    peer = await world.next()
    await clock.quiet()
    assert _said(peer, "hello") == [{"name": "later"}]


async def claim_send_makes_a_reading(world):
    device, peer = await _joined(world)
    assert device.send(temperature=21.5, led=True, mode="eco", count=3) is True
    assert device.send({"relative humidity": 40}, hPa=1016) is True
    await clock.quiet()
    readings = [_own(values) for values in _values(peer)]
    assert readings[-2:] == [
        {"temperature": 21.5, "led": True, "mode": "eco", "count": 3},
        {"relative humidity": 40, "hPa": 1016},
    ]
    peer.end()
    await clock.quiet()
    assert device.send(temperature=22) is False  # it waits
    peer = await world.next()
    await clock.quiet()
    assert {"temperature": 22} in [_own(values) for values in _values(peer)]


async def claim_what_is_no_value_is_left_out_and_told_once(world):
    device, peer = await _joined(world)
    before = len(_values(peer))
    for _ in range(3):
        assert device.send(a=float("nan"), b=float("inf"), c=-float("inf"), d=None, e=[1], f=1)
    assert device.send(d=None) is False and device.send() is False
    await clock.quiet()
    assert [_own(values) for values in _values(peer)[before:]] == [{"f": 1}] * 3
    assert len(world.told) == 5, world.told
    for name in ("a=nan", "b=inf", "c=-inf", "d=None", "e=<class 'list'>"):
        assert [text for text in world.told if name + " is left out" in text], (name, world.told)


async def claim_a_number_that_the_room_would_refuse_is_left_out(world):
    device, peer = await _joined(world)
    device.send(a=1 << 53, b=-(1 << 53), c=1e300, d=(1 << 53) + 1, e=-(1 << 60))
    await clock.quiet()
    assert _values(peer)[-1] == {"a": 1 << 53, "b": -(1 << 53), "c": 1e300}
    assert len(world.told) == 2, world.told


async def claim_a_reading_of_many_values_is_left_alone(world):
    device, peer = await _joined(world)
    await clock.sleep(70000)
    many = {"v%d" % i: i for i in range(30)}
    device.send(many)
    await clock.quiet()
    assert _values(peer)[-1] == many
    device.send(n=1)
    await clock.quiet()
    assert len(_values(peer)[-1]) > 1


async def claim_a_long_text_is_cut(world):
    device, peer = await _joined(world)
    device.send(text="é" * 300)
    await clock.quiet()
    assert _values(peer)[-1]["text"] == "é" * 256


class _Link:
    """A link that is up, whose signal is what `rssi` gives."""

    def __init__(self, rssi):
        self.rssi = rssi

    def is_up(self):
        return True

    async def wait_up(self):
        pass


async def claim_how_the_board_is_goes_with_each_connection_and_then_once_a_minute(world):
    device = world.device(link=_Link(lambda: -61))
    device.send(n=1)  # before anything is known
    peer = await world.next()
    await clock.quiet()
    (first, second) = sorted(_values(peer), key=len)
    assert first == {"n": 1}
    assert second["reconnects"] == 0 and second["rssi"] == -61
    has_heap = hasattr(gc, "mem_free")
    assert (second.get("free_memory", 0) > 0) == has_heap
    for n, tells in ((2, False), (3, False), (4, True), (5, False)):
        await clock.sleep(25000)
        device.send(n=n)
        await clock.quiet()
        values = _values(peer)[-1]
        assert values.pop("n") == n and ("rssi" in values) == tells == ("reconnects" in values), n
    world.meet(REFUSE, REFUSE, REFUSE, REFUSE, REFUSE, OPEN)
    peer.end()
    await clock.sleep(70000)
    device.send(n=6)  # offline
    peer = await world.next()
    await clock.quiet()
    (first, second) = sorted(_values(peer), key=len)
    assert first == {"n": 6} and second["reconnects"] == 1


async def claim_a_link_that_knows_no_signal_costs_no_reading(world):
    def rssi():
        raise OSError("no signal")

    device, peer = await _joined(world, link=_Link(rssi))
    assert "rssi" not in _values(peer)[0] and "reconnects" in _values(peer)[0]


async def claim_a_handlers_value_is_the_result_and_moves_its_control(world):
    device, peer = await _joined(world, controls=[SWITCH, BUTTON])
    got = []

    @device.on_command("led")
    def led(value):
        got.append(value)
        return value

    assert led(None) is None and got.pop() is None  # it is still the function

    async def restart(value):
        got.append(value)
        await clock.sleep(10)
        return {"in_s": [1, 2.5]}

    assert device.on_command("restart", restart) is restart
    device.on_command("quiet", lambda value: None)
    assert await _command(peer, "led", value=True) == {"name": "led", "ok": True, "value": True}
    assert _values(peer)[-1] == {"led": True}
    count = len(_values(peer))
    peer.text(json.dumps({"type": "command", "device": "porch", "name": "restart"}))
    await clock.sleep(20)
    assert _said(peer, "result")[-1] == {
        "name": "restart",
        "ok": True,
        "value": {"in_s": [1, 2.5]},
    }
    assert await _command(peer, "quiet", value=5) == {"name": "quiet", "ok": True}
    assert got == [True, None] and len(_values(peer)) == count
    assert world.told == []


async def claim_a_handler_that_returns_nothing_did_what_it_was_told(world):
    device, peer = await _joined(world, controls=[SWITCH, BUTTON])
    device.on_command("led", lambda value: None)
    device.on_command("restart", lambda value: None)
    count = len(_values(peer))
    assert await _command(peer, "led", value=False) == {"name": "led", "ok": True}
    assert [_own(values) for values in _values(peer)[count:]] == [{"led": False}]
    for name, value in (("led", {}), ("restart", {"value": 1})):
        assert (await _command(peer, name, **value))["ok"] is True
    assert len(_values(peer)) == count + 1 and world.told == []


async def claim_an_async_handler_has_a_minute_and_the_rest_goes_on(world):
    device, peer = await _joined(world)

    async def never(value):
        await clock.sleep(10**7)

    device.on_command("never", never)
    device.on_command("led", lambda value: value)
    peer.text(json.dumps({"type": "command", "device": "porch", "name": "never"}))
    await clock.quiet()
    assert await _command(peer, "led", value=1) == {"name": "led", "ok": True, "value": 1}
    busy = {"name": "never", "ok": False, "error": "busy: the last 'never' is not done"}
    assert await _command(peer, "never") == busy
    await clock.sleep(30000)
    peer.ping(b"are you there?")  # a server's own, which nobody may keep waiting
    await clock.quiet()
    assert peer.got(PONG)[-1] == b"are you there?"
    count = len(_said(peer, "result"))
    await clock.sleep(29900)
    assert len(_said(peer, "result")) == count
    await clock.sleep(200)
    late = {"name": "never", "ok": False, "error": "TimeoutError"}
    assert _said(peer, "result")[count:] == [late]
    device.on_command("never", lambda value: "done")
    assert (await _command(peer, "never"))["value"] == "done"


async def claim_a_handler_may_flush_reconnect_and_close(world):
    device, peer = await _joined(world)

    async def restart(value):
        device.send(n=1)
        return await device.flush(1000)

    device.on_command("restart", restart)
    device.on_command("redial", lambda value: device.socket.reconnect())
    device.on_command("end", lambda value: device.close())
    assert await _command(peer, "restart") == {"name": "restart", "ok": True, "value": True}
    peer.text(json.dumps({"type": "command", "device": "porch", "name": "redial"}))
    peer = await world.next()
    await clock.quiet()
    assert (await _command(peer, "restart"))["ok"] is True
    peer.text(json.dumps({"type": "command", "device": "porch", "name": "end"}))
    await device.socket.wait_closed()


async def claim_the_end_of_its_context_ends_its_handlers(world):
    ended = []

    async def never(value):
        try:
            await clock.sleep(10**7)
        finally:
            ended.append(value)

    async with world.device() as device:
        peer = await world.next()
        device.on_command("never", never)
        peer.text(json.dumps({"type": "command", "device": "porch", "name": "never", "value": 1}))
        await clock.quiet()
    await clock.quiet()
    assert ended == [1]


async def claim_a_burst_of_commands_is_answered_whole(world):
    device, peer = await _joined(world)
    device.on_command("dump", lambda value: "x" * 1000)
    for value in range(40):
        peer.text(json.dumps({"type": "command", "name": "dump", "value": value}))
    await clock.sleep(2000)
    assert [result["ok"] for result in _said(peer, "result")] == [True] * 40
    assert device.socket.stats()["discarded"] == 0


async def claim_a_handler_that_is_cancelled_has_failed(world):
    device, peer = await _joined(world)

    def cancelled(value):
        raise asyncio.CancelledError

    async def cancelled_later(value):
        raise asyncio.CancelledError

    def untold(value):
        raise Untold

    for handler, error in (
        (cancelled, "CancelledError"),
        (cancelled_later, "CancelledError"),
        (untold, "Untold"),
    ):
        device.on_command("it", handler)
        assert await _command(peer, "it") == {"name": "it", "ok": False, "error": error}


async def claim_what_a_handler_raises_is_the_failure(world):
    device, peer = await _joined(world)

    def broken(value):
        raise ValueError("the valve is stuck")

    async def broken_later(value):
        raise OSError("é" * 300)

    device.on_command("a", broken)
    device.on_command("b", broken_later)
    device.on_command("c", lambda value: 1 // value)
    assert await _command(peer, "a") == {"name": "a", "ok": False, "error": "the valve is stuck"}
    assert await _command(peer, "b") == {"name": "b", "ok": False, "error": "é" * 256}
    assert (await _command(peer, "c", value=0))["ok"] is False
    assert len(world.told) == 3 and "ValueError" in world.told[0]  # with a traceback


async def claim_what_a_handler_returns_has_to_be_json(world):
    device, peer = await _joined(world, controls=[SWITCH])
    device.on_command("led", lambda value: object())
    result = await _command(peer, "led", value=True)
    assert result.pop("error").startswith("the handler returned what is no JSON: ")
    assert result == {"name": "led", "ok": False}


async def claim_controls_that_are_none_cost_no_second_answer(world):
    device, peer = await _joined(world, controls=[7])
    device.on_command("led", lambda value: value)
    assert await _command(peer, "led", value=True) == {"name": "led", "ok": True, "value": True}
    assert len(world.told) == 1 and "TypeError" in world.told[0]

    async def later(value):
        return value

    device.controls = None
    device.on_command("led", later)
    assert (await _command(peer, "led", value=True))["value"] is True


async def claim_a_result_that_is_too_long_is_a_failure(world):
    device, peer = await _joined(world, queue_bytes=256)
    device.on_command("dump", lambda value: "x" * 300)
    result = await _command(peer, "dump")
    assert result["ok"] is False and "queue_bytes (256)" in result["error"]


async def claim_an_unknown_command_is_answered_by_what_there_is(world):
    device, peer = await _joined(world)
    assert (await _command(peer, "led"))["error"] == "no command 'led': this device has none"
    device.on_command("b", print)
    device.on_command("a", print)
    result = await _command(peer, "led", value=1)
    assert result["ok"] is False
    assert result["error"] == "no command 'led': this device has a, b"


async def claim_what_the_room_refuses_is_an_event_and_a_line_once(world):
    device, peer = await _joined(world)
    log = Log(device.socket, ("error",))
    for _ in range(3):
        await _hears(peer, {"type": "error", "error": "name 'x' is too long", "status": 400})
        await _hears(peer, {"type": "error", "error": "the disk is full", "status": 507})
    assert log == [("error", "the room refuses: " + text) for text in _TOLD]
    assert world.told == ["partysocket: the room refuses: " + text for text in _TOLD]
    from partysocket import Error

    assert isinstance(log.events[0].error, Error)
    assert device.socket.ready_state == 1 and device.socket.last_error is None


_TOLD = ("name 'x' is too long", "the disk is full")


async def claim_other_complaints_than_the_last_eight_are_forgotten(world):
    device, peer = await _joined(world)
    for number in list(range(9)) + [8, 0]:
        await _hears(peer, {"type": "error", "error": "number %d" % number})
    assert len(world.told) == 10


async def claim_what_others_say_is_not_its_own(world):
    device, peer = await _joined(world)
    heard = []
    device.socket.onmessage = lambda event: heard.append(event.data)
    device.on_command("led", print)
    others = ["", "hello", "[1]", "{}", "7", "null", '"error"', "{broken"]
    others += [
        json.dumps(one)
        for one in (
            {"type": "error"},
            {"type": "command"},
            {"type": "reading", "values": {"led": 1}},
            {"type": ["command"]},
        )
    ]
    for text in others:
        await _hears(peer, text)
    peer.binary(b"\xff\x00")
    await clock.quiet()
    assert heard == others + [b"\xff\x00"] and world.told == []
    assert _said(peer, "result") == []


async def claim_it_closes_and_flushes_as_its_socket_does(world):
    device, peer = await _joined(world)
    device.send(n=1)
    assert await device.flush(1000) is True
    device.close(4000, "done")
    await device.socket.wait_closed()
    assert peer.close_codes() == [4000]
    async with world.device() as device:
        peer = await world.next()
    assert peer.close_codes() == [1000] and await device.flush() is False


async def claim_a_wrong_call_is_refused_by_name(world):
    device, _ = await _joined(world)
    for wrong in (lambda value: value, 5, None):
        assert "on_command takes a command's name" in str(
            raises(TypeError, device.on_command, wrong)
        )
    raises(TypeError, device.on_command, "led", 5)
    for values in (21.5, "21.5", [21.5]):
        error = raises(TypeError, device.send, values)
        assert "as send(temperature=21.5), not %r" % values in str(error)
    for name in ("", "x" * 65, None, 7):
        assert repr(name) in str(raises(ValueError, world.device, name))
    for options in ({"query": "role"}, {"headers": 5}, {"colour": 1}):
        raises(TypeError, lambda options=options: world.device("porch", **options))
