"""A board that has just got its power has no time of day: every certificate seems to be from the
future. It is told so, and what to do about it.
"""

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from needs import need

from .devices import dialed, results, run
from .ntp import NtpServer, good
from .server import Server

_HINT = ", so it is not set: see partysocket.clock.sync_clock"


def need_faketime():
    """libfaketime, PyPI's or Debian's, if it works here."""
    spec = importlib.util.find_spec("libfaketime")
    folder = Path(spec.origin).parent if spec else Path("/nonexistent")
    found = [*folder.glob("vendor/**/libfaketime.so.1")]
    found += Path("/usr/lib").glob("*/faketime/libfaketime.so.1")
    return need("libfaketime", next((str(path) for path in found if _works(path)), None))


def _works(path):
    env = {**os.environ, "LD_PRELOAD": str(path), "FAKETIME": "@2000-01-01 12:00:00"}
    program = "import time; print(time.localtime()[0])"
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=env, capture_output=True, text=True).stdout == "2000\n"


@pytest.mark.parametrize("how", ["socket", "fetch"])
def test_a_refusal_names_a_clock_that_is_not_set(interpreter, shown, how):
    expired = shown["expired"]
    years = (1970, 2000, 2015, 2021, 2024, 2025, 2026, 2060)
    with Server(expired.context) as server:
        found = dialed(
            interpreter,
            [
                {
                    "name": "",
                    "host": expired.host,
                    "port": server.port,
                    "ssl": {"path": expired.root},
                    "how": how,
                    "year": year,
                }
                for year in years
            ],
        )
        server.wait_ended(len(years))
    for year, result in zip(years, found):
        message = result["error"] if how == "fetch" else result["errors"][0]
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
    identity = shown["cross-signed"]  # trustme's are valid from 2000 on
    now = int(time.time())
    with Server(identity.context) as server, NtpServer(good(now)) as ntp:
        settings = {
            "port": server.port,
            "root": identity.root,
            "ntp": ntp.port,
            "clock": str(clock),
        }
        found = results(run(interpreter, "unset_device.py", settings, env=env))
        server.wait_ended(2)
    error, synced, opened = found
    assert (error["what"], error["year"]) == ("error", 2000)
    reason = "in the future" if interpreter == "micropython" else "not yet valid"
    assert reason in error["message"] and f"the clock says 2000{_HINT}" in error["message"]
    assert (synced["what"], opened["what"]) == ("synced", "open")
    assert synced["seconds"] - now <= 10 and opened["year"] == time.gmtime(now).tm_year
