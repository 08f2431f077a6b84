"""`--lan`: prints what phones and boards need to reach the server, and gives it a name in the
network. When the network comes later, or changes, it does so again.
"""

import asyncio
import sys
from urllib.parse import quote

from . import logs, qr, reach
from .adapters import own_addresses
from .mdns import Announcer

# The time between looks at this computer's addresses. A laptop may join a Wi-Fi at any time.
_LOOK_S = 10
_OPEN = "--open: everyone who can reach this computer may read and write in all rooms"


class Home:
    """What people see of a server for all of their network. `path_of_token` is the file of a token
    that the server made itself, else None.
    """

    def __init__(self, settings, scheme, port, path_of_token=None):
        self._settings = settings
        self._scheme = scheme
        self._port = port
        self._path_of_token = path_of_token
        # The addresses that were printed last. The best is the first.
        self._addresses = []
        self._announcer = Announcer(port, scheme == "https", self._tell_name)

    def announcement(self):
        """Return two lines, as reach.announcement does."""
        self._addresses = own_addresses()
        return reach.announcement(self._scheme, "0.0.0.0", self._port, self._addresses)

    async def run(self):
        """Print, announce and watch until cancelled."""
        if self._settings.open:
            logs.warning("open", _OPEN)
        try:
            self._tell_people()
            while True:
                await self._announcer.answer_at([one for one in self._addresses if "." in one])
                await asyncio.sleep(_LOOK_S)
                if own_addresses() != self._addresses:
                    print(f"the network has changed: {self.announcement()}", flush=True)
                    self._tell_people()
        except Exception as failure:
            # The rooms go on without it.
            logs.error("fault", "the name in the network is no longer looked after", failure)

    async def stop(self, running):
        """End after the task of run() was cancelled."""
        await asyncio.wait({running})
        await self._announcer.stop()

    def _tell_people(self):
        """Print the rest. Only a terminal shows the token, because other outputs are kept: by a
        service's journal, for example.
        """
        is_terminal = sys.stdout.isatty()
        for line in self._for_terminal() if is_terminal else self._for_others():
            print(line)
        if self._scheme == "http":
            secrets = "what is sent" if self._settings.open else "what is sent, and the token"
            print(f"this is plain http: everyone in your network can read {secrets}")
        sys.stdout.flush()

    def _for_terminal(self):
        token = self._settings.link_token
        if self._addresses:
            yield "on a phone in the same network, scan this, or open an address:"
            if qr.can_show(sys.stdout):
                yield from qr.lines_of(self._link(self._addresses[0]))
            for address in self._addresses:
                rest = f" and give the token {token}" if token else ""
                yield f"  {self._page(address)}{rest}"
        yield f"on this computer, open {self._link('127.0.0.1')}"
        if token:
            yield f"for boards, TOKEN is {token}"
        if self._path_of_token:
            yield f"the token stays the same at the next start; it is in {self._path_of_token}"

    def _for_others(self):
        if self._path_of_token:
            yield f"the token is in {self._path_of_token}"
        elif not self._settings.open:
            yield "clients need one of the tokens that you gave"

    def _page(self, host):
        return f"{self._scheme}://{reach.in_url(host)}:{self._port}/"

    def _link(self, host):
        """The page with the token behind a #, which no browser sends to a server."""
        token = self._settings.link_token
        return self._page(host) + (f"#token={quote(token, safe='')}" if token else "")

    def _tell_name(self, name):
        text = f"in your network it is also {self._page(name)}"
        if self._scheme == "http":
            text += f"; HOST may be {name}:{self._port} for boards that know such names"
        print(text, flush=True)
