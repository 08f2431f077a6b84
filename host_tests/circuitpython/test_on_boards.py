"""The functions in on_board/, on each board of the fakes: all functions of a file in one
process.
"""

import ast
import contextlib
import socket
import socketserver
import subprocess
import threading
from pathlib import Path

import pytest

from circuitpython.runner import BOARDS, board_command

_FOLDER = Path(__file__).parent / "on_board"
# For one file. It takes about 3 s when nothing else runs.
_LIMIT_S = 100


def names_in(file):
    return [
        node.name
        for node in ast.parse((_FOLDER / file).read_text(encoding="utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.name.startswith("test_")
    ]


class Puppet(socketserver.BaseRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):
            order = self.request.recv(1)
            if order in (b"x", b"d"):
                self.request.sendall(b"x")
            if order == b"s":
                self.server.is_over.wait()
            elif order not in (b"d", b"G"):
                while self.request.recv(4096):
                    pass


@contextlib.contextmanager
def peers():
    """{name: port} of real TCP peers: see on_board/peers.py."""
    with contextlib.ExitStack() as stack:
        address = ("127.0.0.1", 0)
        puppet = stack.enter_context(socketserver.ThreadingTCPServer(address, Puppet))
        puppet.daemon_threads, puppet.is_over = True, threading.Event()
        threading.Thread(target=puppet.serve_forever, daemon=True).start()
        with socket.create_server(address) as closed:
            ports = {"closed": closed.getsockname()[1]}
        full = stack.enter_context(socket.create_server(address, backlog=0))
        # Connections beyond the backlog get no answer.
        for _ in range(2):
            sock = stack.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        ports.update(puppet=puppet.server_address[1], full=full.getsockname()[1])
        yield ports
        puppet.is_over.set()
        puppet.shutdown()


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("file", ["transport.py", "radio.py"])
def test_on_board(file, board, tmp_path):
    names = names_in(file)
    command, env = board_command(board, "2M", path=[_FOLDER])
    with peers() as ports:
        ports["folder"] = tmp_path
        env["PEERS"] = ",".join(f"{name}={value}" for name, value in ports.items())
        done = subprocess.run(
            [*command, str(_FOLDER / "run_tests.py"), file.removesuffix(".py"), *names],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LIMIT_S,
            text=True,
        )
    assert done.stdout.endswith(f"\n{len(names)} passed\n"), done.stdout
