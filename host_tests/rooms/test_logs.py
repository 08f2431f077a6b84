"""tools/room_server/logs.py: lines for programs, without secrets."""

import json
import logging
import re

import pytest

import processes
from room_server import logs
from room_server.checks import shorten
from rooms.clients import http, join, refusal, talk
from rooms.test_metrics import figures_of

# Each secret begins with this, so that half a secret is found too.
_MARK = "S3CR3T"
_TIME = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def lines(server):
    """Return the objects that were logged."""
    found = [json.loads(line) for line in server.stderr.splitlines()]
    for line in found:
        assert list(line)[:4] == ["time", "level", "event", "text"]
        assert re.fullmatch(_TIME, line["time"]) and line["text"]
    return found


def facts(line):
    return {key: line[key] for key in line if key not in ("time", "text")}


async def test_each_event_is_an_object_with_who_where_and_why(start):
    server = start("--verbose", "--log-format", "json", "--party", "lab")
    async with join(server, "r", party="lab", role="device", name='d"é', pk="p") as device:
        await device.socket.close(4321)
    async with join(server, "r%20x", party="lab", pk="q"):
        pass
    assert (await refusal(server, "r", party="lab", role="x"))[0] == 400
    assert server.stop() == 0
    joined, left, _, _, refused = lines(server)
    who = {"party": "lab", "room": "r", "client": "p", "role": "device", "device": 'd"é'}
    assert facts(joined) == {"level": "info", "event": "joined", "address": "127.0.0.1", **who}
    assert facts(left) == {"level": "info", "event": "left", "code": 4321, **who}
    assert refused.pop("reason").startswith("role '...': give")
    which = {"status": 400, "address": "127.0.0.1", "path": "/parties/lab/r"}
    assert facts(refused) == {"level": "info", "event": "refused", **which}


async def test_a_client_that_is_dropped_is_a_warning_without_verbose_and_counted(start, room):
    options = ("--log-format", "json", "--queue-messages", "9", "--rate", "100000", "--metrics")
    server = start(*options, "--request-rate", "1000")
    sender, stuck = await join(server, room), await join(server, room, role="device", pk="s")
    stuck.stop_reading()
    assert (await sender.next("presence"))["online"] is True
    backlogs = [0]
    while (figures := figures_of(server))["slow_clients_dropped_total",] < 1:
        backlogs.append(figures["backlog_bytes",])
        await sender.send(bytes(16000))
    assert max(backlogs) > 0
    assert (await sender.next("presence"))["online"] is False
    stuck.vanish()
    [line] = lines(server)
    who = {"party": "main", "room": room, "client": "s", "role": "device", "device": "s"}
    assert facts(line) == {"level": "warning", "event": "dropped", **who}


@pytest.mark.parametrize("format", logs.FORMATS)
async def test_no_secret_is_logged_on_any_path(start, tmp_path, format):
    """In addition to contract/test_tokens: requests for no room, and invalid heads."""
    (tmp_path / "tokens").write_text(f"attic {_MARK}attic\n* {_MARK}watch read\n")
    options = ("--list-rooms", "--metrics", "--token-file", tmp_path / "tokens")
    token = _MARK + "token"
    env = {"ROOM_SERVER_TOKEN": token}
    server = start("--verbose", "--log-format", format, *options, env=env)
    answers = ""
    for secret in (token, _MARK + "wr0ng"):
        header = {"Authorization": f"Bearer {secret}", "Cookie": f"s={secret}"}
        for path in ("/parties/main/r", "/rooms", "/metrics", "/nothing", "/parties/no/r"):
            http(server, f"{path}?token={secret}&format={secret}&role={_MARK}")
            http(server, f"{path}?x={secret}", b"{" * 20000, None, header)
        for head in (
            f"GET /parties/main/r?token={secret} HTTP/9.9",
            f"{secret} /x?{secret} HTTP/1.1",
            f"GET /\x01?{secret} HTTP/1.1\r\nA b: {secret}",
            f"GET /?{secret * 2000} HTTP/1.1\r\nX: {secret * 2000}",
            f"GET /?token={secret} HTTP/1.1\r\n{secret}",
            f"GET /parties/main/r HTTP/1.1\r\nSec-WebSocket-Protocol: {secret}",
        ):
            status, answer, headers = talk(server, f"{head}\r\nHost: a\r\n\r\n".encode())
            answers += f"{status} {answer} {headers}"
        await refusal(server, "r", token=secret, role=_MARK)
    async with join(server, "r", role="device", name="a b\u3000c", token=token) as client:
        await client.send(f'{{"type":"{_MARK}"}}')
        await client.next("error")
        await client.send("x" * 20000)
        await client.closed()
    command = processes.arguments(server.pid)
    assert "room_server" in command and "400 " in answers
    assert server.stop() == 0
    assert all(word in server.stderr for word in ("401", "joined", "left"))
    assert _MARK not in server.stderr + answers + command
    assert "a b\\u3000c" in server.stderr and "Traceback" not in server.stderr
    assert format == "text" or lines(server)


def test_what_an_error_quotes_is_left_out():
    for value in ("x", "it's", '"', "'\"", "\\", "\\'\"", "a'b'c", "\n'"):
        text = f"role {shorten(value)}: give {shorten([value])} or {shorten({value: value})}"
        assert logs.without_values(text) == "role '...': give ['...'] or {'...': '...'}"


def test_a_fault_is_one_line_with_its_traceback(caplog):
    try:
        raise ValueError("two\nlines")
    except ValueError as failure:
        logs.error("fault", "a request failed", failure, room="r")
    logging.getLogger("asyncio").error("a task was destroyed: %s", "x")
    said = map(logs.JsonFormatter().format, caplog.records)
    fault, other = [json.loads(line) for text in said for line in text.splitlines()]
    assert (fault["level"], fault["event"], fault["room"]) == ("error", "fault", "r")
    assert "ValueError: two\nlines" in fault["traceback"]
    assert facts(other) == {"level": "error", "event": "log"}


def test_a_warning_comes_once_until_its_text_is_another_or_nothing_is_wrong(caplog):
    warnings = logs.Warnings()
    for subject, text in (
        *(("a", "x"), ("a", "x"), ("b", "x"), ("a", "y"), ("a", "y"), ("a", "x"), ("b", "x")),
        *(("a", None), ("a", "x"), ("c", None)),
    ):
        if text is None:
            warnings.over(subject)
        else:
            warnings.warning(subject, "odd", f"{subject} {text}")
    assert caplog.messages == ["a x", "b x", "a y", "a x", "a x"]
    caplog.clear()
    # 0 is forgotten when 1000 comes.
    for subject in (*range(1000), 0, 999, 1000, 1, 0):
        warnings.warning(subject, "odd", "x")
    assert len(caplog.messages) == 1002
