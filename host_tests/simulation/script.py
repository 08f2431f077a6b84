"""A socket that lives by a script: whatever is done to it, it goes on."""

from api.world import World

from .clock import clock
from .peer import BINARY, TEXT, frame

BACK_MS = 120_000  # in which it has to be back, whatever its back-off


class Broken(Exception):
    """It did not go on; not an AssertionError, which is a try that went wrong."""


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
    """One socket, `ws`, and its servers. Whoever makes it has `hear` listen to its messages."""

    def __init__(self):
        super().__init__()
        self.heard = []  # messages, as bytes
        self.said = []  # and what servers said in `exchange`

    def hear(self, event):
        data = event.data
        self.heard.append(data.encode() if isinstance(data, str) else bytes(data))

    def call(self, f, given):
        """What the application calls."""
        return f(given)

    async def until(self, is_so, what):
        """`is_so()` becomes true, after the worst back-off at the latest."""
        until = clock.now() + BACK_MS
        while not is_so():
            expect(clock.now() < until, what)
            await clock.sleep(5)

    def is_open(self):
        return self.ws.ready_state == 1 and bool(self.peers) and self.peer.is_alive()

    async def back(self, when=""):
        """The server's side of the connection, once there is one."""
        await self.until(self.is_open, "it is not open again " + when)
        return self.peer

    async def exchange(self, when="", size=0):
        """A message each way, over whichever connection there is."""
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
