"""A board has no time of day after power-on, so every certificate seems to be from the future. The
error says this, and what to do.
"""

import time

import pytest

from needs import need_faketime

from .devices import dial, done
from .ntp import NtpServer, good
from .server import Server

_HINT = ", so it is not set: see partysocket.clock.sync_clock"


@pytest.mark.parametrize("what", ["socket", "fetch"])
def test_a_refusal_names_a_clock_that_is_not_set(interpreter, shown, what):
    expired = shown["expired"]
    years = (1970, 2000, 2015, 2021, 2024, 2025, 2026, 2060)
    with Server(expired.context) as server:
        jobs = [dial(server, expired.root, what, expired.host, year=year) for year in years]
        found = done(interpreter, jobs)
        server.wait_ended(len(years))
    for year, result in zip(years, found):
        message = result["error"] if what == "fetch" else result["errors"][0]
        assert "expired" in message
        assert (f"the clock says {year}{_HINT}" in message) == (year < 2025), message


def test_a_device_without_the_time_is_refused_asks_for_it_and_gets_in(
    interpreter, shown, tmp_path
):
    clock = tmp_path / "clock"
    clock.write_text("@2000-01-01 00:00:00")
    env = {
        "LD_PRELOAD": need_faketime(),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "TZ": "UTC",
    }
    # trustme's are valid from 2000 on.
    identity = shown["cross-signed"]
    now = int(time.time())
    with Server(identity.context) as server, NtpServer(good(now)) as ntp:
        ask = {"host": "127.0.0.1", "port": ntp.port}
        visit = dial(server, identity.root)
        jobs = [visit, {"what": "clock", "arguments": ask, "clock": str(clock)}, visit]
        refused, synced, opened = done(interpreter, jobs, env=env)
        server.wait_ended(2)
    (message,) = refused["errors"]
    reason = "in the future" if interpreter == "micropython" else "not yet valid"
    assert reason in message and f"the clock says 2000{_HINT}" in message
    assert refused["year"] == 2000 and synced["seconds"] - now <= 10
    assert (opened["opened"], opened["year"]) == (1, time.gmtime(now).tm_year)
