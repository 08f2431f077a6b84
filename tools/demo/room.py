"""What the room says about the demo's devices, as a dashboard hears it."""

import asyncio
import contextlib
import json
import time

import aiohttp


class Device:
    """What the room said about one device."""

    def __init__(self, name):
        self.name = name
        self.online = False
        self.last = {}
        # The numbers of the readings that arrived.
        self.seen = set()
        # The time from the server's restart to the first reading after it.
        self.returned_s = None

    @property
    def lost(self):
        return max(self.seen, default=0) - len(self.seen)


class Room:
    def __init__(self, names):
        self.devices = {name: Device(name) for name in names}
        # By time.monotonic().
        self.first_reading_at = None
        # The number of readings that the restarted server still had.
        self.stored = 0
        self._server_began = None
        # True when the second server runs.
        self._restarted = False

    def server_runs(self):
        """Count from now until the devices are back."""
        self._server_began = time.monotonic()

    def server_is_lost(self):
        """What is heard from now on comes from the restarted server."""
        self._restarted = True
        for device in self.devices.values():
            device.online = False

    async def watch(self, url):
        """Join the room like a dashboard, again after each lost connection."""
        async with aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with session.ws_connect(url) as room:
                        async for message in room:
                            if message.type == aiohttp.WSMsgType.TEXT:
                                self._hear(json.loads(message.data))
                await asyncio.sleep(0.1)

    def _hear(self, message):
        kind = message.get("type")
        if kind == "snapshot":
            for entry in message["devices"]:
                self._hear_entry(entry)
        elif kind == "presence":
            self._hear_presence(message)
        elif kind == "reading" and message.get("device") in self.devices:
            device = self.devices[message["device"]]
            device.last.update(message["values"])
            device.online = True
            # A reading without `n` is about the board or a control.
            if "n" not in message["values"]:
                return
            self._arrived(device, {int(message["values"]["n"])})

    def _hear_entry(self, entry):
        """Handle a device in a snapshot. The readings that the server has stored have arrived."""
        device = self.devices.get(entry["device"])
        if device is None:
            return
        known = {int(value) for _, value in entry["history"].get("n", ())}
        if self._restarted:
            self.stored += len(known & device.seen)
        device.last = entry["last"]
        self._arrived(device, known)
        device.online = entry["online"]

    def _hear_presence(self, message):
        """Handle one change, or lists of them."""
        if "device" in message:
            came = [message["device"]] if message["online"] else []
            went = [] if message["online"] else [message["device"]]
        else:
            came, went = message.get("online", ()), message.get("offline", ())
        for names, is_online in ((came, True), (went, False)):
            for name in self.devices.keys() & names:
                self.devices[name].online = is_online

    def _arrived(self, device, numbers):
        """Note readings that the room has. The first new one after the restart is the return."""
        if numbers and self.first_reading_at is None:
            self.first_reading_at = time.monotonic()
        if self._restarted and device.returned_s is None and numbers - device.seen:
            device.returned_s = time.monotonic() - self._server_began
        device.seen |= numbers
