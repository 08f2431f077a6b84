"""Keeps a board in its room. It joins Wi-Fi, sets the clock if the room is wss://, sends the
values of device.py, and obeys commands. It goes on whatever happens: an error of device.py is
shown on the console and in the room, and tried again.

Copy it to the root of the board's file system, beside device.py (what this board measures and
does) and secrets.py (its networks, its room). You do not have to change this file.
"""

import asyncio
import gc
import sys

from partysocket.device import Device

try:
    import secrets
except ImportError:
    raise ImportError("secrets.py is missing: fill in a copy of secrets.sample.py")

REST_S = 10  # after an error, before the next try
READ_S = 60  # for read() of device.py, at most
CLOCK_S = 12 * 3600  # between two looks at a time server ...
UNSET_S = 60  # ... and while none has answered


def setting(name, default=None):
    return getattr(secrets, name, default)


def report(what, error):
    print("error in %s:" % what)
    sys.print_exception(error)


def own_name():
    """NAME, or a name that is unique to this board."""
    import machine

    number = getattr(machine, "unique_id", bytes)()
    return setting("NAME") or sys.platform + "".join(["-%02x" % b for b in number[-3:]])


def wifi_of(networks):
    """A WiFi for these networks. When nothing else helps it resets the board, at most three
    times. With PORTAL a network may be entered by phone before that.
    """
    if not networks:
        return None
    try:
        from partysocket.wifi import ResetBudget, WiFi
    except ImportError as e:
        from partysocket.wrong import absent

        raise absent("wifi", e)
    portal = None

    class Budget(ResetBudget):
        def __call__(self):
            if portal is None or (portal.count and not portal.is_open):
                super().__call__()

    wifi = WiFi(networks, on_stuck=Budget())
    wifi.start()
    if setting("PORTAL"):
        try:
            from partysocket.portal import Portal
        except ImportError as e:
            from partysocket.wrong import absent

            raise absent("portal", e)
        portal = Portal(wifi)
        portal.start()
    return wifi


def watchdog(seconds):
    """Return a function that feeds the hardware's watchdog. Its first call starts the watchdog,
    which never stops.
    """
    if not seconds:
        return None
    from machine import WDT

    running = []

    def feed():
        if not running:
            try:
                running.append(WDT(timeout=int(seconds * 1000)))
            # ESP8266 takes no time, Pico W at most 8388.
            except (TypeError, ValueError) as e:
                report("WATCHDOG_S, the board's own takes its place", e)
                running.append(WDT())
        running[0].feed()

    return feed


class Link:
    """The network as the socket's `link`. It is only up when the clock is set, or does not have to
    be.
    """

    def __init__(self, wifi):
        self._wifi = wifi
        self.clock = asyncio.Event()

    def is_up(self):
        return self.clock.is_set() and (self._wifi is None or self._wifi.is_up())

    async def wait_up(self):
        if self._wifi is not None:
            await self._wifi.wait_up()
        await self.clock.wait()

    def rssi(self):
        return self._wifi.rssi()


class Station:
    """The board in its room."""

    def __init__(self, wifi, feed):
        self._wifi = wifi
        self._feed = feed
        self._own_device = None  # the module device.py, once it could be loaded
        self._has_failed = False  # the last reading was an error

    async def live(self):
        """Run until an unexpected error, which is raised."""
        link = Link(self._wifi)
        device = Device(
            setting("HOST"),
            setting("ROOM", "home"),
            own_name(),
            token=setting("TOKEN"),
            protocol=setting("PROTOCOL"),
            ssl=setting("CA") or True,
            link=link,
            watchdog=self._feed,
        )
        socket = device.socket
        clock = None
        self._own_device = None
        try:
            socket.onopen = lambda event: print("in the room")
            socket.onclose = lambda event: print("out of the room:", event.code, event.reason)
            # What the room refuses has been printed already.
            socket.onerror = lambda event: (
                socket.ready_state == socket.OPEN or print("error:", event.message)
            )
            if socket.room_url.startswith("wss:"):
                clock = asyncio.create_task(self._keep_clock(link, socket))
            else:
                link.clock.set()
            while True:
                await asyncio.sleep(await self._send_reading(device))
        finally:
            if clock is not None:
                clock.cancel()
            device.close()
            await socket.wait_closed()

    def _load_device(self, device):
        """Load device.py, and have `device` be what it says."""
        own = __import__("device")
        if hasattr(own, "obey"):
            raise ImportError("this device.py is for an older main.py: give COMMANDS for obey()")
        device.title = getattr(own, "TITLE", None)
        device.units = getattr(own, "UNITS", None)
        device.controls = getattr(own, "CONTROLS", None)
        commands = getattr(own, "COMMANDS", {})
        for name in commands:
            device.on_command(name, commands[name])
        device.say_hello()
        self._own_device = own

    async def _send_reading(self, device):
        """Send the values of device.py, or its error; returns how many seconds to wait then."""
        try:
            if self._own_device is None:
                self._load_device(device)
            values = self._own_device.read()
            if hasattr(values, "send"):  # it is async
                values = await asyncio.wait_for(values, READ_S)
            values = dict(values)
            if self._has_failed:
                values["error"] = ""
            # What lives long then lies close together: a dial needs memory in one piece.
            gc.collect()
            device.send(values)
            self._has_failed = False
            return getattr(self._own_device, "EVERY_S", REST_S) + 0.0
        except Exception as e:
            report("device.py", e)
            self._has_failed = True
            device.send(error="%s: %s" % (type(e).__name__, e))
            return REST_S

    async def _keep_clock(self, link, socket):
        """Set the clock, which is needed to check certificates, and keep it right."""
        is_set = False
        while True:
            if self._wifi is not None:
                await self._wifi.wait_up()
            try:
                await set_clock()
                if link.clock.is_set() and not is_set and socket.ready_state != socket.OPEN:
                    # The room was refused because of the wrong clock, and its wait is long.
                    socket.reconnect()
                is_set = True
            except Exception as e:
                report("setting the clock", e)
            # There was no answer. Perhaps the clock is right already.
            link.clock.set()
            await asyncio.sleep(CLOCK_S if is_set else UNSET_S)


async def set_clock():
    try:
        from partysocket.clock import sync_clock
    except ImportError as e:
        from partysocket.wrong import absent

        raise absent("clock", e)
    await sync_clock()


async def tell(wifi):
    """Print the radio's status whenever it changes."""
    told = None
    while True:
        now = wifi.status()
        if now != told:
            print("Wi-Fi:", wifi.ssid, now)
            told = now
        await asyncio.sleep(1)


async def main():
    wifi = wifi_of(setting("NETWORKS"))
    if wifi is not None:
        asyncio.create_task(tell(wifi))
    feed = watchdog(setting("WATCHDOG_S", 0))
    station = Station(wifi, feed)
    while True:
        try:
            await station.live()
        except Exception as e:
            report("main.py", e)
        gc.collect()
        for _ in range(REST_S):
            if feed is not None:
                feed()
            await asyncio.sleep(1)


try:
    asyncio.run(main())
finally:
    # After Ctrl-C, so that another run works.
    asyncio.new_event_loop()
