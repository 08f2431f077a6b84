"""examples/button_led.py: two boards in one room."""

import pytest

from rooms.clients import join, until
from strict_server import StrictServer

from .boards import Board

PIN = "pin14"
RELEASED, PRESSED = "1111111111", "0000000000"
BOUNCE = "0110100010110"


@pytest.fixture
def boards(tmp_path, host):
    with Board("button_led.py", tmp_path / "a", host) as a:
        with Board("button_led.py", tmp_path / "b", host) as b:
            yield a, b


async def at_rest(room):
    """Wait until both boards say, as they do once a second, that nothing is pressed."""
    said = []
    while said[-5:] != [{"pressed": False}] * 5:
        said.append(await room.next())
    return said


async def test_a_button_that_bounces_lights_the_other_led_once(server, boards):
    a, b = boards
    async with join(server, "bench") as room:
        await until(server, "bench", lambda state: state["clients"]["other"] == 3)
        a.write(PIN, BOUNCE + PRESSED + BOUNCE + RELEASED)
        said = await room.next()
        while not said["pressed"]:
            said = await room.next()
        assert {"pressed": True} not in await at_rest(room)
        assert b.lines == ["pin 2: 1", "pin 2: 0"]
        b.write(PIN, "0")
        a.wait_line("pin 2: 1")
        await room.send(b"\xff\x00")
        for other in ("hello", "[]", '"pressed"', '{"pressed', '{"level": 3}'):
            await room.send(other)
        b.write(PIN, "1")
        a.wait_line("pin 2: 0")
        assert a.lines == b.lines == ["pin 2: 1", "pin 2: 0"]


def test_the_newest_state_is_shown_after_an_outage_and_nothing_when_the_other_board_is_dead(
    tmp_path,
):
    async def relay(connection):
        while True:
            message = await connection.receive()
            for other in server.open_connections:
                if other is not connection:
                    await other.send(message)

    with StrictServer(relay) as server:
        with Board("button_led.py", tmp_path / "a", server.address) as a:
            with Board("button_led.py", tmp_path / "b", server.address) as b:
                b.write(PIN, "0")
                a.wait_line("pin 2: 1")
                server.drop_all("rst")
                a.write(PIN, "0")
                b.wait_line("pin 2: 1")
                a.kill()
                b.wait_line("pin 2: 0")
