"""The options that an application passes to its socket: providers, predicates, the link below, the
watchdog. They depend on the seed, and some of them fail.
"""

import asyncio

from .clock import clock
from .user import Mistake

HOST = "server"
# Of a slow provider.
_PROVIDER_MS = 500


class Providers:
    """url, query, hello and the predicate."""

    def __init__(self, world, draws):
        self.world = world
        self.draws = draws

    def begin(self, value):
        """The first provider of each attempt is called."""
        self.world.judge.on_attempt()
        return self._give(value)

    def hello(self):
        peer = self.world.network.last()
        is_none = self.draws.odds(30)
        peer.greeted = is_none
        return self._give(None if is_none else self.draws.one_of(("hello", b"hello")))

    def _give(self, value):
        judge = self.world.judge
        draws = self.draws
        if self.world.network.is_healed:
            return value
        kind = draws.below(60)
        if kind == 0:
            judge.blame = "a provider raises"
            raise Mistake()
        if kind == 1:
            judge.blame = "a provider gives a wrong type"
            return 7
        if kind == 2:
            judge.blame = "a provider hangs"
            return asyncio.Event().wait()
        if kind == 3:
            judge.blame = "an order in a provider"
            self.world.user.act()
        if kind == 4:
            judge.blame = "a provider raises later"
            return self._fail_later()
        return self._slowly(value) if kind < 12 or draws.odds(20) else value

    async def _slowly(self, value):
        await clock.sleep(self.draws.one_of((0, 5, _PROVIDER_MS)))
        return value

    async def _fail_later(self):
        await clock.sleep(_PROVIDER_MS)
        raise Mistake()

    def predicate(self, event):
        draws = self.draws
        if self.world.network.is_healed or draws.odds(85):
            return True
        if draws.odds(30):
            raise Mistake()
        if draws.odds(20):
            orders = self.world.judge.orders
            self.world.user.act()
            self.world.judge.on_predicate(orders)
            return True
        self.world.judge.may_give_up = True
        return False

    def log(self, text):
        if self.draws.odds(10):
            raise Mistake()

    def feed(self):
        self.world.judge.on_fed()
        if self.draws.odds(1):
            raise Mistake()


class NetworkBelow:
    """The `link` option."""

    def __init__(self, world, draws):
        self.world = world
        self.draws = draws
        # Since the last attempt.
        self.was_down = False
        self._was_up = True
        self._is_up = True
        self._changed = asyncio.Event()

    def is_up(self):
        return self._is_up

    def is_or_was_up(self):
        """Whether it was up at some time since the last attempt."""
        was_up = self._was_up
        self._was_up = self._is_up
        return was_up

    def set(self, is_up):
        self._is_up = is_up
        self._was_up = self._was_up or is_up
        self.was_down = self.was_down or not is_up
        self._changed.set()

    async def wait_up(self):
        if self.draws.odds(5) and not self.world.network.is_healed:
            self.world.judge.blame = "the link below fails"
            raise Mistake()
        while not self._is_up:
            self._changed.clear()
            await self._changed.wait()


def draw_options(world, draws, base):
    """Random options over a preset, and other facts about the socket."""
    providers = Providers(world, draws)
    one_of = draws.one_of
    options = dict(base)
    if draws.odds(85):
        options.update(
            {
                "min_reconnection_delay": one_of((0, 10, 500, (100, 2000))),
                "max_reconnection_delay": one_of((0, 300, 3000, 20000)),
                "reconnection_delay_grow_factor": one_of((0, 1, 1.3, 2, 10)),
                "jitter": one_of(("none", "full", "equal")),
                "min_uptime": one_of((0, 1000, 5000)),
                "connection_timeout": one_of((1000, 2500, 4000, (1000, 6000))),
                "initial_spread_ms": one_of((0, 0, 2000)),
                "max_retries": one_of((None, None, None, 0, 3)),
                "max_enqueued_messages": one_of((None, None, 0, 3)),
                "queue_bytes": one_of((16, 200, 1000, 4096)),
                "overflow": one_of(("drop-oldest", "drop-newest", "error")),
                "receive_bytes": one_of((128, 400, 2048)),
                "max_message_bytes": one_of((600, 4000, 100000)),
                # A pong may take 900 ms, so pings may cross.
                "ping_interval_ms": one_of((0, 500, 2000, 20000)),
                "ping_timeout_ms": one_of((1500, 10000)),
                "start_closed": draws.odds(10),
                "debug": draws.odds(20),
                "retry_rules": one_of(("by-cause", "always")),
                "resend": one_of((None, None, "unconfirmed")),
            }
        )
    options["debug_logger"] = providers.log
    options["transport"] = world.network.transport
    options["should_reconnect_on_close"] = one_of((None, providers.predicate))
    options["hello"] = one_of((None, None, None, providers.hello))
    options["watchdog"] = one_of((None, None, providers.feed))
    if draws.odds(25):
        world.link = options["link"] = NetworkBelow(world, draws)
    return options, providers


def make_socket(world, draws, options, providers):
    from partysocket import PartySocket, WebSocket

    world.asks = draws.odds(75)
    if draws.odds(30):
        query = {"token": "t"}
        given = (lambda: providers.begin(query)) if world.asks else query
        options["connection_id"] = draws.one_of(("stable", "fresh"))
        return PartySocket(HOST, "room", protocol="ws", query=given, **options)
    url = "ws://%s/path" % HOST
    return WebSocket((lambda: providers.begin(url)) if world.asks else url, **options)
