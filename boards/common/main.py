"""Keeps a board in its room. It joins Wi-Fi, sets the clock if the room is wss://, sends the
values of device.py, and obeys commands. It goes on whatever happens: an error of device.py is
shown on the console and in the room, and tried again.

Copy it to the root of the board's file system, beside device.py (what this board measures and
does) and secrets.py (its networks, its room). You do not have to change this file.
"""

import asyncio
import gc
import json
import sys

from partysocket import PartySocket

try:
    import secrets
except ImportError:
    raise ImportError("secrets.py is missing: fill in a copy of secrets.sample.py")

# After an error, before the next try.
REST_S = 10
# The longest time for device.read().
READ_S = 60
# The time between two requests to a time server, and while none has answered.
CLOCK_S = 12 * 3600
UNSET_S = 60
# The most characters of a text in a reading.
MOST_TEXT = 256


def setting(name, default=None):
    return getattr(secrets, name, default)


def report(what, error):
    print("error in %s:" % what)
    sys.print_exception(error)


def told(error):
    """The text of an error, in a form that the room accepts."""
    return ("%s: %s" % (type(error).__name__, error))[:MOST_TEXT]


async def result_of(value):
    """The result of a function of device.py. It may be a coroutine, which is cancelled if it takes
    too long.
    """
    return await asyncio.wait_for(value, READ_S) if hasattr(value, "send") else value


def own_name():
    """NAME, or a name that is unique to this board."""
    import machine

    number = getattr(machine, "unique_id", bytes)()
    return setting("NAME") or sys.platform + "".join(["-%02x" % b for b in number[-3:]])


def wifi_of(networks):
    """A WiFi for these networks. When nothing else helps it resets the board, at most three
    times.
    """
    if not networks:
        return None
    try:
        from partysocket.wifi import ResetBudget, WiFi
    except ImportError as e:
        from partysocket.wrong import absent

        raise absent("wifi", e)
    wifi = WiFi(networks, on_stuck=ResetBudget())
    wifi.start()
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


class Station:
    """The board in its room."""

    def __init__(self, wifi, feed):
        self._wifi = wifi
        self._feed = feed
        # The module device.py, when it could be loaded.
        self._device = None
        # A command was carried out, and the room should get the new values.
        self._news = asyncio.Event()
        # The last reading was an error.
        self._has_failed = False

    async def live(self):
        """Run until an unexpected error, which is raised."""
        link = Link(self._wifi)
        token = setting("TOKEN")
        socket = PartySocket(
            setting("HOST"),
            setting("ROOM", "home"),
            protocol=setting("PROTOCOL"),
            query={"role": "device", "name": own_name()},
            headers={"Authorization": "Bearer " + token} if token else None,
            ssl=setting("CA") or True,
            hello=self._hello,
            link=link,
            watchdog=self._feed,
        )
        clock = None
        try:
            socket.onmessage = self._obey
            socket.onopen = lambda event: print("in the room")
            socket.onclose = lambda event: print("out of the room:", event.code, event.reason)
            socket.onerror = lambda event: print("error:", event.message)
            if socket.room_url.startswith("wss:"):
                clock = asyncio.create_task(self._keep_clock(link, socket))
            else:
                link.clock.set()
            while True:
                socket.send(json.dumps({"type": "reading", "values": await self._read(socket)}))
                await self._wait()
        finally:
            if clock is not None:
                clock.cancel()
            socket.close()
            await socket.wait_closed()

    def _hello(self):
        return json.dumps(dict(getattr(self._device, "HELLO", {}), type="hello"))

    async def _read(self, socket):
        """The values to send: those of device.py or its error, and figures of the board."""
        try:
            if self._device is None:
                self._device = __import__("device")
                if socket.ready_state == socket.OPEN:
                    socket.send(self._hello())
            values = dict(await result_of(self._device.read()))
            json.dumps(values)
            if self._has_failed:
                values["error"] = ""
            self._has_failed = False
        except Exception as e:
            report("device.py", e)
            self._has_failed = True
            values = {"error": told(e)}
        gc.collect()
        values["free_memory"] = gc.mem_free()
        values["reconnects"] = max(0, socket.stats()["opens"] - 1)
        signal = self._wifi.rssi() if self._wifi is not None else None
        if signal is not None:
            values["rssi"] = signal
        return values

    async def _wait(self):
        every_s = REST_S if self._has_failed else getattr(self._device, "EVERY_S", REST_S)
        try:
            await asyncio.wait_for(self._news.wait(), every_s)
        except asyncio.TimeoutError:
            pass
        self._news.clear()

    async def _obey(self, event):
        """A message came. If it is a command, carry it out, and send the result."""
        try:
            command = json.loads(event.data)
            name = command["name"]
            if command["type"] != "command":
                return
        except (ValueError, TypeError, KeyError):
            # Other members of the room say something.
            return
        answer = {"type": "result", "name": name, "ok": True}
        try:
            if self._device is None:
                raise OSError("device.py could not be loaded")
            value = await result_of(self._device.obey(name, command.get("value")))
            if value is not None:
                answer["value"] = value
        except Exception as e:
            report("the command %s" % name, e)
            answer["ok"] = False
            answer["error"] = told(e)
        event.target.send(json.dumps(answer))
        self._news.set()

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
