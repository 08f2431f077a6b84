"""GET and POST on a room."""

import gzip

from rooms.clients import http, join, join_many, path_of, post, reading, state_of, talk

from .servers import one_of

LIMIT = 16384


async def test_a_post_is_published_and_counted(server, room):
    path = path_of(room)
    a, b = await join_many(server, room, 2)

    def publish(body, query="", **headers):
        status, answer, _ = http(server, path + query, body, None, headers)
        assert (status, answer.pop("ok")) == (200, True)
        return answer

    roof = b'{"type":"reading","device":"roof","values":{"t":3}}'
    for body in (b"hello", b"x" * LIMIT, roof):
        assert publish(body) == {"delivered": 2}
    assert publish(roof, "?name=attic") == {"delivered": 2}
    assert publish(b"\xff", **{"Content-Type": "application/octet-stream"}) == {"delivered": 2}
    for client in (a, b):
        assert await client.raw() == "hello"
        assert await client.raw() == "x" * LIMIT
        assert [(await client.next())["device"] for _ in range(2)] == ["roof", "attic"]
        assert await client.raw() == b"\xff"
    device = await join(server, room, role="device", name="roof")
    command = b'{"type":"command","device":"roof","name":"led","value":1}'
    assert publish(command) == {"delivered": 1}
    assert (await device.next("command"))["value"] == 1


def test_a_bad_post_is_refused(server, room):
    nobodys = b'{"type":"reading","values":{"t":1}}'
    for status, word, body, *query in (
        (400, "JSON", b"{"),
        (400, "UTF-8", b"\xff"),
        (400, "device", nobodys),
        (400, "device", nobodys, "name="),
        (400, "device", b'{"type":"reading","values":{"t":1},"device":[]}'),
        (400, "result", b'{"type":"result","name":"n","ok":true}'),
        (400, "hello", b'{"type":"hello","name":"n"}', "name=d"),
        (404, "'d' is not here", b'{"type":"command","device":"d","name":"n"}'),
        (413, "16384", b"x" * (LIMIT + 1)),
    ):
        got, answer, _ = http(server, path_of(room, *query), body)
        assert got == status and word in answer["error"]
    # It is within the limit as long as it is not decompressed.
    bomb = gzip.compress(bytes(10_000_000))
    for encoding in ("gzip", "GZIP, identity", "br", "zstd"):
        headers = {"Content-Encoding": encoding}
        status, answer, _ = http(server, path_of(room), bomb, None, headers)
        assert status == 400 and "Content-Encoding" in answer["error"]
    assert state_of(server, room)["devices"] == []


def test_a_body_without_a_type_is_text(server, room):
    body = reading(t=1).encode()
    path = path_of(room, "name=d")
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n"
    assert talk(server, head.encode() + body)[:2] == (200, {"ok": True, "delivered": 0})
    [device] = state_of(server, room)["devices"]
    assert device["last"] == {"t": 1}


def test_other_methods_are_refused_with_those_allowed(server, room):
    for method in ("PUT", "DELETE", "OPTIONS", "PATCH"):
        status, _, headers = http(server, path_of(room), method=method)
        assert (status, headers["Allow"]) == (405, "GET, HEAD, POST")


def test_get_shows_last_values_and_the_history_in_json(server, room):
    path = path_of(room)
    for n in range(5):
        post(server, room, "roof", t=n, s="x", b=True)
    status, state, headers = http(server, path)
    assert status == 200
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert set(state) == {"room", "at", "clients", "storage", "devices", "alerts"}
    assert state["storage"] == "disk"
    assert state["clients"] == {"device": 0, "dashboard": 0, "other": 0}
    [device] = state["devices"]
    assert set(device) == {"device", "online", "at", "about", "last", "history", "changes"}
    assert (device["device"], device["online"]) == ("roof", False)
    assert device["last"] == {"t": 4, "s": "x", "b": True}
    points = {name: [value for _, value in of] for name, of in device["history"].items()}
    assert points == {"t": [0, 1, 2, 3, 4]}
    times = [at for at, _ in device["history"]["t"]]
    assert times == sorted(times)
    changes = {name: [value for _, value in of] for name, of in device["changes"].items()}
    assert changes == {"s": ["x"], "b": [True]}
    assert http(server, path, method="HEAD")[:2] == (200, "")


def test_an_answer_that_is_no_page_can_do_nothing_in_a_browser(server):
    for path in ("/parties/main/r", "/nothing", "/parties/nope/r"):
        headers = http(server, path)[2]
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"


def test_the_dashboard_is_served_to_browsers_that_trust_nothing_else(server):
    server = one_of(server)
    status, page, headers = http(server, "/?room=home&token=s3cret")
    assert (status, headers.get_content_type()) == (200, "text/html")
    host = server.url.removeprefix("http://")
    assert headers["Content-Security-Policy"] == (
        f"default-src 'self'; connect-src 'self' ws://{host} wss://{host}; img-src 'self' data:;"
        " object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-cache"
    for name, kind in (("dashboard.js", "text/javascript"), ("dashboard.css", "text/css")):
        assert name in page
        status, _, headers = http(server, f"/{name}")
        assert (status, headers.get_content_type()) == (200, kind)
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert http(server, "/", b"x")[0] == 405
