"""`mip.install` as a board does it, from a server that has this repository, into a folder and into
a littlefs; then a sensor runs from what was installed, and from nothing else.
"""

import hashlib
import json

import pytest

from e2e.devices import Device
from install.shelf import Shelf
from library import FORMS, PARTS, ROOT, address_of
from manifest import manifests
from rooms.clients import asynchronous, join
from rooms.server_process import RoomServer

MADE = manifests()
HERE = "host_tests/install/device.py"
ENOSPC = 28


@pytest.fixture
def shelf():
    with Shelf() as shelf:
        yield shelf


@pytest.fixture
def room(tmp_path):
    with RoomServer("--db", tmp_path / "rooms.db") as server:
        yield server


@pytest.fixture
def device(shelf, tmp_path):
    """Start a MicroPython that carries out an order; see device.py."""
    started = []

    def start(*install, heap="1M", **order):
        order = {"shelf": shelf.url, "install": install, **order}
        path = tmp_path / "order.json"
        path.write_text(json.dumps(order))
        started.append(Device("micropython", HERE, str(path), heap=heap, lib=tmp_path / "none"))
        return started[-1]

    yield start
    for one in started:
        one.kill()


def answer(device):
    """What it answers, and what mip printed before."""
    line = device.wait_start("=> ")
    return json.loads(line[3:]), device.lines[: device.lines.index(line)]


def address(manifest):
    """What a person tells mip to install."""
    name = {"package.json": ""}.get(manifest, "/" + manifest)
    return address_of() + name


def wanted(*names):
    """{target: bytes} of manifests."""
    return {
        target: ((ROOT / name).parent / url).read_bytes()
        for name in names
        for target, url in MADE[name]["urls"]
    }


def found(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


SETS = {  # what people install together
    "sources": ["package.json", "lib/wifi.json"],
    **{form: [f"lib/mpy/{form}.json"] for form in FORMS},
    "parts": [f"lib/{part}.json" for part in PARTS],
    "compiled parts": [f"lib/mpy/{part}.json" for part in PARTS],
}


@pytest.mark.parametrize("names", SETS.values(), ids=SETS)
def test_mip_installs_what_the_manifests_list(names, device, tmp_path):
    target = tmp_path / "lib"
    reply, lines = answer(device(*map(address, names), target=str(target)))
    assert reply["error"] is None, lines
    assert found(target) == wanted(*names)


def test_a_file_that_does_not_come_is_told_and_comes_with_the_next_try(shelf, device, tmp_path):
    target = tmp_path / "lib"
    shelf.missing.add("lib/partysocket/engine.py")
    _, lines = answer(device(address("package.json"), target=str(target)))
    assert any("partially installed" in line for line in lines)  # and the exit code is 0
    assert found(target) != wanted("package.json")
    shelf.missing.clear()
    answer(device(address("package.json"), target=str(target)))
    assert found(target) == wanted("package.json")


@pytest.mark.parametrize("mpy, name", [(True, "lib/mpy/portable.json"), (False, "package.json")])
def test_an_index_serves_both_forms_under_one_name(mpy, name, shelf, device, tmp_path):
    target = tmp_path / "lib"
    reply, lines = answer(device("partysocket", target=str(target), mpy=mpy))
    assert reply["error"] is None, lines
    assert found(target) == wanted(name)
    shelf.asked.clear()
    answer(device("partysocket", target=str(target), mpy=mpy))
    assert len(shelf.asked) == 1  # the list: the files are there, and have the right hash


@pytest.fixture
def flash(tmp_path):
    """Make the file of a flash of so many bytes, erased."""

    def make(size):
        path = tmp_path / "flash.img"
        path.write_bytes(b"\xff" * size)
        return str(path)

    return make


def on_flash(names):
    """{path: digest} as the device tells them."""
    return {
        f"/flash/lib/{target}": hashlib.sha256(data).hexdigest()
        for target, data in wanted(*names).items()
    }


@asynchronous
async def readings(server, name, start):
    """Wait for two readings of the device that `start` starts."""
    async with join(server, "home", role="dashboard") as dashboard:
        start()
        for _ in range(2):
            assert (await dashboard.next("reading"))["device"] == name


@pytest.mark.parametrize("names", [SETS["sources"], SETS["x64"]], ids=["sources", "x64"])
def test_a_sensor_runs_from_what_was_installed_alone(names, device, room, tmp_path):
    target = tmp_path / "lib"
    answer(device(*map(address, names), target=str(target)))

    def start():
        args = (f"127.0.0.1:{room.port}", "home", "installed")
        started.append(Device("micropython", "examples/sensor.py", *args, lib=target))

    started = []
    try:
        readings(room, "installed", start)
    finally:
        for one in started:
            one.kill()


def test_a_littlefs_keeps_it_and_a_sensor_runs_from_there(device, flash, room):
    image = flash(1 << 20)
    names = ["lib/mpy/portable.json", "lib/mpy/wifi.json"]
    place = {"flash": image, "target": "/flash/lib"}
    reply, _ = answer(device(*map(address, names), new=True, **place))
    assert reply["error"] is None
    assert reply["files"] == on_flash(names)

    def start():  # after a restart
        sensor = [str(ROOT / "examples/sensor.py"), f"127.0.0.1:{room.port}", "home", "flash"]
        device(run=sensor, **place)

    readings(room, "flash", start)


def test_a_flash_that_is_full_says_so_and_is_cleared_by_one_command(device, flash):
    """The sources don't fit into 192 KiB, the compiled library does."""
    image = flash(192 << 10)
    place = {"flash": image, "target": "/flash/lib"}
    full, _ = answer(device(address("package.json"), new=True, **place))
    assert full["error"] == ENOSPC
    left = set(full["files"])
    assert left and left < set(on_flash(["package.json"]))  # all of it in /lib/partysocket
    reply, _ = answer(device(remove=["/flash/lib/partysocket"], **place))
    assert reply["left"] == []
    reply, _ = answer(device(address("lib/mpy/portable.json"), **place))
    assert reply["error"] is None
    assert reply["files"] == on_flash(["lib/mpy/portable.json"])
