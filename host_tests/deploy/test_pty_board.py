"""The pty board behaves as a board does, under the real mpremote."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest
import serial
from pty_board import PtyBoard

MPREMOTE = str(Path(sys.executable).with_name("mpremote"))
LOOP = "import time\nprint('main runs')\nwhile True:\n    time.sleep(0.05)\n"


def mpremote(board, *arguments):
    done = subprocess.run(
        [MPREMOTE, "connect", board.port, *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write(board, path, text):
    mpremote(board, "exec", f"f = open({path!r}, 'w'); f.write({text!r}); f.close()")


@pytest.fixture
def board(tmp_path):
    with PtyBoard(tmp_path) as board:
        yield board


def test_its_files_are_its_own_and_outlive_it(tmp_path):
    with PtyBoard(tmp_path) as board:
        (tmp_path / "note.txt").write_text("from the computer")
        mpremote(board, "fs", "cp", str(tmp_path / "note.txt"), ":")
    with PtyBoard(tmp_path) as board:
        assert mpremote(board, "fs", "cat", "note.txt") == "from the computer"
        listed = mpremote(board, "exec", "import os; print(os.listdir('/'), os.getcwd())")
        assert listed == "['.tests', 'note.txt'] /\n"


def test_a_start_up_file_runs_when_the_power_comes_and_mpremote_interrupts_it(tmp_path):
    with PtyBoard(tmp_path) as board:
        write(board, "main.py", LOOP)
    with PtyBoard(tmp_path) as board:
        board.wait_output("main runs")
        assert mpremote(board, "eval", "6 * 7") == "42\n"
        assert "KeyboardInterrupt" in board.output()
        assert board.output().count("main runs") == 1, "not after a reset in the raw REPL"


def test_after_a_soft_reset_in_the_prompt_and_after_a_hard_one_it_runs(board):
    write(board, "main.py", "print(1, 2, 3)")
    assert "1 2 3\n" not in board.output()
    with serial.Serial(board.port, timeout=30) as port:
        port.write(b"\x04")
        assert port.read_until(b"1 2 3\n").endswith(b"\r\nMPY: soft reboot\r\n1 2 3\n")
    begun = len(board.output())
    mpremote(board, "resume", "exec", "--no-follow", "import machine; machine.reset()")
    board.wait_output("1 2 3\n", begun)


def test_a_soft_reset_forgets_what_was_in_memory(board):
    mpremote(board, "exec", "x = 5")
    assert "True" in mpremote(board, "exec", "print('x' not in globals())")


def test_what_is_claimed_is_what_a_program_sees(tmp_path):
    implementation = {"version": (1, 19, 1), "_machine": "a board", "_mpy": None}
    claims = {"platform": "rp2", "implementation": implementation}
    with PtyBoard(tmp_path, claims=claims) as board:
        code = "import sys; i = sys.implementation; print(i.name, i.version, i._machine, "
        code += "hasattr(i, '_mpy'), sys.platform, sys.maxsize > 0)"
        said = mpremote(board, "exec", code)
        assert said == "micropython (1, 19, 1) a board False rp2 True\n"


def test_a_full_flash_is_full(tmp_path):
    with PtyBoard(tmp_path, blocks=8) as board:
        code = "f = open('x', 'w')\ntry:\n    f.write('x' * 40000)\nexcept OSError as e:\n"
        code += "    print(e.errno)"
        assert mpremote(board, "exec", code) == f"{errno.ENOSPC}\n"


def test_the_power_goes_in_the_write_that_was_said(tmp_path):
    with PtyBoard(tmp_path) as board:
        mpremote(board, "exec", "open('a', 'w').close()")
        needed = board.writes()
    with PtyBoard(tmp_path, cut_at=needed + 1) as board:
        with pytest.raises(AssertionError):
            mpremote(board, "exec", "f = open('b', 'w')\nfor i in range(99): f.write('x' * 999)")
        assert board.has_died.wait(30)
        assert board.writes() == needed + 1
    with PtyBoard(tmp_path) as board:
        assert "a" in mpremote(board, "fs", "ls")


def test_a_watchdog_bites_who_does_not_feed_it(board):
    mpremote(board, "exec", "--no-follow", "import machine; machine.WDT(timeout=200)")
    board.wait_for(lambda: board.bites, "bite")
    board.wait_for(lambda: board.meals == 1, "meal")
