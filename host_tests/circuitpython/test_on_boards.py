"""The functions in on_board/, on each board of the fakes: all of a file in one process."""

import ast
import contextlib
import functools
import socket
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


class Peers:
    """Real TCP peers of four kinds: see on_board/peers.py. Two more: "closed" refuses; "full"
    takes no more connections, and its SYNs stay without an answer.
    """

    def __init__(self):
        self._stack = contextlib.ExitStack()
        self.ports = {}
        self._kept = []
        for name, serve in (("puppet", self._obey), ("curt", self._hang_up)):
            listener = self._listen(name, 20)
            threading.Thread(target=self._accept, args=(listener, serve), daemon=True).start()
        with socket.create_server(("127.0.0.1", 0)) as closed:
            self.ports["closed"] = closed.getsockname()[1]
        self._listen("full", 0)
        for _ in range(2):  # what is beyond the backlog gets no answer
            sock = self._stack.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", self.ports["full"]))

    def close(self):
        self._stack.close()

    def _listen(self, name, backlog):
        listener = self._stack.enter_context(
            socket.create_server(("127.0.0.1", 0), backlog=backlog)
        )
        self.ports[name] = listener.getsockname()[1]
        return listener

    def _accept(self, listener, serve):
        with contextlib.suppress(OSError):
            while True:
                sock = listener.accept()[0]
                threading.Thread(target=serve, args=(sock,), daemon=True).start()

    def _hang_up(self, sock):
        sock.close()

    def _obey(self, sock):
        with contextlib.suppress(OSError):
            order = sock.recv(1)
            if order in (b"x", b"d"):
                sock.sendall(b"x")
            if order == b"d":
                sock.close()
            elif order == b"s":
                self._kept.append(sock)
            else:
                while sock.recv(4096):
                    pass


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
    peers = Peers()
    peers.ports["folder"] = tmp_path_factory.mktemp("board")

    @functools.cache
    def run(board, file):
        port = Board(board, peers.ports)
        return run_file(_FOLDER / file, names_in(file), [_FOLDER], _LIMIT_S, port)

    yield lambda board, file, name: run(board, file)[name]
    peers.close()


@pytest.mark.timeout(0)  # the first test waits for the whole file, whose process has a limit
@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case).replace("-test_", "::"))
def test_on_board(outcome, board, case):
    result = outcome(board, *case)
    assert result.ok, result.text + result.output
