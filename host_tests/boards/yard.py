"""A board in lockstep with a room server. Its files, as listed in board.json, are unchanged in a
folder that is its file system.
"""

import asyncio
import contextlib
import json
import shutil

from aiohttp import web

from lab.lockstep import run
from lab.lockstep_device import LockstepDevice
from library import ROOT
from room_server.app import App
from room_server.settings import parse_arguments
from room_server.store import Store
from rooms.clients import join
from rooms.server_process import RoomServer

BOARDS = {
    path.parent.name: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(ROOT.glob("boards/*/board.json"))
}
CHIPS = {"esp32": "esp32", "rp2": "cyw43", "esp8266": "esp8266", "linux": None}
PROGRAM = ROOT / "host_tests/boards/board.py"
# A Pico W's heap. Objects are twice as large here.
HEAP = "380K"
# Longer than any story.
LONG_MS = 3 * 60 * 60 * 1000


def furnish(board, root, **secrets):
    """Copy a board's files into `root`, and write its secrets.py."""
    root.mkdir(exist_ok=True)
    for name, source in BOARDS[board]["files"].items():
        shutil.copy(ROOT / "boards" / board / source, root / name)
    lines = [f"{name} = {value!r}\n" for name, value in secrets.items()]
    (root / "secrets.py").write_text("".join(lines), encoding="utf-8")


@contextlib.asynccontextmanager
async def room_server(path, tls):
    """Run the room server in this loop. Gives the dashboard's port and the board's port. With
    `tls`, a context, there is a port with TLS too. Its limit on messages a second counts real
    time.
    """
    settings = parse_arguments(["--port", "0", "--memory", "--rate", "100000"])
    store = Store(str(path), settings.max_db_bytes)
    app = App(settings, store)
    runner = web.AppRunner(app.web, access_log=None)
    await runner.setup()
    for context in [None] if tls is None else [None, tls]:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield runner.addresses[0][1], runner.addresses[-1][1]
    finally:
        await app.stop()
        await runner.cleanup()
        store.close()


class Yard:
    """The objects of a test: the board's `device`, a `dashboard` in its room, and the messages
    that the dashboard `heard`, as (ms, message).
    """

    def __init__(self, loop, device, dashboard):
        self.loop = loop
        self.device = device
        self.heard = []
        self._dashboard = dashboard

    @property
    def now(self):
        """The number of messages of the room so far."""
        return len(self.heard)

    async def listen(self):
        while True:
            message = json.loads(await self._dashboard.socket.recv())
            self.heard.append((self.loop.ms, message))

    def all(self, type):
        """All messages of the room of this type."""
        return [message for _, message in self.heard if message["type"] == type]

    async def next(self, type, after=0, has=lambda message: True, **fields):
        """Return the first message of a type with these fields, after the first `after` messages.
        `has`: another condition.
        """
        wanted = {"type": type, **fields}

        def found():
            for _, message in self.heard[after:]:
                if wanted.items() <= message.items() and has(message):
                    return message

        return await self._until(found, wanted)

    async def told(self, what):
        """Return the board's own report, when its story has got that far."""

        def found():
            for event in self.device.events:
                if event["what"] == what:
                    return event

        return await self._until(found, what)

    async def command(self, name, value):
        """Send a command, and return the board's answer."""
        begun = self.now
        command = {"type": "command", "device": NAME, "name": name, "value": value}
        await self._dashboard.send(command)
        return await self.next("result", begun, name=name)

    async def has_ended(self):
        """Wait for the end of the board's program, and return its last line."""
        await self._until(lambda: self.device.has_ended or None, "end")
        return self.device.lines[-1]

    async def _until(self, found, what):
        """Return the result of found() as soon as it is not None."""
        end = self.loop.ms + LONG_MS
        while (answer := found()) is None:
            assert self.loop.ms < end, f"no {what}: {self.heard[-5:]}"
            await asyncio.sleep(2)
        return answer


NAME = "board-1"


def play(board, tmp_path, test, story="nothing", edit=lambda root: None, tls=None, **settings):
    """Run `async def test(yard)` while the board lives through the story. `edit` changes its files
    before it starts.
    """
    order = {"bad_pins": 0, "has_thermometer": True, "clock_fails": 0}
    order = {name: settings.pop(name, value) for name, value in order.items()}
    order |= {"chip": CHIPS[BOARDS[board]["platform"]], "story": story, "seed": 1}
    order["root"] = str(tmp_path / "root")

    async def main(loop):
        async with room_server(tmp_path / "rooms.db", tls) as (port, own_port):
            host = "localhost" if tls else "127.0.0.1"
            own = [("home", "its password")] if order["chip"] else []
            secrets = {"NETWORKS": own, "HOST": f"{host}:{own_port}", "NAME": NAME, **settings}
            furnish(board, tmp_path / "root", **secrets)
            edit(tmp_path / "root")
            path = tmp_path / "order.json"
            path.write_text(json.dumps(order), encoding="utf-8")
            # Only its address is needed.
            server = RoomServer()
            server.port = port
            async with join(server, "home", role="dashboard") as dashboard:
                with LockstepDevice(loop, PROGRAM, path, heap=HEAP) as device:
                    yard = Yard(loop, device, dashboard)
                    listening = asyncio.create_task(yard.listen())
                    try:
                        await test(yard)
                    except BaseException:
                        print("\n".join(device.lines[-60:]))
                        raise
                    finally:
                        listening.cancel()

    run(main)
