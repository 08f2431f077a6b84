"""examples/wifi.py unchanged, in real time, with a fake radio."""

import pytest

from strict_server import StrictServer

from .boards import Board


@pytest.mark.parametrize("interpreter", ["micropython", "cpython"])
def test_the_example_joins_the_second_network_then_the_room(interpreter, tmp_path):
    async def greet(connection):
        await connection.send("welcome")
        await connection.receive()

    with StrictServer(greet) as server:
        more = {"air": "another one", "interpreter": interpreter, "heap": "1M"}
        with Board("wifi.py", tmp_path / "board", server.address, **more) as board:
            board.wait_line("Wi-Fi: another one settling")
            board.wait_line("in the room")
            board.wait_line("welcome")
            board.wait_line("Wi-Fi: another one up -61")
        assert len(server.connections) == 1
