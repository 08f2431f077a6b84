"""A socket that lives by a script. Whatever is done to it, it must go on."""

from api.world import World

from .clock import clock
from .peer import BINARY, TEXT, frame

# It must be back within this time, whatever its back-off is.
BACK_MS = 120_000


class Broken(Exception):
    """It did not go on. This is not an AssertionError, which means a try that went wrong."""


def expect(is_so, what):
    if not is_so:
        raise Broken(what)


class Below:
    """The network below, which is up."""

    def is_up(self):
        return True

    async def wait_up(self):
        pass


class Scripted(World):
    """One socket, `ws`, and its servers. The maker must let `hear` listen to its messages."""

    def __init__(self):
        super().__init__()
        # Messages, as bytes,
        self.heard = []
        # and messages of servers in `exchange`.
        self.said = []

    def hear(self, event):
        data = event.data
        self.heard.append(data.encode() if isinstance(data, str) else bytes(data))

    def call(self, f, given):
        """A call of the application."""
        return f(given)

    async def until(self, is_so, what):
        """Wait until `is_so()` is true, at most for the longest back-off."""
        until = clock.now() + BACK_MS
        while not is_so():
            expect(clock.now() < until, what)
            await clock.sleep(5)

    def is_open(self):
        return self.ws.ready_state == 1 and bool(self.peers) and self.peer.is_alive()

    async def back(self, when=""):
        """The server's side of the connection, when there is one."""
        await self.until(self.is_open, "it is not open again " + when)
        return self.peer

    async def exchange(self, when="", size=0):
        """A message in each direction, over the current connection."""
        until = clock.now() + BACK_MS
        while clock.now() <= until:
            peer = await self.back(when)
            text = "%d:" % len(self.said) + "x" * size
            data = text.encode()
            self.said.append(data)
            self.call(self.ws.send, text)
            peer.say(frame(TEXT if len(self.said) % 2 else BINARY, data))
            for _ in range(100):
                await clock.sleep(5)
                if data in self.heard and any([data in one.got(TEXT) for one in self.peers]):
                    return
                if not peer.is_alive():
                    break
        raise Broken("nothing passes any more " + when)
