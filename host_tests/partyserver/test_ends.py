"""What our client sees when a server ends, on both interpreters."""

import os
import signal

import pytest
from websockets.sync.client import connect

from e2e.devices import talker
from needs import need_workerd
from partyserver import PartyServer

on_both = pytest.mark.parametrize("interpreter", ["micropython", "cpython"])


def join(server, interpreter, **options):
    greeting = ["echo:here"]
    return talker(interpreter, host=server.address, room="r", options=options, send=greeting)


@on_both
def test_a_server_that_is_killed_ends_tcp_without_a_close(interpreter):
    with (
        PartyServer(need_workerd()) as server,
        join(server, interpreter, party="main") as main,
        join(server, interpreter, party="hib") as hib,
    ):
        for device in (main, hib):
            device.wait("text", data="echo:here")
        server.kill()
        for device in (main, hib):
            error = device.wait("error", phase="websocket")
            assert "without a Close" in error["message"]
            device.wait("close", code=1006, clean=False)


@on_both
def test_a_server_that_drains_serves_who_is_there_and_nobody_else(interpreter):
    with (
        PartyServer(need_workerd()) as server,
        connect(server.ws_url("r"), proxy=None) as member,
        join(server, interpreter) as device,
    ):
        device.wait("text", data="echo:here")
        os.kill(server.pid, signal.SIGTERM)
        with join(server, interpreter, connection_timeout=1000) as late:
            late.wait("error", message="TIMEOUT", phase="http")
        member.send("say:echo:and still")
        device.wait("text", data="echo:and still")
