"""Coming in, as far as it is the room server's own way: the rest is in rooms/contract."""

from rooms.clients import connect, http, join, refusal


async def test_a_room_of_another_party_is_another_room(server, room):
    main = await join(server, room)
    lab = await join(server, room, party="lab")
    async with join(server, room) as a, join(server, room, party="lab") as b:
        await a.send("for main")
        await b.send("for lab")
    assert (await main.raw(), await lab.raw()) == ("for main", "for lab")


def test_a_handshake_that_keeps_http_is_refused_and_nobody_is_told(server, room):
    lines = (
        f"GET /parties/main/{room}?role=device&name=ghost HTTP/1.1",
        *("Host: a", "Upgrade: websocket", "Connection: close", "Sec-WebSocket-Version: 13"),
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    with connect(server) as tcp:
        tcp.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert tcp.makefile("rb").readline().startswith(b"HTTP/1.1 400 ")
    assert http(server, f"/parties/main/{room}")[1]["devices"] == []


async def test_each_limit_that_is_reached_names_its_option(start, room):
    limits = ("--max-clients", "1", "--max-devices", "1", "--max-rooms", "2")
    small = start(*limits)
    path, body = f"/parties/main/{room}?name=a", b'{"type":"reading","values":{"t":1}}'
    await join(small, room, role="device", name="b")
    status, answer, _ = http(small, path, body)
    assert status == 503 and "--max-devices" in answer["error"]
    status, text = await refusal(small, room)
    assert status == 503 and "--max-clients" in text
    await join(small, room + "2")
    status, text = await refusal(small, room + "3")
    assert status == 503 and "--max-rooms" in text
