"""What `python -m build` makes of this repository, and what it does where it is installed."""

import functools
import json
import re
import subprocess
import sys
from email.parser import Parser
from urllib.request import urlopen
from zipfile import ZipFile

import pytest

import partysocket
from deploy.words import SETTINGS
from install.packages import Environment, build, clean, names, tried
from install.test_install import wanted
from installer.asking import Page, pico
from library import PARTS, PORTABLE, ROOT, address_of, version_of
from mqtt.bridges import Bridge
from mqtt.brokers import Mosquitto, Watcher
from pty_board import PtyBoard
from rooms.clients import join, post
from rooms.server_process import RoomServer

VERSIONS = [(3, 10), (3, 11), (3, 12), (3, 13)]
# README.md's first program.
FIRST = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)[0]
HOST = "localhost:1999"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """(partysocket's wheel, the board's)."""
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def with_rooms(wheels, tmp_path_factory):
    """A function: the environment of a Python with partysocket and its extras."""

    @functools.cache
    def make(version):
        made = Environment(tmp_path_factory.mktemp("rooms"), version)
        made.install(f"{wheels[0]}[rooms,mqtt]")
        return made

    return make


@pytest.fixture(params=VERSIONS, ids="{0[0]}.{0[1]}".format)
def rooms(request, with_rooms):
    return with_rooms(request.param)


@pytest.fixture(scope="module")
def alone(wheels, tmp_path_factory):
    """An environment with partysocket alone."""
    made = Environment(tmp_path_factory.mktemp("alone"))
    made.install(wheels[0])
    return made


def metadata(wheel):
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def below(folder, target, pattern="*"):
    """The files of a folder of this tree, as they are below another one."""
    paths = [path for path in (ROOT / folder).rglob(pattern) if "__pycache__" not in path.parts]
    return {
        f"{target}/{path.relative_to(ROOT / folder).as_posix()}"
        for path in paths
        if path.is_file()
    }


def files_of_boards():
    """What board.json names, and the pages."""
    boards = ROOT / "boards"
    found = {boards / "README.md"}
    for path in boards.glob("*/board.json"):
        kind = json.loads(path.read_text("utf-8"))
        named = [*kind["files"].values(), kind["secrets"], "board.json", "README.md"]
        found |= {(path.parent / name).resolve() for name in named}
    return {path.relative_to(ROOT).as_posix() for path in found}


def test_the_wheel_for_computers_has_the_library_the_rooms_and_what_a_deploy_puts_onto_boards(
    wheels,
):
    files = "partysocket_rooms/deploy/files"
    expected = below("lib/partysocket", "partysocket") | {"partysocket/py.typed"}
    expected |= below("tools/room_server", "partysocket_rooms", "*.py")
    for pages in ("static", "install"):
        expected |= below(f"tools/room_server/{pages}", f"partysocket_rooms/{pages}")
    expected |= below("tools/deploy", "partysocket_rooms/deploy", "*.py")
    expected |= {"partysocket_rooms/command.py", *(f"{files}/{p}" for p in files_of_boards())}
    expected |= {f"{files}/lib/{part}.json" for part in PARTS}
    expected |= below("lib/mpy", f"{files}/lib/mpy") - {f"{files}/lib/mpy/names.map"}
    assert names(wheels[0]) == sorted(expected)


def test_the_wheel_for_boards_has_the_compiled_library_and_all_parts_and_nothing_else(wheels):
    manifests = [f"lib/mpy/{name}.json" for name in (PORTABLE, *PARTS)]
    assert {f"/lib/{name}" for name in names(wheels[1])} == set(wanted(*manifests))


def test_all_versions_are_one(wheels):
    version = version_of()
    assert partysocket.__version__ == version
    assert json.loads((ROOT / "package.json").read_text())["version"] == version
    for wheel, kind in zip(wheels, ("partysocket", "micropython-partysocket"), strict=True):
        assert metadata(wheel)["Name"] == kind and metadata(wheel)["Version"] == version
        with ZipFile(wheel) as archive:
            text = archive.read("partysocket/__init__.py").decode()
        assert re.search(r"""^__version__ = ["']([\d.]+)""", text, re.M)[1] == version


def test_the_metadata_says_for_whom_each_is(wheels):
    computer, board = map(metadata, wheels)
    # Thonny asks before it installs a package without it, unless `micropython` is in the name.
    mark = "Programming Language :: Python :: Implementation :: MicroPython"
    assert board.get_all("Classifier") == [mark]
    assert mark not in computer.get_all("Classifier")
    assert computer["Requires-Python"] == ">=3.10" and board.get_all("Requires-Dist") is None
    assert sorted(computer.get_all("Provides-Extra")) == ["alerts", "mqtt", "rooms"]
    # Ranges: whoever installs it has other packages too.
    for line in computer.get_all("Requires-Dist"):
        assert re.fullmatch(r"[a-z-]+<[\d.]+,>=[\d.]+; extra == '(rooms|mqtt|alerts)'", line), line
    # Installers copy it to the board.
    assert len(str(board)) < 512
    for one in (computer, board):
        assert one["License-Expression"] == "MIT" and one["License-File"] == "LICENSE"
        address = address_of().replace("github:", "https://github.com/")
        assert one["Project-URL"] == f"Repository, {address}"


def page(server):
    """The dashboard's page."""
    with urlopen(f"{server.url}/", timeout=30) as answer:
        return answer.read()


TOP = """
import importlib.util, partysocket, partysocket_rooms, sys
for name in ("room_server", "deploy", "library", "processes"):
    assert importlib.util.find_spec(name) is None, name
assert sys.prefix in partysocket.__file__ and sys.prefix in partysocket_rooms.__file__
print(partysocket.__version__, sys.version_info[:2])
"""


async def test_installed_on_each_python_the_rooms_run_and_a_device_sends_its_first_value(rooms):
    assert rooms.run("python", "-c", TOP) == f"{version_of()} {rooms.version}\n"
    assert rooms.run("partysocket-rooms", "--help").startswith("usage: partysocket-rooms ")
    assert rooms.run("partysocket-rooms", "deploy", "--help").startswith(
        "usage: partysocket-rooms deploy "
    )
    assert rooms.run("partysocket-rooms", "move", "--help").startswith(
        "usage: partysocket-rooms move "
    )
    assert rooms.run("partysocket-rooms", "mqtt", "--help").startswith(
        "usage: partysocket-rooms mqtt "
    )
    command = [str(rooms.bin / "partysocket-rooms")]
    with RoomServer(command=command, env=clean({"PYTHONPATH": ""})) as server:
        assert b"dashboard.js" in page(server)
        program = FIRST.replace(HOST, f"127.0.0.1:{server.port}")
        assert program != FIRST
        async with join(server, "home", role="dashboard") as dashboard:
            device = subprocess.Popen(
                [rooms.bin / "python", "-c", program], cwd="/", env=clean({})
            )
            try:
                reading = await dashboard.next("reading")
            finally:
                device.kill()
                device.wait()
        assert reading["device"] == "porch" and reading["values"]["temperature"] == 21.5
        assert server.stop() == 0


async def test_installed_on_each_python_the_bridge_brings_a_value_to_a_broker(rooms, tmp_path):
    command = [rooms.bin / "partysocket-rooms", "mqtt"]
    with Mosquitto(tmp_path / "broker") as broker, RoomServer() as server:
        post(server, "home", "porch", temperature=21.5)
        with Bridge(server, broker, command=command, env={"PYTHONPATH": ""}):
            async with Watcher(broker) as watcher:
                await watcher.holds("partysocket/main/home/porch/value/temperature", "21.5")


def test_the_program_names_itself_in_its_errors(rooms):
    done = tried(rooms.bin / "partysocket-rooms", "--port", "100000")
    assert done.returncode == 2 and done.stderr.startswith("partysocket-rooms: ")


def test_alone_it_needs_no_package_and_the_program_says_what_to_install(alone):
    assert alone.pip("freeze").startswith("partysocket @ ")
    assert len(alone.pip("freeze").splitlines()) == 1
    for arguments, extra in (([], "rooms"), (["deploy"], "rooms"), (["mqtt"], "mqtt")):
        done = tried(alone.bin / "partysocket-rooms", *arguments)
        assert done.returncode == 1
        assert f"is not installed: pip install 'partysocket[{extra}]'" in done.stderr
        assert "Traceback" not in done.stderr


# Each line that begins with `wrong` is one, and no other.
TYPED = """
import asyncio
from partysocket import DEVICE, PartySocket, WebSocket
from partysocket.clock import sync_clock
from partysocket.device import Device
from partysocket.fetch import fetch
from partysocket.outbox import Outbox
from partysocket.recorder import Recorder
from partysocket.wifi import WiFi

async def main() -> None:
    device = Device("localhost:1999", "home", "porch", units={"temperature": "C"}, **DEVICE)

    @device.on_command("led")
    async def led(value: bool) -> bool:
        return value

    is_sent: bool = device.send(temperature=21.5, is_open=True, word="yes")
    wrong: str = device.send(temperature=21.5)
    wrong1 = device.send(temperature=[21.5])
    wrong2 = Device("localhost:1999", "home")
    socket = PartySocket("localhost:1999", "home", outbox=Outbox("/outbox", 65536))
    message: str | bytes | memoryview = await socket.recv()
    wrong3 = socket.sent(message)
    wrong4 = WiFi("home")
    recorded: str = Recorder(device.socket).text()
    status: int = (await fetch("localhost", "home")).status
    seconds: int = await sync_clock()
    async with WebSocket("ws://localhost:1999") as feed:
        async for each in feed:
            print(each)
"""


@pytest.mark.parametrize("program", [FIRST, TYPED], ids=["first", "typed"])
def test_a_type_checker_finds_the_types_of_the_installed_library(program, alone, tmp_path):
    path = tmp_path / "program.py"
    # The checker wants to know what main() returns.
    path.write_text(program.replace("async def main():", "async def main() -> None:"))
    options = ["--strict", "--no-incremental", "--cache-dir", tmp_path / "cache"]
    options += ["--python-executable", alone.bin / "python"]
    done = tried(sys.executable, "-m", "mypy", *options, path)
    lines = program.splitlines()
    marked = {n for n, line in enumerate(lines, 1) if line.strip().startswith("wrong")}
    found = {int(number) for number in re.findall(r"program\.py:(\d+): error", done.stdout, re.M)}
    assert found == marked, done.stdout + done.stderr


def test_installed_it_deploys_onto_a_board_which_ends_in_its_room(with_rooms, tmp_path):
    made = with_rooms(sys.version_info[:2])
    with RoomServer() as room, PtyBoard(tmp_path, heap="1M") as board:
        where = ["--port", board.port, "--board", "unix"]
        done = tried(made.bin / "partysocket-rooms", "deploy", *where)
        assert done.returncode == SETTINGS
        assert "Give it: partysocket-rooms deploy --host " in done.stderr
        where += ["--host", f"127.0.0.1:{room.port}", "--room", "attic"]
        said = made.run("partysocket-rooms", "deploy", *where)
        assert f"Dashboard: http://127.0.0.1:{room.port}/?room=attic\n" in said
        assert f"partysocket {version_of()} as .mpy, " in said
        # As boards/first_board.md does it.
        command = ["-m", "partysocket_rooms.command", "deploy"]
        again = made.run("python", *command, "--port", board.port, "--dry-run")
        assert "Nothing to send: all " in again


def test_installed_its_page_installs_a_board_too(with_rooms, tmp_path):
    # As boards/first_board.md starts it.
    command = [str(with_rooms(sys.version_info[:2]).bin / "python"), "-m", "partysocket_rooms"]
    with RoomServer(command=command, env=clean({"PYTHONPATH": ""})) as server:
        page = Page(server)
        assert "pico_w" in [kind["id"] for kind in page.first["boards"]]
        with pico(tmp_path) as board:
            assert page.install(board.port)[-1]["kind"] == "value"
