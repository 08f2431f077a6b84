"""A board in lockstep with a room server: its files as board.json lists them, whole and unchanged,
in a folder that is its file system.
"""

import asyncio
import contextlib
import json
import shutil

from aiohttp import web

from lab.lockstep import run
from lab.lockstep_device import LockstepDevice
from library import ROOT
from room_server.__main__ import listen
from room_server.app import App
from room_server.door import Door
from room_server.settings import parse_arguments
from room_server.store import Store
from rooms.clients import join

BOARDS = {
    path.parent.name: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(ROOT.glob("boards/*/board.json"))
}
CHIPS = {"esp32": "esp32", "rp2": "cyw43", "esp8266": "esp8266", "linux": None}
PROGRAM = ROOT / "host_tests/boards/board.py"
HEAP = "380K"  # a Pico W's: objects are twice as large here
LONG_MS = 3 * 60 * 60 * 1000  # longer than any story


def furnish(board, root, **secrets):
    """Copy a board's files into `root`, and write its secrets.py."""
    root.mkdir(exist_ok=True)
    for name, source in BOARDS[board]["files"].items():
        shutil.copy(ROOT / "boards" / board / source, root / name)
    lines = [f"{name} = {value!r}\n" for name, value in secrets.items()]
    (root / "secrets.py").write_text("".join(lines), encoding="utf-8")


@contextlib.asynccontextmanager
async def room_server(path, tls):
    """The room server in this loop; gives the dashboard's port, and the board's: with `tls`, a
    context, there is one behind TLS too. Its limit on messages a second counts real time.
    """
    settings = parse_arguments(["--port", "0", "--rate", "100000"])
    store = Store(str(path), settings.history, settings.max_db_bytes)
    app = App(settings, store)
    runner = web.AppRunner(app.web, access_log=None)
    await runner.setup()
    listeners = [listen("127.0.0.1", 0) for _ in range(1 if tls is None else 2)]
    doors = [Door(runner.server, settings, app.counts, context) for context in (None, tls)]
    keeping = {asyncio.create_task(d.keep(one)) for d, one in zip(doors, listeners)}
    try:
        yield listeners[0].getsockname()[1], listeners[-1].getsockname()[1]
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.wait(keeping)
        await app.stop()
        await runner.cleanup()
        store.close()


class Watch:
    """What a dashboard in the room hears, with the ms at which it came."""

    def __init__(self, loop):
        self._loop = loop
        self.heard = []
        self._news = asyncio.Event()

    async def keep(self, client):
        while True:
            message = json.loads(await client.socket.recv())
            self.heard.append((self._loop.ms, message))
            self._news.set()

    async def next(self, type, after=0, has=lambda message: True, **fields):
        """The first message of a type with these fields, of those after the first `after`; `has`:
        what else is asked of it.
        """
        wanted = {"type": type, **fields}
        end = self._loop.ms + LONG_MS
        while True:
            for _, message in self.heard[after:]:
                if wanted.items() <= message.items() and has(message):
                    return message
            assert self._loop.ms < end, f"no {wanted}: {self.heard[-5:]}"
            self._news.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), 60)


class Yard:
    """What a test has: `watch`, `dashboard`, and the board's `device`."""

    def __init__(self, loop, device, watch, dashboard):
        self.loop = loop
        self.device = device
        self.watch = watch
        self.dashboard = dashboard

    @property
    def now(self):
        """How much the room has said so far."""
        return len(self.watch.heard)

    async def told(self, what):
        """The board's own report, when its story is so far."""
        end = self.loop.ms + LONG_MS
        while True:
            for event in self.device.events:
                if event["what"] == what:
                    return event
            assert not self.device.has_ended, "\n".join(self.device.lines)
            assert self.loop.ms < end, f"{what} was never told"
            await asyncio.sleep(5)

    async def command(self, name, value):
        """Send a command, and return the board's answer."""
        begun = self.now
        await self.dashboard.send(
            {"type": "command", "device": NAME, "name": name, "value": value}
        )
        return await self.watch.next("result", begun, name=name)


NAME = "board-1"


def play(board, tmp_path, test, story="nothing", edit=lambda root: None, tls=None, **settings):
    """Run `async def test(yard)` while the board lives through the story. `edit`: changes its
    files before it starts.
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
            watch = Watch(loop)
            async with join(_Address(port), "home", role="dashboard") as dashboard:
                keeping = asyncio.create_task(watch.keep(dashboard))
                try:
                    with LockstepDevice(loop, PROGRAM, path, heap=HEAP) as device:
                        try:
                            await test(Yard(loop, device, watch, dashboard))
                        except BaseException:
                            print("\n".join(device.lines[-60:]))
                            raise
                finally:
                    keeping.cancel()

    run(main)


class _Address:
    def __init__(self, port):
        self._port = port

    def ws_url(self, room, party, query):
        return f"ws://127.0.0.1:{self._port}/parties/{party}/{room}?{query}"
