"""Tokens on the wire: each opens what it should, and none is told to anybody."""

import json
import subprocess

import pytest

from room_server.settings import parse_arguments
from rooms.clients import refusal, talk, upgrade
from rooms.server_process import RoomServer
from rooms.test_process import run

HOUSE, WATCH, ATTIC, BENCH = "h0use-s3cret", "w4tch-s3cret", "4ttic-s3cret", "b3nch-s3cret"
SECRETS = (HOUSE, WATCH, ATTIC, BENCH)
PARTIES = ("--party", "main", "--party", "lab")


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """Every way to give a token at once."""
    path = tmp_path_factory.mktemp("tokens") / "tokens"
    path.write_text(f"lab/bench {BENCH}\n")
    env = {"ROOM_SERVER_TOKEN": HOUSE, "ROOM_SERVER_READ_TOKEN": WATCH}
    arguments = (*PARTIES, "--verbose", "--token-file", path, "--room-token", f"attic={ATTIC}")
    with RoomServer(*arguments, "--request-rate", "10000", env=env) as running:
        yield running


@pytest.mark.parametrize(
    ("party", "room", "token", "status"),
    [
        ("main", "any", HOUSE, 101),
        ("main", "attic", ATTIC, 101),
        ("lab", "attic", ATTIC, 101),
        ("lab", "bench", BENCH, 101),
        ("main", "bench", BENCH, 401),
        ("lab", "bench", ATTIC, 401),
        ("lab", "bench", WATCH, 101),
    ],
)
async def test_every_way_to_give_a_token_opens_its_rooms(closed, party, room, token, status):
    assert (await refusal(closed, room, party=party, token=token))[0] == status


def test_no_token_stands_in_an_answer_a_log_or_the_process_list(start, tmp_path):
    path = tmp_path / "tokens"
    path.write_text(f"attic {ATTIC}\n* {WATCH} read\n")
    env = {"ROOM_SERVER_TOKEN": HOUSE}
    server = start("--verbose", "--token-file", path, env=env)
    answers = b""
    for secret in (HOUSE, WATCH, ATTIC, "wr0ng-s3cret"):
        for request in (
            upgrade(f"/parties/main/attic?token={secret}", "Sec-WebSocket-Key: @"),
            upgrade("/parties/main/attic", f"Authorization: Bearer {secret}\x00"),
            upgrade("/parties/main/r", f"Authorization: Bearer {secret}", "Origin: http://x"),
            upgrade(f"/parties/main/r?token={secret}", f"Sec-WebSocket-Protocol: {secret}"),
            upgrade(f"/{secret}\x01?token={secret}"),
            upgrade(f"/x?token={secret}" + "y" * 9000),
            f"{secret}\r\n\r\n".encode(),
            f"BREW /parties/main/r?token={secret} HTTP/9.9\r\n\r\n".encode(),
            f"GET /?token={secret} HTTP/1.1\r\nHost: a\r\n{secret}\r\n\r\n".encode(),
            f"PUT /parties/main/r?token={secret} HTTP/1.1\r\nHost: a\r\n"
            "Connection: close\r\n\r\n".encode(),
        ):
            answers += talk(server, request)
    listing = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(server.pid)], capture_output=True, check=True
    ).stdout
    assert b"room_server" in listing
    assert server.stop() == 0
    assert b" 400 Bad Request" in answers and "401" in server.stderr
    for output in (answers, listing, server.stderr.encode()):
        assert b"s3cret" not in output


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("--room-token", "home"), "ROOM=TOKEN"),
        (("--room-token", "a/b/c=s3cret"), "PARTY/ROOM"),
        (("--room-token", "home=s3crét"), "ASCII"),
        (("--room-token", "home="), "1 to 256"),
        (("--read-token", "s3cret s3cret"), "ASCII"),
        (("--tokn", "s3cret"), "--tokn"),
        (("--tokn=s3cret",), "--tokn"),
        (("s3cret",), "unknown"),
        (("--token-file", "/nowhere/tokens"), "/nowhere/tokens"),
        (("--token-file", "/dev/null"), "has no token"),
    ],
)
def test_a_bad_token_argument_is_told_without_the_token(args, word, capsys):
    with pytest.raises(SystemExit) as ended:
        parse_arguments(args)
    out, err = capsys.readouterr()
    assert (ended.value.code, out, err.count("\n")) == (2, "", 1)
    assert word in err and "s3cr" not in err


def test_an_empty_variable_does_not_open_the_rooms(monkeypatch):
    monkeypatch.setenv("ROOM_SERVER_TOKEN", "")
    status, _, err = run("--port", 0)
    assert status == 2 and "1 to 256" in err


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null", ""])
def test_another_site_s_page_is_told_the_option(server, room, origin):
    request = upgrade(f"/parties/main/{room}", f"Origin: {origin}")
    head, _, body = talk(server, request).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 403 "), head
    assert "--allow-origin" in json.loads(body)["error"]
