"""Keeps a board in its room: joins Wi-Fi, sets the clock if the room is wss://, sends what
device.py reads, and carries out commands. It goes on whatever happens: an error of device.py is
told on the console and in the room, and tried again.

Lies in the root of the board's file system, beside device.py (what this board measures and does)
and secrets.py (its networks, its room). There is nothing to change in here.
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

REST_S = 10  # after an error, before the next try
READ_S = 60  # for device.read(), at most
CLOCK_S = 12 * 3600  # between two looks at a time server ...
UNSET_S = 60  # ... and while none has answered
MOST_TEXT = 256  # characters of a text in a reading


def setting(name, default=None):
    return getattr(secrets, name, default)


def report(what, error):
    print("error in %s:" % what)
    sys.print_exception(error)


def told(error):
    """An error as a text that the room takes."""
    return ("%s: %s" % (type(error).__name__, error))[:MOST_TEXT]


async def result_of(value):
    """What a function of device.py gave: it may be a coroutine, and may not take for ever."""
    return await asyncio.wait_for(value, READ_S) if hasattr(value, "send") else value


def own_name():
    """NAME, or a name that no other board has."""
    import machine

    number = getattr(machine, "unique_id", bytes)()
    return setting("NAME") or sys.platform + "".join(["-%02x" % b for b in number[-3:]])


def wifi_of(networks):
    """Keeps them joined, and resets the board when nothing else helps, three times at most."""
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
    """What feeds the hardware's watchdog; it starts with the first meal, and never stops."""
    if not seconds:
        return None
    from machine import WDT

    running = []

    def feed():
        if not running:
            try:
                running.append(WDT(timeout=int(seconds * 1000)))
            except (TypeError, ValueError) as e:  # ESP8266 takes none, Pico W at most 8388
                report("WATCHDOG_S, the board's own takes its place", e)
                running.append(WDT())
        running[0].feed()

    return feed


class Link:
    """The network, once the clock need not be waited for any more."""

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
        self._device = None  # the module device.py, once it could be loaded
        self._news = asyncio.Event()  # a command was carried out: the room wants to see it
        self._has_failed = False  # the last reading was an error

    async def live(self):
        """Until something happens that nobody foresaw, which is raised."""
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
        """The values to send: those of device.py, or its error; and how the board is."""
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
        """A message: if it is a command, carry it out, and say how that went."""
        try:
            command = json.loads(event.data)
            name = command["name"]
            if command["type"] != "command":
                return
        except (ValueError, TypeError, KeyError):
            return  # something that others in the room say
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
        """Set the clock, by which certificates are checked, and keep it right."""
        is_set = False
        while True:
            if self._wifi is not None:
                await self._wifi.wait_up()
            try:
                await set_clock()
                if link.clock.is_set() and not is_set and socket.ready_state != socket.OPEN:
                    socket.reconnect()  # it was refused by a wrong clock, and is patient
                is_set = True
            except Exception as e:
                report("setting the clock", e)
            link.clock.set()  # if there is no answer, perhaps the clock is right already
            await asyncio.sleep(CLOCK_S if is_set else UNSET_S)


async def set_clock():
    try:
        from partysocket.clock import sync_clock
    except ImportError as e:
        from partysocket.wrong import absent

        raise absent("clock", e)
    await sync_clock()


async def tell(wifi):
    """Print what the radio is about, whenever that changes."""
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
    asyncio.new_event_loop()  # after Ctrl-C, so that another run begins anew
