"""The room server's targets of alerts: the file that the operator writes, and apprise."""

import asyncio
import json
import os
import threading

import pytest

from room_server import alert_targets
from room_server.alert_targets import Target, TargetError, targets_of
from room_server.settings import parse_arguments
from rooms.alert_stories import CASES
from rooms.clients import WAIT_S, join, post
from rooms.receiver import Receiver

GOOD = {"kind": "ntfy", "url": "https://example.org/topic", "token": "tk_s3cret"}


@pytest.mark.parametrize("case", CASES["targets"], ids=lambda case: " ".join(case["named"]))
def test_a_wrong_target_is_named_with_its_remedy(case):
    with pytest.raises(TargetError) as error:
        targets_of(json.dumps(case["targets"]))
    assert all(text in str(error.value) for text in case["named"]), error.value
    assert "s3cret" not in str(error.value) and "192.168" not in str(error.value)


def refused(capsys, path):
    with pytest.raises(SystemExit) as ended:
        parse_arguments(["--alert-targets", str(path)])
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_the_file_is_read_and_is_no_secret_of_the_settings(tmp_path):
    path = tmp_path / "targets.json"
    here = {"kind": "webhook", "url": "http://[::1]:8/hook", "every": 0.5}
    path.write_text(json.dumps({"phone": GOOD, "hook": here}))
    path.chmod(0o640)
    settings = parse_arguments(["--alert-targets", str(path)])
    phone, hook = settings.alert_targets.values()
    assert (phone.name, phone.url, phone.secret) == ("phone", GOOD["url"], "tk_s3cret")
    assert (hook.secret, hook.every_s, phone.every_s) == (None, 0.5, 5)
    assert "s3cret" not in repr(settings) + repr(phone) and "topic" not in repr(phone)


def test_a_file_that_cannot_be_used_ends_the_start(tmp_path, capsys, monkeypatch):
    path = tmp_path / "targets.json"
    assert "No such file" in refused(capsys, path)
    path.write_text('{"phone": s3cret')
    path.chmod(0o600)
    assert "not JSON" in (said := refused(capsys, path)) and "s3cret" not in said
    path.write_text(json.dumps({"phone": GOOD}))
    if os.name == "posix":
        path.chmod(0o604)
        assert "open to everyone" in refused(capsys, path)
        path.chmod(0o600)
    path.write_text(json.dumps({"mail": {"kind": "apprise", "url": "nothing://s3cret"}}))
    said = refused(capsys, path)
    assert "apprise does not know" in said and "s3cret" not in said
    monkeypatch.setattr(alert_targets, "find_spec", lambda name: None)
    assert "apprise is not installed" in refused(capsys, path)


async def test_tries_by_apprise_that_hang_are_bounded_and_hold_up_no_other(monkeypatch):
    from room_server import by_apprise

    def send(url, *_):
        assert url == "quick://" or end.wait(WAIT_S)
        return True

    end = threading.Event()
    monkeypatch.setattr(by_apprise, "_send", send)
    monkeypatch.setattr(by_apprise, "_TIMEOUT_S", 0.05)
    slow, quick = (Target(name, "apprise", f"{name}://") for name in ("slow", "quick"))
    whys = [await by_apprise.deliver(slow, {}, "home") for _ in range(6)]
    busy = "earlier tries have not ended"
    assert whys == ["no answer within 0.05 s"] * 4 + [busy] * 2
    monkeypatch.setattr(by_apprise, "_TIMEOUT_S", WAIT_S)
    assert await by_apprise.deliver(quick, {}, "home") is None
    end.set()
    while (why := await by_apprise.deliver(slow, {}, "home")) == busy:
        await asyncio.sleep(0.005)
    assert why is None


async def test_apprise_sends_and_is_tried_again(start, room, tmp_path):
    with Receiver(tmp_path) as receiver:
        path = tmp_path / "targets.json"
        url = receiver.url("/apprise").replace("http", "json")
        path.write_text(json.dumps({"mail": {"kind": "apprise", "url": url, "every": 0.05}}))
        path.chmod(0o600)
        server = start("--alert-targets", path)
        dashboard = await join(server, room, role="dashboard")
        rule = {"id": "hot", "device": "d", "name": "t", "kind": "above", "limit": 30}
        message = {"type": "alerts", "version": 0, "rules": [{**rule, "targets": ["mail"]}]}
        await dashboard.send(message)
        await dashboard.next("alerts")
        receiver.kill()
        post(server, room, "d", t=31)
        [target] = (await dashboard.next("alerts"))["targets"]
        assert target["kind"] == "apprise" and target["waiting"] == 1
        assert target["error"] == "apprise could not send it"
        receiver.start()
        [request] = await receiver.until(len, "/apprise")
        body = json.loads(request["body"])
        assert (body["title"], body["message"]) == (f"Alert in {room}", "d: t 31, above 30")
        assert (await dashboard.next("alerts"))["targets"] == [{"name": "mail", "kind": "apprise"}]
        assert "127.0.0.1" not in server.stderr
