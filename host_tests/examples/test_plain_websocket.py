"""examples/plain_websocket.py with a server without rooms."""

import json

from strict_server import StrictServer

from .boards import Board


def test_it_subscribes_on_each_connection_and_answers(tmp_path):
    async def feed(connection):
        assert json.loads(await connection.receive()) == {"subscribe": "weather"}
        await connection.send("sunny")
        assert json.loads(await connection.receive()) == {"got": 5}
        await connection.send(b"\x00\xff\x01")
        assert json.loads(await connection.receive()) == {"got": 3}
        if len(server.connections) == 1:
            await connection.close(1012, "a new version")
        else:
            connection.drop("rst")

    with StrictServer(feed) as server:
        url = f"ws://{server.address}/feed"
        with Board("plain_websocket.py", tmp_path / "board", url) as board:
            server.wait_connections(2)
            board.wait_line("b'\\x00\\xff\\x01'", 2)
            board.wait_start("lost: 1006")
        head = server.connections[0]
        assert head.path == "/feed" and head.headers["Authorization"] == "Bearer s3cret"
        assert board.lines[:6] == [
            "connected",
            "sunny",
            "b'\\x00\\xff\\x01'",
            "lost: 1012 a new version",
            "connected again",
            "sunny",
        ]
