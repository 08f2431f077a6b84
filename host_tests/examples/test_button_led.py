"""examples/button_led.py: two boards in one room."""

import pytest

from rooms.clients import asynchronous, join

from .boards import Board

PIN = "pin14"
RELEASED, PRESSED = "1111111111", "0000000000"
BOUNCE = "0110100010110"


@pytest.fixture
def boards(tmp_path, host):
    with Board("button_led.py", tmp_path / "a", host) as a:
        with Board("button_led.py", tmp_path / "b", host) as b:
            yield a, b


async def both_are_there(room):
    """Each says once a second how its button stands."""
    for _ in range(4):
        assert await room.next() == {"pressed": False}


@asynchronous
async def test_a_button_that_bounces_lights_the_other_led_once(server, boards):
    a, b = boards
    async with join(server, "bench") as room:
        await both_are_there(room)
        a.write(PIN, BOUNCE + PRESSED + BOUNCE + RELEASED)
        b.wait_line("pin 2: 0")
        assert (a.lines, b.lines) == ([], ["pin 2: 1", "pin 2: 0"])
        b.write(PIN, "0")
        a.wait_line("pin 2: 1")
        await room.send(b"\xff\x00")
        for other in ("hello", "[]", '"pressed"', '{"pressed', '{"level": 3}'):
            await room.send(other)
        b.write(PIN, "1")
        a.wait_line("pin 2: 0")
        assert a.lines == ["pin 2: 1", "pin 2: 0"]


@asynchronous
async def test_a_board_without_power_holds_no_led_and_a_server_that_comes_back_shows_the_state(
    server, boards
):
    a, b = boards
    async with join(server, "bench") as room:
        await both_are_there(room)
    a.write(PIN, "0")
    b.wait_line("pin 2: 1")
    server.kill()
    b.wait_line("pin 2: 0")
    server.start()
    b.wait_lines("pin 2: 1", 2)
    a.kill()
    b.wait_lines("pin 2: 0", 2)
