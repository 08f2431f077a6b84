"""examples/thermometer.py, one wake-up after another. Each is a process, and the RTC's memory is a
file.
"""

import json
import signal

import pytest

from rooms.clients import state_of
from strict_server import StrictServer, silent
from tls.test_unset_clock import need_faketime

from .boards import Board

# In RTC memory.
NEVER_FAILED = "[0, []]"
# Nothing listens there.
NOBODY = "127.0.0.1:9"


@pytest.fixture
def folder(tmp_path):
    """The folder of a board with its battery in."""
    folder = tmp_path / "board"
    folder.mkdir()
    (folder / "rtc").write_text(NEVER_FAILED)
    return folder


def memory(folder):
    return json.loads((folder / "rtc").read_text())


def waiting(folder):
    return [value for _, value in memory(folder)[1]]


def wake(folder, host, temperature, **board):
    """Let it wake up. Returns how many seconds it sleeps after that."""
    (folder / "temperature").write_text(str(temperature))
    with Board("thermometer.py", folder, host, **board) as board:
        assert board.wait_end() == 0
        board.wait_output()
        return int(board.lines[-1].split("deep sleep of ")[1].split()[0])


def stored(server):
    """(temperatures, ages) of the board's readings in the room."""
    (device,) = state_of(server, "home")["devices"]
    assert device["device"] == "balcony"
    series = device["history"]
    return [[value for _, value in series[name]] for name in ("temperature", "age_s")]


def temperatures(connection):
    said = [json.loads(message).get("values", {}) for message in connection.messages]
    return [values["temperature"] for values in said if "temperature" in values]


def test_each_wake_sends_one_reading_and_a_dead_server_makes_sleeps_longer_and_loses_nothing(
    folder, server, host
):
    assert wake(folder, host, 21.5) == 300
    assert memory(folder) == [0, []]
    server.kill()
    sleeps = [wake(folder, host, float(i)) for i in range(7)]
    assert sleeps == [600, 1200, 2400, 4800, 9600, 14400, 14400]
    server.start()
    assert wake(folder, host, 7.0) == 300
    values, ages = stored(server)
    assert values == [21.5, *(float(i) for i in range(8))]
    assert ages[1:] == sorted(ages[1:], reverse=True)
    assert memory(folder) == [0, []]


def test_a_reading_that_nobody_confirmed_goes_out_with_the_next_wake(folder):
    async def drop(connection):
        connection.drop("rst")

    with StrictServer(drop) as server:
        assert wake(folder, server.address, 1.0) == 600
        assert waiting(folder) == [1.0]
        server.script = silent
        assert wake(folder, server.address, 2.0) == 300
        server.wait_closed()
        dropped, whole = server.connections
        assert temperatures(whole) == [1.0, 2.0]
        assert whole.close_code == 1000


def test_the_oldest_of_too_many_readings_goes_and_a_broken_sensor_does_not_keep_it_awake(folder):
    (folder / "rtc").write_text(json.dumps([9, [[0, float(i)] for i in range(20)]]))
    assert wake(folder, NOBODY, 20.0) == 14400
    assert waiting(folder) == [float(i) for i in range(1, 21)]
    assert wake(folder, NOBODY, "broken") == 14400


@pytest.mark.parametrize("nonsense", ["{", "7", "\xff", "[1]"])
def test_memory_that_makes_no_sense_is_forgotten(folder, nonsense):
    (folder / "rtc").write_text(nonsense)
    with StrictServer(silent) as server:
        assert wake(folder, server.address, 21.5) == 300
        assert temperatures(*server.connections) == [21.5]


def test_without_wifi_it_sleeps_again_soon(folder):
    fast = {"LD_PRELOAD": need_faketime(), "FAKETIME": "+0 x40"}
    assert wake(folder, NOBODY, 21.5, air="", env=fast) == 600
    assert waiting(folder) == [21.5]


def test_when_the_power_has_just_come_it_can_be_stopped(tmp_path):
    with Board("thermometer.py", tmp_path / "board", NOBODY) as board:
        board.wait_line("Ctrl-C within 5 s keeps it awake")
        board.interrupt(signal.SIGINT)
        assert board.wait_end() != 0
        board.wait_output()
        assert "deep sleep" not in "\n".join(board.lines)
