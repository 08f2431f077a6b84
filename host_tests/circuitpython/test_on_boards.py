"""The functions in on_board/, on each board of the fakes: all of a file in one process."""

import ast
import contextlib
import functools
import socket
import socketserver
import threading
from pathlib import Path

import pytest

from circuitpython.runner import BOARDS, board_command
from on_micropython.collector import run_file

_FOLDER = Path(__file__).parent / "on_board"
_LIMIT_S = 100  # for one file: about 3 s where nothing else runs


def names_in(file):
    return [
        node.name
        for node in ast.parse((_FOLDER / file).read_text(encoding="utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.name.startswith("test_")
    ]


CASES = [(file, name) for file in ("transport.py", "radio.py") for name in names_in(file)]


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
        for _ in range(2):  # what is beyond the backlog gets no answer
            sock = stack.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        ports.update(puppet=puppet.server_address[1], full=full.getsockname()[1])
        yield ports
        puppet.is_over.set()
        puppet.shutdown()


class Board:
    """Where collector.run_file runs its functions."""

    def __init__(self, board, ports):
        self._board = board
        self._peers = ",".join(f"{name}={value}" for name, value in ports.items())

    def command(self, module, names, search_path):
        command, env = board_command(self._board, "2M", path=search_path)
        env["PEERS"] = self._peers
        return [*command, str(_FOLDER / "run_tests.py"), module, *names], env


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """What came of a function; a file's all run when the first one is asked for."""
    with peers() as ports:
        ports["folder"] = tmp_path_factory.mktemp("board")

        @functools.cache
        def run(board, file):
            port = Board(board, ports)
            return run_file(_FOLDER / file, names_in(file), [_FOLDER], _LIMIT_S, port)

        yield lambda board, file, name: run(board, file)[name]


@pytest.mark.timeout(0)  # the first test waits for the whole file, whose process has a limit
@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case).replace("-test_", "::"))
def test_on_board(outcome, board, case):
    result = outcome(board, *case)
    assert result.ok, result.text + result.output
