"""Every failure has a plain text and an exit status of its own. Each is provoked for real."""

import errno
import os
import socket
from contextlib import contextmanager

import pytest
import serial
import toys
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from conftest import CLAIMS, PASSWORD, pico, run_tool
from deploy import board as board_module
from deploy import ports, transfer, words
from deploy.transfer import Transfer
from deploy.words import Failure
from pty_board import PtyBoard, mpremote, write
from rooms.server_process import RoomServer

NOBODY = 65534


def refusal(status, call, *args, **kwargs):
    """The text of the Failure with that status."""
    with pytest.raises(Failure) as failure:
        call(*args, **kwargs)
    assert failure.value.status == status, failure.value
    assert PASSWORD not in str(failure.value)
    return str(failure.value)


# The port.


@pytest.fixture
def usb(monkeypatch):
    """Plug boards in."""

    def plug(*devices):
        found = [ListPortInfo("/dev/ttyS0"), *map(ListPortInfo, devices)]
        for port in found[1:]:
            port.vid, port.pid, port.description = 0x2E8A, 5, "Board in FS mode"
        monkeypatch.setattr(list_ports, "comports", lambda: found)

    return plug


def test_the_only_board_is_taken_and_several_are_listed(usb):
    usb()
    assert "cable that carries data" in refusal(words.NO_BOARD, ports.find)
    usb("/dev/ttyACM3")
    assert ports.find() == "/dev/ttyACM3"
    usb("/dev/ttyACM1", "/dev/ttyACM0")
    said = refusal(words.NO_BOARD, ports.find)
    assert said.index("PORT=/dev/ttyACM0 ") < said.index("PORT=/dev/ttyACM1 ")
    assert ports.find("/dev/ttyACM1") == "/dev/ttyACM1"


def test_a_port_that_is_not_there(tmp_path):
    said = refusal(words.NO_BOARD, toys.deploy_to, str(tmp_path / "ttyACM0"), {})
    assert "There is no " in said and "plugged in" in said


@contextmanager
def as_somebody_else():
    """Become another user, because root is refused nothing. The terminal of a board already
    belongs to another one.
    """
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_port_without_permission(board):
    os.chmod(board.port, 0)
    with as_somebody_else():
        said = refusal(words.PORT, toys.deploy_to, board.port, {})
    assert f"may not open {board.port}" in said and "/etc/udev/rules.d/" in said


def test_how_to_get_the_permission_is_told(tmp_path, monkeypatch, usb):
    port = tmp_path / "ttyACM0"
    port.touch()
    error = OSError(errno.EACCES, "Permission denied")
    usb(str(port))
    port.chmod(0o600)
    said = str(words.cannot_open(str(port), error, ports.ids_of(str(port))))
    assert 'ATTRS{idVendor}=="2e8a", ATTRS{idProduct}=="0005"' in said
    port.chmod(0o660)
    group = type("group", (), {"gr_name": "dialout"})
    monkeypatch.setattr("grp.getgrgid", lambda gid: group)
    assert "sudo usermod -aG dialout $USER" in str(words.cannot_open(str(port), error))


def test_a_port_in_use(board):
    with serial.Serial(board.port, exclusive=True):
        said = refusal(words.PORT, toys.deploy_to, board.port, {})
    assert f"{board.port} is in use by another program" in said


def test_something_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(board_module, "ANSWER_S", 0.2)
    other_end, port = os.openpty()
    os.write(other_end, b"U-Boot 2026.01\r\n=> ")
    said = refusal(words.SILENT, toys.deploy_to, os.ttyname(port), {})
    os.close(port)
    os.close(other_end)
    assert "does not answer as MicroPython" in said and "reset button" in said


def test_a_board_that_does_not_answer_any_more(board, monkeypatch):
    deaf = "import micropython\nmicropython.kbd_intr(-1)\nwhile True: pass"
    with board_module.Board(board.port) as connection:
        monkeypatch.setattr(board_module, "ANSWER_S", 0.2)
        connection.transport.serial.timeout = 0.2
        connection.transport.exec_raw_no_follow(deaf)
        said = refusal(words.SILENT, connection.renew)
    assert "broke off (no answer)" in said


# The board.


def test_old_firmware(tmp_path):
    """The board is a new one whose `sys` says that it is old. Everything else is the same."""
    old = {**CLAIMS["implementation"], "version": [1, 19, 1]}
    with pico(tmp_path, claims={**CLAIMS, "implementation": old}) as board:
        done = run_tool(board.port, "--host=a.local", WIFI_NAME="home")
        assert done.returncode == words.UNFIT
        assert "MicroPython is 1.19.1; 1.25 or newer is needed. Nothing" in done.stderr
        assert "secrets.py" not in mpremote(board, "fs", "ls")


def test_another_board_than_was_said_and_one_that_nobody_knows(board):
    done = run_tool(board.port, "--board=pico_w", "--host=a.local", WIFI_NAME="home")
    assert done.returncode == words.UNFIT and "BOARD=unix" in done.stderr
    done = run_tool(board.port, "--board=pico")
    assert done.returncode == 2 and "no board 'pico'; there are: " in done.stderr
    assert "pico_w" in done.stderr


# What mpremote does to the board, and the text of the failure.
IN_THE_WAY = {
    "another copy of the library in /partysocket": (words.UNFIT, "mkdir", "/partysocket"),
    "/device.py is a folder": (words.UNFIT, "mkdir", "/device.py"),
    "could not do what it was asked: OSError": (words.SILENT, "touch", "/lib"),
}


@pytest.mark.parametrize("text", IN_THE_WAY)
def test_what_is_in_the_way_is_told(toy, board, text):
    status, *command = IN_THE_WAY[text]
    mpremote(board, "fs", *command)
    assert text in refusal(status, toys.put, board, toy)
    assert "main.py" not in mpremote(board, "fs", "ls")


def test_as_much_room_as_is_said_is_enough_and_with_less_nothing_is_begun(tmp_path):
    large = toys.make(tmp_path / "large", "A", padding=20000)
    blocks = 16
    with PtyBoard(tmp_path, blocks=blocks) as board:
        write(board, "log.txt", "x" * 5000)
    with PtyBoard(tmp_path, blocks=blocks) as board:
        said = refusal(words.FULL, toys.put, board, large)
        assert board.writes() == 0
        free_blocks = int(mpremote(board, "eval", "__import__('os').statvfs('/')[3]"))
    needed, free = number_before(said, " bytes are needed"), number_before(said, " are free")
    assert free == free_blocks * 4096 < needed
    assert "/log.txt (5,000)" in said
    (tmp_path / "flash.img").unlink()
    with PtyBoard(tmp_path, blocks=blocks + (needed - free) // 4096) as board:
        write(board, "log.txt", "x" * 5000)
        toys.put(board, large)
        assert "whole ['A'" in board.output()


def test_a_disk_that_fills_while_files_are_sent(toy, tmp_path, monkeypatch):
    monkeypatch.setattr(Transfer, "check_space", lambda self: None)
    with PtyBoard(tmp_path, blocks=12) as board:
        assert "not enough room" in refusal(words.FULL, toys.put, board, toy)
        assert ".new" not in mpremote(board, "fs", "tree")


def number_before(text, mark):
    return int(text.partition(mark)[0].rpartition(" ")[2].replace(",", ""))


@pytest.mark.parametrize(
    "main, status, text",
    [
        ("print(1)\nraise ValueError('no')\n", words.CRASHED, "ended: ValueError: no"),
        ("print('goodbye')\n", words.CRASHED, "ended: goodbye"),
        ("", words.CRASHED, "ended: without a word"),
        ("print('hm')\nwhile True:\n    pass\n", words.LATE, "after 1 s; it said last: hm"),
    ],
    ids=["raises", "ends", "empty", "silent"],
)
def test_a_start_up_file_that_does_not_get_there(toy, tmp_path, board, main, status, text):
    other = toys.copied(toy, tmp_path / "other", main)
    wait_s = 1 if status == words.LATE else 30
    assert text in refusal(status, toys.put, board, other, wait_s=wait_s)


def test_files_that_are_not_in_place_in_the_end(toy, board, monkeypatch):
    monkeypatch.setattr(transfer, "finish", lambda board: None)
    assert "not all in place" in refusal(words.SILENT, toys.put, board, toy)
    # The board does it at its next start.
    board.wait_output("whole ['A'")


# The network, and the room.


def deploy_with(board, given):
    """Replace the networks of the board by these, or by none."""
    mpremote(board, "fs", "rm", "secrets.py")
    return toys.deploy_to(board.port, {"WIFI_NAME": "", "HOST": "127.0.0.1:9", **given})


def test_a_wifi_that_refuses_the_password(deployed):
    given = {"WIFI_NAME": "shed", "WIFI_PASSWORD": PASSWORD}
    with pico(deployed) as board:
        said = refusal(words.WIFI, deploy_with, board, given)
    assert "The Wi-Fi 'shed' refused the password" in said


def test_a_server_that_is_not_reached(deployed):
    # Bound, but not listening, so that no other process can use the port.
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{closed.getsockname()[1]}"
        with pico(deployed) as board:
            said = refusal(words.SERVER, deploy_with, board, {"HOST": host})
    assert "in the network, but not in the room" in said and "ECONNREFUSED" in said
    assert "Is the server running" in said


def test_a_room_that_refuses_and_the_token_that_opens_it(deployed):
    with pico(deployed) as board:
        with RoomServer("--party", "other") as server:
            given = {"HOST": f"127.0.0.1:{server.port}"}
            said = refusal(words.REFUSED, deploy_with, board, given)
            assert "The server answered 400" in said and "no such party" in said
        with RoomServer("--token", "a-secret") as server:
            given = {"HOST": f"127.0.0.1:{server.port}", "TOKEN": "another-secret"}
            said = refusal(words.REFUSED, deploy_with, board, given)
            assert "The server answered 401" in said and "wants a token" in said
            assert "another-secret" not in said
            said = deploy_with(board, {**given, "TOKEN": "a-secret"})
            assert said[-2] == "  | in the room" and "a-secret" not in "\n".join(said)
