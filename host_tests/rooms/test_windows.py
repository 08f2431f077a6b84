"""The room server without what Windows lacks. This shows that the code needs none of it, not that
Windows has the rest: it was not run there.
"""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from rooms.clients import join, post, reading, state_of
from rooms.network import Computer, need_networks
from rooms.server_process import RoomServer

TOOLS = Path(__file__).parents[2] / "tools"
# Python reads this file at its start, before any module of the server.
HOOK = """
import asyncio, os, signal, sys
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
for name in ("SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGKILL"):
    delattr(signal, name)
for name in ("fchmod", "chown", "fork"):
    delattr(os, name)
for name in ("add_signal_handler", "remove_signal_handler"):
    setattr(asyncio.SelectorEventLoop, name, getattr(asyncio.AbstractEventLoop, name))
"""
# What a program finds there.
MISSING = """
import asyncio, signal
try:
    import resource
except ImportError as error:
    print(error)
print(hasattr(signal, "SIGHUP"))
async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, print)
try:
    asyncio.run(main())
except NotImplementedError:
    print("none")
"""


@pytest.fixture
def env(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(HOOK)
    env = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{TOOLS}", "HOME": str(tmp_path)}
    env["XDG_DATA_HOME"] = str(tmp_path / "data")
    command = [sys.executable, "-c", MISSING]
    said = subprocess.check_output(command, env={**os.environ, **env}, text=True)
    assert said.splitlines()[1:] == ["False", "none"] and "resource" in said
    return env


async def test_it_serves_keeps_and_stops(env):
    with RoomServer(env=env, by_default=True) as server:
        assert "rooms.db" in server.kept
        client = await join(server, "r")
        post(server, "r", "d", t=1)
        assert (await client.next("reading"))["values"] == {"t": 1}
        server.signal(signal.SIGTERM)
        assert (await client.closed())[0] == 1001
        assert await asyncio.to_thread(server.wait) == 0
        server.restart()
        device = await join(server, "r", role="device", name="e")
        await device.send(reading(t=2))
        assert {each["device"] for each in state_of(server, "r")["devices"]} == {"d", "e"}
        # Ctrl-C.
        assert await asyncio.to_thread(server.stop, signal.SIGINT) == 0
        assert server.stderr == ""


def test_a_certificate_is_read_once_because_no_signal_asks_for_more(env, tmp_path):
    trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(
        tmp_path / "server.pem"
    )
    with RoomServer("--cert", tmp_path / "server.pem", env=env) as server:
        assert server.address.startswith("https://")
        assert (server.stop(), server.stderr) == (0, "")


def test_it_has_a_token_and_a_name_in_a_network(env, tmp_path):
    need_networks()
    with Computer() as laptop:
        laptop.plug("10.77.0.1")
        with RoomServer("--lan", env=env, inside=laptop.inside) as server:
            assert server.address == f"http://10.77.0.1:{server.port}"
            assert server.install_link()
            lines = [server.read_line() for _ in range(3)]
            assert str(tmp_path / "data" / "partysocket" / "token") in lines[0]
            assert "rooms.local" in lines[2]
            assert (server.stop(), server.stderr) == (0, "")
