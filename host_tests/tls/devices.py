"""Runs programs on MicroPython and CPython to their end, with any copy of the library."""

import json
import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

from interpreters import LIB, command_of

HERE = Path(__file__).parent
# Only a failure takes so long.
_LIMIT_S = 90


def run(
    interpreter, program, settings, *, lib=None, env=(), heap="1M", limit_s=_LIMIT_S, watched=True
):
    """The output of host_tests/tls/`program`. Its argument is the path of a file with `settings`.
    `watched`: use CPython's development mode, which makes asyncio five times as slow.
    """
    flags = ["-X", "dev"] if watched else []
    command, variables = command_of(interpreter, heap, lib, flags)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(settings, file)
        file.flush()
        done = subprocess.run(
            [*command, str(HERE / program), file.name],
            env={**variables, **dict(env)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit_s,
        )
    output = done.stdout.decode(errors="replace")
    assert done.returncode == 0, output
    assert "ResourceWarning" not in output, output
    return output


def results(output):
    """The lines of JSON in the output."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def dial(server, ssl, what="socket", host="room.test", arguments=(), **job):
    """A job for device.py: a socket or a fetch that dials `server` with TLS."""
    at = f"{host}:{server.port}"
    place = {"host": at, "room": "r", "protocol": "wss"}
    if what == "socket":
        place = {"url": f"wss://{at}/"}
    return {"what": what, "arguments": {**place, "ssl": ssl, **dict(arguments)}, **job}


def both_ways(server, ssl, **how):
    """A job for a socket, and one for a fetch."""
    return [dial(server, ssl, what, **how) for what in ("socket", "fetch")]


def done(interpreter, jobs, *, meanwhile=None, printed=None, **how):
    """The results of the jobs, run by device.py in one process. `meanwhile` is called when they
    are done, while the process still has all its objects. `printed` gets its output.
    """
    with socket.create_server(("127.0.0.1", 0)) as gate:
        port = gate.getsockname()[1] if meanwhile else 0
        if meanwhile:
            threading.Thread(target=_let_go, args=(gate, meanwhile), daemon=True).start()
        output = run(interpreter, "device.py", {"jobs": jobs, "hold": port}, **how)
    if printed is not None:
        printed.append(output)
    found = results(output)
    assert len(found) == len(jobs), output
    return found


def _let_go(gate, meanwhile):
    sock, _ = gate.accept()
    with sock:
        meanwhile()


def copy_of_lib(folder, without=()):
    """A copy of lib/ without these files of the library."""
    shutil.copytree(LIB, folder, ignore=lambda _, names: [n for n in names if n in without])
    return folder
