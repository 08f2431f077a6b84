"""Wi-Fi entered without a cable. If a WiFi can't join for five minutes, the board opens a Wi-Fi of
its own, with a page that asks for a network and its password.

Most of the time only this file is loaded. An open portal has three steps, each in a file that is
loaded late and unloaded again: portal_begin.py opens the access point, portal_open.py serves the
page, and portal_try.py tries a network and writes it into the settings. So only one of them takes
memory at a time. portal_open.py does the same with the files for its clients.
"""

import asyncio
import sys

from micropython import const

from . import __version__

# `make manifest` writes the version; wrong.py says why.
if not (__version__ + "+").startswith("0.2.0+"):
    raise ImportError(
        "%s needs partysocket '0.2.0', not '%s': install both anew" % (__name__, __version__)
    )

from .base import net, ticks_diff

# Without a link for so long, the portal opens, when the round of tries that runs then has ended:
# the radio can't look for networks meanwhile.
_PATIENCE_MS = const(300000)
# 10 minutes, less what the last visit may take.
_OPEN_MS = const(585000)
_LOOK_S = const(1)


class Portal:
    """Opens an access point when `wifi`, a WiFi that was started, has had no link for 5 minutes.

    It stays open for 10 minutes at most. Then it stays closed for 5, and so on. Meanwhile `wifi`
    goes on trying to join. Every two minutes the access point is off for a round of tries, which
    drops its clients. It closes when there is a link, and gives its memory back.

    The access point has WPA2 and a random password of 12 characters. The password is made at the
    first start, and kept in the file `password_path`. `log` is called with lines of text: with
    that password at each start, and with what happens. No line has another password.

    The page takes one network. `wifi` tries it at once. If that gives a link, it is written into
    the settings file at `path`, as the first of NETWORKS, before the ones that are there; `make
    deploy` writes this file in the same way. Else `wifi` has its old networks again, and the page
    shows why.

    `port` is for tests: the page's port, and if it is not 80 also the port for names. Works only
    on MicroPython.
    """

    def __init__(
        self, wifi, path="secrets.py", password_path="portal_password", log=print, port=80
    ):
        self._watched = wifi
        self._path = path
        self._password_path = password_path
        self._log = log
        self._port = port
        self._task = None
        # Whether it is open. A board should not reset itself then.
        self.is_open = False
        # How often it has been opened.
        self.count = 0

    def start(self):
        """Begin to watch `wifi`, in a new task. A second call does nothing."""
        if self._task is None:
            self._task = asyncio.create_task(self._watch())

    def stop(self):
        """Close it, and end the task. A second call does nothing."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            self.is_open = False
            _step()

    async def _watch(self):
        wifi = self._watched
        # Since when there is no link, or since it was closed.
        since = net.ticks_ms()
        # How the last try of a network went. None: the password was not told yet.
        note = None
        while True:
            # After the first second the radio is on. An ESP32's random numbers need it.
            await asyncio.sleep(_LOOK_S)
            status = wifi.status()
            open_ms = ticks_diff(net.ticks_ms(), since) - _PATIENCE_MS
            try:
                if note is None:
                    note = ""
                    _step("portal_begin").tell(self._password_path, self._log)
                    _step()
                if status in ("up", "stopped") or open_ms >= _OPEN_MS:
                    since = net.ticks_ms()
                    self.is_open = False
                    note = ""
                elif open_ms >= 0 and status[:7] == "waiting":
                    self.count += not self.is_open
                    self.is_open = True
                    ap, socks, *page = _step("portal_begin").begin(
                        self._password_path, self._port, self._log
                    )
                    try:
                        serve = _step("portal_open").serve
                        left_ms = _OPEN_MS - open_ms
                        chosen = await serve(wifi, left_ms, note, socks, *page, _step)
                    finally:
                        ap.active(False)
                        for sock in socks:
                            sock.close()
                        serve = page = ap = socks = sock = None
                    if chosen is not None:
                        note = await _step("portal_try").attempt(
                            wifi, chosen, self._path, self._log
                        )
                    elif wifi.status()[:7] in ("waiting", "joining"):
                        # A round of tries that has the radio for itself. One that has begun does
                        # not count.
                        wifi.use()
                    _step()
            except Exception as e:
                self._log("portal: %r" % e)
                _step()
                since = net.ticks_ms()
                self.is_open = False


def _step(name=None, kept=None):
    """Unload the files of all steps but `kept`, and load the one of a step, if a name is given."""
    package = sys.modules["partysocket"]
    for one in list(sys.modules):
        step = one[12:]
        if one[:19] == "partysocket.portal_" and step != kept:
            del sys.modules[one]
            delattr(package, step)
    net.collect()
    if name:
        __import__("partysocket." + name)
        return getattr(package, name)
