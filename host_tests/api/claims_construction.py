"""Names, constructors, options and their defaults: what is refused, and with which error."""

import sys

from simulation.clock import clock

from .world import OPEN, Log, each, raises

_NAMES = (
    "PartySocket WebSocket use_party_socket use_web_socket Error HandshakeError ProtocolError "
    "QueueFull DEVICE PARTYSOCKET"
).split()
# Option: the default of DEVICE, the default of PARTYSOCKET, a value of a wrong type, and one that
# is out of range (if there is a range). None is only accepted where it is a default.
_OPTIONS = {
    "min_reconnection_delay": (5000, (1000, 5000), 1.5, -1),
    "max_reconnection_delay": (60000, 10000, "x", -1),
    "reconnection_delay_grow_factor": (2, 1.3, "x", -1),
    "jitter": ("full", "none", 5, "some"),
    "min_uptime": (5000, 5000, "x", -1),
    "connection_timeout": ((15000, 30000), 4000, "x", (2, 1)),
    "initial_spread_ms": (0, 0, True, -1),
    "max_retries": (None, None, 1.5, -1),
    "max_enqueued_messages": (None, None, "x", -1),
    "queue_bytes": (4096, 4096, 1.5, 0),
    "overflow": ("drop-oldest", "drop-newest", 5, "drop"),
    "receive_bytes": (2048, 2048, "x", 1),
    "max_message_bytes": (16384, 1048576, "x", 0),
    "ping_interval_ms": (20000, 0, "x", -1),
    "ping_timeout_ms": (10000, 10000, "x", -1),
    "start_closed": (False, False, 1, None),
    "debug": (False, False, 1, None),
    "debug_logger": (print, print, 5, None),
    "retry_rules": ("by-cause", "always", 5, "never"),
    "should_reconnect_on_close": (None, None, 5, None),
    "headers": (None, None, 5, None),
    "ssl": (True, True, 5, None),
    "hello": (None, None, "x", None),
    "link": (None, None, 5, None),
    "connection_id": ("stable", "stable", 5, "new"),
    "resend": (None, None, 5, "all"),
    "watchdog": (None, None, 5, None),
    "outbox": (None, None, 5, None),
    "transport": (None, None, 5, None),
}
_OWN_HEADERS = (
    "Host Upgrade Connection Sec-WebSocket-Key sec-websocket-version Sec-WebSocket-Protocol "
    "Sec-WebSocket-Extensions x-partykit-props X-PartyKit-Room"
).split()


def outside_each_name_is_there():
    import partysocket

    for name in _NAMES:
        assert getattr(partysocket, name) is not None
    assert partysocket.WebSocket.OPEN == 1
    raises(AttributeError, lambda: partysocket.Nonsense)


def outside_defaults():
    from partysocket import DEVICE, PARTYSOCKET

    assert sorted(DEVICE) == sorted(PARTYSOCKET) == sorted(_OPTIONS)
    for name, (device, partys, _, _) in _OPTIONS.items():
        assert DEVICE[name] == device and PARTYSOCKET[name] == partys, name


def outside_wrong_options_are_refused_by_name():
    from partysocket import PartySocket, WebSocket

    def given(name, value):
        options = {"start_closed": True}
        options[name] = value
        WebSocket("ws://h", **options)
        PartySocket("h", "r", **options)

    for name, (device, _, wrong, outside) in _OPTIONS.items():
        given(name, device) if name != "start_closed" else None
        assert name in str(raises(TypeError, given, name, wrong)), name
        if outside is not None:
            assert name in str(raises(ValueError, given, name, outside)), name
        if device is not None:
            assert name in str(raises(TypeError, given, name, None)), name
    assert "nonsense" in str(raises(TypeError, given, "nonsense", 1))
    for name, wrong, error in (
        ("min_reconnection_delay", (2, 1), ValueError),
        ("min_reconnection_delay", (1, 2, 3), ValueError),
        ("max_reconnection_delay", (1, 2), TypeError),
        ("max_retries", True, TypeError),
        ("queue_bytes", 1.0, TypeError),
        ("headers", [], TypeError),
        ("reconnection_delay_grow_factor", float("nan"), ValueError),
    ):
        assert name in str(raises(error, given, name, wrong)), (name, wrong)


def outside_a_loop_is_needed_and_asked_for():
    from partysocket import PartySocket, WebSocket

    for begin in (
        lambda: WebSocket("ws://h"),
        lambda: PartySocket("h", "r"),
        WebSocket("ws://h", start_closed=True).reconnect,
        PartySocket("h", "r", start_closed=True).reconnect,
    ):
        assert "start_closed" in str(raises(RuntimeError, begin))


def outside_a_party_needs_a_host_and_a_room():
    from partysocket import PartySocket

    for place in ((), ("h",), (None, "r")):
        raises(ValueError, PartySocket, *place)
        raises(ValueError, PartySocket(*place, start_closed=True).reconnect)
    PartySocket("h", base_path="x", start_closed=True)


def outside_wrong_places_are_refused_by_name():
    from partysocket import PartySocket

    def given(**place):
        arguments = {"host": "h", "room": "r", "start_closed": True}
        arguments.update(place)
        return PartySocket(**arguments)

    for name in ("host", "room", "party", "base_path", "prefix", "path", "id"):
        for wrong in (5, b"x", ["x"]):
            assert name in str(raises(TypeError, given, **{name: wrong})), name
        if name not in ("host", "id"):
            raises(ValueError, given, **{name: "a\nb"})
    assert "protocol" in str(raises(ValueError, given, protocol="http"))
    assert "query" in str(raises(TypeError, given, query=5))
    assert "path" in str(raises(ValueError, given, path="/x"))
    assert "host" in str(raises(ValueError, given, host="a\tb"))
    # None counts as not given.
    socket = given(party=None, base_path=None, prefix=None, path=None, protocol=None, id=None)
    assert socket.room_url == "ws://h/parties/main/r" and len(socket.id) == 36
    raises(TypeError, socket.update_properties, room=5)
    assert socket.room == "r"


def outside_urls_and_protocols_of_wrong_types_are_refused():
    from partysocket import WebSocket

    for wrong in (5, None, b"ws://h"):
        raises(TypeError, WebSocket, wrong)
    for wrong in (5, [5], ["a", ""]):
        raises(TypeError, WebSocket, "ws://h", wrong)
    raises(ValueError, WebSocket, "ws://h", "a b")
    for right in (None, "", "a", [], (), ["a", "b"], ("a",)):
        WebSocket("ws://h", right, start_closed=True)


def outside_headers_of_the_upgrade_are_refused():
    from partysocket import WebSocket

    for name in _OWN_HEADERS:
        error = raises(ValueError, WebSocket, "ws://h", headers={name: "x"}, start_closed=True)
        assert name.lower() in str(error).lower()
    raises(ValueError, WebSocket, "ws://h", headers={"A": "x\r\nB: y"}, start_closed=True)
    WebSocket("ws://h", headers={"Authorization": "x"}, start_closed=True)


def outside_it_is_local_without_tls_and_only_there():
    from partysocket import PartySocket

    def scheme(host, protocol=None):
        url = PartySocket(host, "r", protocol=protocol, start_closed=True).room_url
        return url.split(":")[0]

    plain = "localhost localhost:1999 [::1]:1 board.local 127.0.0.1 10.1.2.3:80 192.168.1.1"
    plain += " 172.16.0.1 172.31.0.1 169.254.9.9 raspberrypi raspberrypi:1999 pi.lan:80 pi.local."
    plain += " pi.home.arpa http://pi.internal/"
    secure = "172.32.0.1 10.example.com example.com https://example.com/ 100.64.0.1 1999"
    secure += " pi.lan.org"
    for wanted, hosts in (("ws", plain), ("wss", secure)):
        for host in hosts.split():
            assert scheme(host) == wanted, host
            for protocol in ("ws", "wss"):
                assert scheme(host, protocol) == protocol, host


@each(("a?b", "cut"), ("a#b", "cut"), ("a/b", "slash"), ("ab", ""), ("a/b", "", True))
async def claim_a_cut_address_and_a_slash_in_a_name_warn(world, room, words, is_unchecked=False):
    world.party(room, disable_name_validation=is_unchecked, start_closed=True)
    assert words in "".join(world.told) and bool(words) is bool(world.told)


def outside_a_handler_by_a_hooks_name_is_refused_with_the_right_one():
    from partysocket import PartySocket, WebSocket

    for ws in (
        PartySocket("h", "r", start_closed=True),
        WebSocket("ws://h", start_closed=True),
    ):
        for name in ("open", "message", "close", "error"):
            error = raises(AttributeError, setattr, ws, "on_" + name, print)
            assert "on" + name in str(error) and "hooks" in str(error)
            setattr(ws, "on" + name, print)


def outside_a_subclass_may_have_methods_of_these_names():
    from partysocket import PartySocket

    class Mine(PartySocket):
        def on_message(self, event):
            return event

    assert Mine("h", "r", start_closed=True).on_message(5) == 5


async def claim_nothing_begins_inside_the_constructor(world):
    ws = world.websocket()
    assert not world.peers and (ws.ready_state, ws.url, ws.protocol) == (0, "", "")
    assert (ws.extensions, ws.buffered_amount, ws.retry_count) == ("", 0, 0)
    assert ws.last_error is None and ws.should_reconnect and ws.binary_type == "bytes"
    log = Log(ws)
    await world.next()
    assert log == [("open", False)]


async def claim_importing_draws_nothing(world):
    drawn = []
    from partysocket.base import net as platform

    urandom = platform.urandom
    platform.urandom = lambda n: drawn.append(n) or urandom(n)
    loaded = [name for name in sys.modules if name.startswith("partysocket.core")]
    kept = [sys.modules.pop(name) for name in loaded]
    try:
        for name in loaded:
            __import__(name)
        # The form for boards has no such modules.
        assert not drawn and (kept or "partysocket.core" not in sys.modules)
        for name, module in zip(loaded, kept):
            sys.modules[name] = module
        world.party(start_closed=True)
        # The id was drawn.
        assert drawn
    finally:
        platform.urandom = urandom


async def claim_a_protocol_may_be_left_out_by_the_server_but_not_invented(world):
    from partysocket import HandshakeError

    world.plans = [OPEN, {"accept": 1, "protocol": "b"}, {"accept": 1, "protocol": "c"}, OPEN]
    ws, peer, log = await world.open(protocols=("a", "b"))
    assert ws.protocol == "" and peer.header("Sec-WebSocket-Protocol") == "a, b"
    ws.reconnect()
    await world.next()
    assert ws.protocol == "b"
    log.clear()
    ws.reconnect()
    await clock.sleep(500)
    assert log.names() == ["close", "error", "close", "reconnecting"]
    error = log.events[1].error
    assert isinstance(error, HandshakeError) and (error.status, error.retry_after) == (101, None)


async def claim_fresh_ids_keep_the_stable_one(world):
    ws = world.party(connection_id="fresh", id="me")
    paths = []
    for _ in range(2):
        paths.append((await world.next()).path())
        ws.reconnect()
    one, two = [path.split("_pk=")[1].split("&") for path in paths]
    assert one[1:] == two[1:] == ["id=me"] and one[0] != two[0] and len(one[0]) == 36
