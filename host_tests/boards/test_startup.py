"""Each board's start-up file, unchanged, on MicroPython with a fake radio, in lockstep with a real
room server. Whatever the network does, the board gets into its room.
"""

import ssl

import pytest
import trustme

from boards.yard import BOARDS, CHIPS, HEAP, NAME, furnish, play
from e2e.devices import Device
from library import ROOT
from rooms.clients import join
from rooms.server_process import RoomServer

# The most tries of a network in a minute: see WiFi.
TRIES_A_MINUTE = 5
# The most resets of the board in a row: see ResetBudget.
RESETS = 3
ON_THE_AIR = [name for name, board in BOARDS.items() if CHIPS[board["platform"]]]
A_BOARD_OF_EACH_CHIP = ["esp32", "pico_w", "esp8266"]
STORIES = [
    "gone_for_an_hour",
    "wrong_password_answered_late",
    "a_status_that_lies",
    "no_address_ever",
    "two_access_points",
]


def promised(board):
    """The output that the board's page promises."""
    page = (ROOT / "boards" / board / "README.md").read_text(encoding="utf-8")
    return page.split("```text\n")[1].split("\n```")[0]


@pytest.mark.parametrize("board", BOARDS)
def test_a_board_is_in_its_room_says_what_it_is_and_obeys(board, tmp_path):
    async def test(yard):
        hello = await yard.next("hello", device=NAME)
        assert [control["name"] for control in hello["controls"]] == ["led"]
        how = (await yard.next("reading", has=lambda m: "free_memory" in m["values"]))["values"]
        assert how["free_memory"] > 0 and how["reconnects"] == 0
        reading = (await yard.next("reading", yard.now, has=lambda m: "led" in m["values"]))[
            "values"
        ]
        assert reading["led"] is False and "error" not in reading
        if board in ON_THE_AIR:
            assert (reading["temperature"], how["rssi"]) == (21.5, -61)
        begun, begun_ms = yard.now, yard.loop.ms
        assert (await yard.command("led", True))["ok"] is True
        assert (await yard.next("reading", begun))["values"]["led"] is True
        # It comes at once, not with the next regular reading.
        assert yard.loop.ms - begun_ms < 5000
        refused = await yard.command("led", "bright")
        assert not refused["ok"] and "bright" in refused["error"]
        assert (await yard.command("fly", None))["ok"] is False
        report = await yard.told("over")
        lit = 0 if board == "esp8266" else 1
        assert board not in ON_THE_AIR or lit in report["levels"].values()
        assert report["clock"] == [], "for a ws room nobody is asked for the time"
        assert len(yard.all("hello")) == 1
        said = "\n".join(yard.device.lines).replace("home", "my network")
        assert said.startswith(promised(board))

    play(board, tmp_path, test)


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("board", A_BOARD_OF_EACH_CHIP)
def test_a_board_ends_in_its_room(board, story, tmp_path):
    async def test(yard):
        over = await yard.told("over")
        await yard.next("reading", yard.now, device=NAME)
        late = await yard.told("long over")
        assert late["joins"][: len(over["joins"])] == over["joins"]
        # The device is still there.
        await yard.next("reading", yard.now)
        names = [ssid for _, ssid in late["joins"]]
        for name in names:
            times = [ms for ms, ssid in late["joins"] if ssid == name]
            for first in times:
                assert len([t for t in times if 0 <= t - first < 60_000]) <= TRIES_A_MINUTE
        assert len(late["resets"]) <= RESETS
        assert late["watchdog_ms"] and late["hunger_ms"] < late["watchdog_ms"]
        if story == "no_address_ever":
            assert late["resets"], "nothing else was left to try"
        if story == "two_access_points":
            assert names[0] == "home" and names[-1] == "work"

    networks = [("home", "its password"), ("work", None)]
    own = {"NETWORKS": networks} if story == "two_access_points" else {}
    play(board, tmp_path, test, story, WATCHDOG_S=8, **own)


def test_with_a_portal_the_board_says_what_its_own_network_is_and_waits_with_its_resets(tmp_path):
    async def test(yard):
        late = await yard.told("long over")
        assert late["joins"] and yard.device.lines
        said = [line for line in yard.device.lines if line.startswith("portal: ")]
        assert "this board's own Wi-Fi is PartySocket-abcdef, its password" in said[0]
        # The portal had its turn before the first reset. Here its sockets can't be opened.
        assert late["resets"][0] > 5 * 60_000 and "Error" in said[1]
        assert len(late["resets"]) <= RESETS

    play("esp32", tmp_path, test, "no_address_ever", PORTAL=True)


@pytest.mark.parametrize("board, celsius", [("esp32", 45.0), ("pico_w", 45.2), ("esp8266", None)])
def test_without_a_sensor_the_chip_tells_its_own_temperature(board, celsius, tmp_path):
    async def test(yard):
        for after in range(2):
            values = (await yard.next("reading", after, has=lambda m: "led" in m["values"]))[
                "values"
            ]
            assert values.get("chip_temperature") == celsius
            assert "temperature" not in values and "error" not in values
        await yard.told("over")  # it is wired now
        await yard.next("reading", has=lambda m: m["values"].get("temperature") == 21.5)

    play(board, tmp_path, test, has_thermometer=False)


FAILING = """
count = 0

def read():
    global count
    count += 1
    if count < 3:
        raise OSError("the bus is stuck")
    return {"temperature": 21.5, "count": count}
"""


def test_what_device_py_raises_is_told_in_the_room_until_it_is_mended(tmp_path):
    async def test(yard):
        reading = (await yard.next("reading", has=lambda m: "error" in m["values"]))["values"]
        assert reading == {"error": "OSError: the bus is stuck"}
        mended = await yard.next("reading", has=lambda m: "temperature" in m["values"])
        assert (mended["values"]["error"], mended["values"]["count"]) == ("", 3)
        later = (await yard.next("reading", yard.now, has=lambda m: "count" in m["values"]))[
            "values"
        ]
        assert "error" not in later
        assert len(yard.all("presence")) == 1

    play("esp32", tmp_path, test, edit=lambda root: (root / "device.py").write_text(FAILING))


OLDER = """
HELLO = {"controls": []}

def read():
    return {}

def obey(name, value):
    pass
"""


def test_a_device_py_of_an_older_version_is_told_as_what_it_is(tmp_path):
    async def test(yard):
        reading = await yard.next("reading", has=lambda m: "error" in m["values"])
        assert "older main.py: give COMMANDS" in reading["values"]["error"]

    play("esp32", tmp_path, test, edit=lambda root: (root / "device.py").write_text(OLDER))


def test_a_device_py_that_can_not_be_loaded_is_loaded_again(tmp_path):
    async def test(yard):
        reading = await yard.next("reading", has=lambda m: "error" in m["values"])
        assert "invalid pin" in reading["values"]["error"]
        refused = await yard.command("led", True)
        assert refused["error"] == "no command 'led': this device has none"
        await yard.next("hello", controls=[{"name": "led", "type": "switch", "label": "LED"}])
        assert (await yard.command("led", True))["ok"]

    play("pico_w", tmp_path, test, bad_pins=1)


HANGING = """
import asyncio

async def read():
    await asyncio.Event().wait()

async def led(value):
    raise OSError(5, "the bus is stuck")

COMMANDS = {"led": led}
"""


def test_a_reading_that_never_ends_is_given_up_and_a_command_that_fails_is_answered(tmp_path):
    async def test(yard):
        reading = (await yard.next("reading", has=lambda m: "error" in m["values"]))["values"]
        assert reading["error"].startswith("TimeoutError")
        answer = await yard.command("led", True)
        assert not answer["ok"] and "the bus is stuck" in answer["error"]
        again = await yard.next("reading", yard.now, has=lambda m: "error" in m["values"])
        assert again["values"]["error"].startswith("TimeoutError")

    def edit(root):
        (root / "device.py").write_text(HANGING)

    play("esp32", tmp_path, test, edit=edit)


@pytest.fixture
def secure(tmp_path):
    """(context of the server, path of the certificate to trust) for localhost."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("localhost").configure_cert(context)
    return context, str(tmp_path / "ca.pem")


def test_for_a_wss_room_the_clock_is_set_first_and_asked_for_until_somebody_answers(
    secure, tmp_path
):
    async def test(yard):
        await yard.next("reading")
        joined = next(ms for ms, m in yard.heard if m["type"] == "presence")
        report = await yard.told("long over")
        first, second, third = report["clock"]
        # When the link is up.
        assert first >= 2000
        # When that call for the time has failed.
        assert first + 7000 <= joined < second
        assert second - first >= 60_000 and third - second >= 60_000
        assert len(yard.all("presence")) == 1

    context, path = secure
    play("esp32", tmp_path, test, tls=context, clock_fails=2, PROTOCOL="wss", CA=path)


def test_a_board_without_secrets_says_so(tmp_path):
    async def test(yard):
        assert "fill in a copy of secrets.sample.py" in await yard.has_ended()

    play("esp32", tmp_path, test, edit=lambda root: (root / "secrets.py").unlink())


async def test_a_computer_is_a_board_in_real_time_with_nothing_faked(tmp_path):
    with RoomServer("--db", tmp_path / "rooms.db") as server:
        furnish("unix", tmp_path / "root", NETWORKS=[], HOST=f"127.0.0.1:{server.port}", NAME=NAME)
        async with join(server, "home", role="dashboard") as dashboard:
            with Device("micropython", tmp_path / "root/main.py", heap=HEAP):
                reading = await dashboard.next("reading")
                assert reading["values"]["load"] >= 0 and "error" not in reading["values"]
                command = {"type": "command", "device": NAME, "name": "led", "value": True}
                await dashboard.send(command)
                assert (await dashboard.next("result"))["ok"] is True
                assert (await dashboard.next("reading"))["values"]["led"] is True
