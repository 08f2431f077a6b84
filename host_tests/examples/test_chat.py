"""examples/chat.py: with input from a pipe, from a terminal, and from the bare console of a
board.
"""

import os
import pty
import subprocess
import tty

import pytest

from e2e.devices import ROOT, Device
from rooms.clients import join
from strict_server import StrictServer, silent

from .boards import Board

ON_A_BOARD = """
import builtins, sys
inner = builtins.__import__

class Sys:
    platform = "esp32"
    argv = sys.argv[1:]
    stdin = sys.stdin
    stdout = sys.stdout

def importing(name, *rest):
    return Sys if name == "sys" and rest[0]["__name__"] == "chat" else inner(name, *rest)

builtins.__import__ = importing
with open(sys.argv[1]) as file:
    exec(file.read(), {"__name__": "chat"})
"""


@pytest.fixture
def terminal():
    """The two ends of a terminal: ours and the program's."""
    ends = pty.openpty()
    yield ends
    for end in ends:
        os.close(end)


async def test_what_is_piped_in_goes_out_before_the_end(server, host, tmp_path):
    async with join(server, "chat") as room:
        with Board("chat.py", tmp_path / "a", host, "chat", "ann", stdin=subprocess.PIPE) as board:
            board.stdin.write("Grüße\n\nand good bye\nhalf a line".encode())
            board.stdin.close()
            assert await room.raw() == "ann: Grüße"
            assert await room.raw() == "ann: and good bye"
            assert board.wait_end() == 0
            board.wait_output()
            assert "Traceback" not in "\n".join(board.lines)


def test_others_are_heard_while_a_line_is_half_typed_and_what_is_typed_offline_goes_out_later(
    tmp_path, terminal
):
    ours, theirs = terminal
    with StrictServer(silent) as server:
        address = server.address
        with Board("chat.py", tmp_path / "a", address, "chat", "ann", stdin=theirs) as board:
            board.wait_line("* in the room chat")
            os.write(ours, b"hel")
            server.send_all("bob: are you there?")
            board.wait_line("bob: are you there?")
            os.write(ours, b"lo\n")
            assert server.wait_messages(1) == ["ann: hello"]
            server.drop_all("rst")
            board.wait_line("* offline")
            os.write(ours, b"anybody?\n")
            assert server.wait_messages(2) == ["ann: hello", "ann: anybody?"]
            os.write(ours, b"\x04")
            assert board.wait_end() == 0


async def test_a_board_shows_what_is_typed(server, host, tmp_path, terminal):
    ours, theirs = terminal
    tty.setraw(theirs)
    (tmp_path / "on_a_board.py").write_text(ON_A_BOARD)
    wrapper = str(tmp_path / "on_a_board.py")
    arguments = (str(ROOT / "examples/chat.py"), host, "chat", "ann")
    async with join(server, "chat") as room:
        with Device("micropython", wrapper, *arguments, stdin=theirs) as board:
            board.wait_line("* in the room chat")
            os.write(ours, "\x7fhex\x7flo Jürgen\r".encode())
            assert await room.raw() == "ann: helo Jürgen"
            board.wait_line("hex\b \blo Jürgen")
            os.write(ours, b"x" * 510 + b"\t\x1b\r")
            assert await room.raw() == "ann: " + "x" * 500
            os.write(ours, b"\x04")
            assert board.wait_end() == 0
