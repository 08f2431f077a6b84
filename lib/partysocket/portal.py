"""Wi-Fi entered without a cable. If a WiFi can't join for five minutes, the board opens a Wi-Fi of
its own, with a page that asks for a network and its password.

Most of the time only this file is loaded. The others are loaded late, and unloaded again:
portal_open.py is the open portal, portal_keep.py writes the settings.
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

# Without a link for so long, the portal opens. A round of tries that still runs may end first,
# because the radio can't look for networks meanwhile. That takes a minute at most.
_PATIENCE_MS = const(300000)
_ROUND_MS = const(60000)
_LOOK_S = const(1)
# 32 letters and digits; those that look alike are missing.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_LENGTH = const(12)
_LATE = ("portal_open", "portal_keep")


class Portal:
    """Opens an access point when `wifi`, a WiFi that was started, has had no link for 5 minutes.

    It stays open for 10 minutes at most. Then it stays closed for 5, and so on. Meanwhile `wifi`
    goes on trying to join; every two minutes the access point is off for one round of tries. It
    closes as soon as there is a link, and gives its memory back.

    The access point has WPA2 and a random password of 12 characters. The password is made at the
    first start, and kept in the file `password_path`. `log` is called with lines of text: with the
    password at each start, and with what happens. No line has another password.

    The page takes one network. `wifi` tries it at once. If that gives a link, it is written into
    the settings file at `path`, as the first of NETWORKS, before the ones that are there; `make
    deploy` writes this file in the same way. Else `wifi` has its old networks again, and the page
    shows why.

    `watchdog()` is called before and after the search for networks, which blocks for a few
    seconds. `port` is for tests: the page's port, and if it is not 80 also the port for names.
    Works only on MicroPython.
    """

    def __init__(
        self,
        wifi,
        path="secrets.py",
        password_path="portal_password",
        log=print,
        watchdog=None,
        port=80,
    ):
        self._wifi = wifi
        self._path = path
        self._password_path = password_path
        self._log = log
        self._watchdog = watchdog
        self._port = port
        self._task = None
        self._is_open = False
        # How often it has been opened.
        self.opened = 0
        # The text of the last error.
        self.last_error = None

    def is_open(self):
        """Whether the portal is open, so that the board should not be reset."""
        return self._is_open

    def start(self):
        """Begin to watch `wifi`, in a new task. A second call does nothing."""
        if self._task is None:
            self._task = asyncio.create_task(self._watch())

    def stop(self):
        """Close it, and end the task. A second call does nothing."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def _watch(self):
        # The radio is on by then, and an ESP32's random numbers need it.
        await asyncio.sleep(_LOOK_S)
        password = self._password()
        self._log("portal: the password of this board's own Wi-Fi is %s" % password)
        since = net.ticks_ms()
        while True:
            await asyncio.sleep(_LOOK_S)
            lacking_ms = ticks_diff(net.ticks_ms(), since)
            status = self._wifi.status()
            if self._wifi.is_up() or status == "stopped":
                since = net.ticks_ms()
            elif lacking_ms >= _PATIENCE_MS and (
                status[:7] == "waiting" or lacking_ms >= _PATIENCE_MS + _ROUND_MS
            ):
                await self._open(password)
                since = net.ticks_ms()

    async def _open(self, password):
        """Be open until there is a link, or the time is over. An error ends only this turn."""
        self._is_open = True
        self.opened += 1
        try:
            net.collect()
            from .portal_open import serve

            networks = await serve(self._wifi, password, self._port, self._log, self._watchdog)
            # It makes room for the next file.
            serve = None
            _unload()
            if networks is not None:
                from .portal_keep import keep

                keep(self._path, networks)
                self._log("portal: %r is in %s" % (networks[0][0], self._path))
        except Exception as e:
            self.last_error = repr(e)
            self._log("portal: %r" % e)
        finally:
            self._is_open = False
            _unload()

    def _password(self):
        """The stored password, or a new one if there is none."""
        try:
            with open(self._password_path) as file:
                password = file.read()
            if len(password) == _LENGTH and all([c in _LETTERS for c in password]):
                return password
        except (OSError, ValueError):
            pass
        password = word()
        try:
            with open(self._password_path, "w") as file:
                file.write(password)
        # It is valid until the next start.
        except OSError as e:
            self.last_error = repr(e)
        return password


def word():
    """12 random characters: 60 bits."""
    return "".join([_LETTERS[byte & 31] for byte in net.urandom(_LENGTH)])


def _unload():
    for name in _LATE:
        if sys.modules.pop("partysocket." + name, None) is not None:
            delattr(sys.modules["partysocket"], name)
    net.collect()
