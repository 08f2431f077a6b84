"""examples/thermometer.py, wake after wake: each is a process, and the RTC's memory a file."""

import json
import signal

import pytest

from rooms.clients import http
from strict_server import StrictServer, silent
from tls.test_unset_clock import need_faketime

from .boards import Board

NEVER_FAILED = "[0, []]"  # in RTC memory
NOBODY = "127.0.0.1:9"  # listens there


class Thermometer:
    """A board with its battery in."""

    def __init__(self, folder, memory=NEVER_FAILED):
        self.folder = folder
        folder.mkdir()
        (folder / "rtc").write_text(memory)

    @property
    def memory(self):
        return json.loads((self.folder / "rtc").read_text())

    def wake(self, host, temperature, **board):
        """Let it wake, and return for how many seconds it sleeps then."""
        (self.folder / "temperature").write_text(str(temperature))
        with Board("thermometer.py", self.folder, host, **board) as board:
            assert board.wait_end() == 0
            board.wait_output()
            return int(board.lines[-1].split("deep sleep of ")[1].split()[0])


@pytest.fixture
def thermometer(tmp_path):
    return Thermometer(tmp_path / "board")


def stored(server):
    """(temperatures, ages) that the room has of it."""
    _, state, _ = http(server, "/parties/main/home")
    (device,) = state["devices"]
    assert device["device"] == "balcony"
    series = device["history"]
    return [[value for _, value in series[name]] for name in ("temperature", "age_s")]


def temperatures(connection):
    return [json.loads(message)["values"]["temperature"] for message in connection.messages]


def test_each_wake_sends_one_reading_and_a_dead_server_makes_sleeps_longer_and_loses_nothing(
    thermometer, server, host
):
    assert thermometer.wake(host, 21.5) == 300
    assert thermometer.memory == [0, []]
    server.kill()
    sleeps = [thermometer.wake(host, float(i)) for i in range(7)]
    assert sleeps == [600, 1200, 2400, 4800, 9600, 14400, 14400]
    server.start()
    assert thermometer.wake(host, 7.0) == 300
    values, ages = stored(server)
    assert values == [21.5, *(float(i) for i in range(8))]
    assert ages[1:] == sorted(ages[1:], reverse=True)
    assert thermometer.memory == [0, []]


def test_a_reading_that_nobody_confirmed_goes_out_with_the_next_wake(thermometer):
    async def drop(connection):
        connection.drop("rst")

    with StrictServer(drop) as server:
        assert thermometer.wake(server.address, 1.0) == 600
        assert [value for _, value in thermometer.memory[1]] == [1.0]
        server.script = silent
        assert thermometer.wake(server.address, 2.0) == 300
        server.wait_closed()
        dropped, whole = server.connections
        assert temperatures(whole) == [1.0, 2.0]
        assert whole.close_code == 1000


def test_the_oldest_of_too_many_readings_goes(tmp_path):
    memory = json.dumps([9, [[0, float(i)] for i in range(20)]])
    thermometer = Thermometer(tmp_path / "board", memory)
    assert thermometer.wake(NOBODY, 20.0) == 14400
    assert [value for _, value in thermometer.memory[1]] == [float(i) for i in range(1, 21)]


@pytest.mark.parametrize("memory", ["{", "7", "\xff", "[1]"])
def test_memory_that_makes_no_sense_is_forgotten(tmp_path, memory):
    with StrictServer(silent) as server:
        assert Thermometer(tmp_path / "board", memory).wake(server.address, 21.5) == 300
        assert temperatures(*server.connections) == [21.5]


def test_a_broken_sensor_does_not_keep_it_awake(thermometer):
    assert thermometer.wake(NOBODY, "broken") == 600


def test_without_wifi_it_sleeps_again_soon(thermometer):
    fast = {"LD_PRELOAD": need_faketime(), "FAKETIME": "+0 x40"}
    assert thermometer.wake(NOBODY, 21.5, air="", env=fast) == 600
    assert [value for _, value in thermometer.memory[1]] == [21.5]


def test_when_the_power_has_just_come_it_can_be_stopped(tmp_path):
    with Board("thermometer.py", tmp_path / "board", NOBODY) as board:
        board.wait_line("Ctrl-C within 5 s keeps it awake")
        board.interrupt(signal.SIGINT)
        assert board.wait_end() != 0
        board.wait_output()
        assert "deep sleep" not in "\n".join(board.lines)
