"""A board for mpremote, without hardware: MicroPython's unix port behind a pseudo-terminal.

    with PtyBoard(folder) as board:
        mpremote(board, "fs", "ls")

Its flash is a littlefs in a file of `folder`, mounted as the root. Its content stays when the
board ends, and no files of the computer are visible. Ctrl-D is a soft reset: the process ends, and
a new one runs boot.py and, unless it was in the raw REPL, main.py (power_on.py). Ctrl-C interrupts
the program. `meals` counts the feeds of machine.WDT; without them nothing is reset. With `rom` it
also has a partition for a ROMFS (rom.py says on which hardware), in another file of `folder`.

If the process dies in another way, as in a planned power cut, the port disappears too.
"""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import tty
from pathlib import Path

from needs import need_micropython

HERE = Path(__file__).parent
# The heap of a board. Objects are twice as large here.
HEAP = "192K"
# The size of a partition for a ROMFS.
ROM_BYTES = 128 * 1024
# The limit of every wait. Only a failure takes so long.
WAIT_S = 30.0
# This enters the raw REPL. Ctrl-B leaves it.
_CTRL_A = b"\x01"

# The first process of a session that opens a terminal owns it; then Ctrl-C interrupts. There is no
# preexec_fn, because locks of this process's ports would be held twice until it had run.
_ON_TERMINAL = 'ulimit -c 0; exec "$@" <"$BOARD_TTY"'
# firmware.py sends this when a start-up file begins.
_UP = b"\x1e"
_MPREMOTE = str(Path(sys.executable).with_name("mpremote"))


def mpremote(board, *arguments):
    """Run a command of the real mpremote on the board. Returns its output."""
    command = [_MPREMOTE, "connect", board.port, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=2 * WAIT_S)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write(board, path, text):
    """Write a file on the board."""
    mpremote(board, "exec", f"f = open({path!r}, 'w'); f.write({text!r}); f.close()")


class PtyBoard:
    """`blocks`: the number of 4 KiB blocks of the flash. `cut_at`: the block write during which
    the power fails. `claims`: false values of `sys`, such as {"platform": "rp2", "implementation":
    {"version": (1, 19, 1)}}. `air`: the Wi-Fi networks around it, {name: the name of a trace in
    fake_wlan}. `rom`: "rp2" or "esp8266", with ROM_BYTES.
    """

    def __init__(
        self, folder, *, blocks=256, cut_at=0, claims=None, air=None, heap=HEAP, rom=None
    ):
        self.flash = Path(folder) / "flash.img"
        self.rom = Path(folder) / "rom.img"
        # In this process it takes heap; on a board it takes none.
        if rom:
            heap = f"{int(heap[:-1]) + ROM_BYTES // 1024}K"
        self._counter = Path(folder) / "writes"
        self._counter.write_text("0")
        program = str(HERE / "power_on.py")
        self._command = [need_micropython(), "-X", f"heapsize={heap}", "-i", program]
        self._dog, self._dog_food = os.pipe()
        settings = {
            "flash": str(self.flash),
            "blocks": blocks,
            "cut": cut_at,
            "claims": claims or {},
            "count": str(self._counter),
            "dog": f"/dev/fd/{self._dog_food}",
            "tests": str(HERE.parent),
            "air": air or {},
            "rom": rom,
            "rom_file": str(self.rom),
            "rom_bytes": ROM_BYTES,
        }
        self._env = {**os.environ, "BOARD": json.dumps(settings)}
        self.has_died = threading.Event()
        self._is_up = threading.Event()
        self._output = b""
        # With an RLock: output() may be called while it is held.
        self._state = threading.Condition()
        self._stop, self._stopped = os.pipe()
        # The process's end of the terminal.
        self._inside = None
        # The feeds of the watchdog.
        self.meals = 0

    def __enter__(self):
        """Turn the power on, and wait until a start-up file or the prompt can be interrupted."""
        self._host, port = pty.openpty()
        os.set_blocking(self._host, False)
        tty.setraw(port)
        self.port = os.ttyname(port)
        # Held open, so that the port stays when others open and close it.
        self._port = port
        self._start("main")
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()
        assert self._is_up.wait(WAIT_S), self.output()
        return self

    def __exit__(self, *exc_info):
        os.write(self._stopped, b"x")
        self._thread.join(WAIT_S)
        self._process.kill()
        self._process.wait(WAIT_S)
        for fd in (self._inside, self._stop, self._stopped, self._dog, self._dog_food):
            os.close(fd)

    def writes(self):
        """The writes and erases of flash since the last start that had any."""
        return int(self._counter.read_text())

    def output(self):
        """All of its output so far, as text."""
        with self._state:
            return self._output.decode(errors="replace")

    def wait_output(self, text, begun=0):
        """Wait until it has printed `text`, after the first `begun` characters."""
        self.wait_for(lambda: text in self.output()[begun:], repr(text))

    def wait_for(self, is_so, what="end"):
        """Wait until a condition on its output or its end is true."""
        with self._state:
            assert self._state.wait_for(is_so, WAIT_S), f"no {what} in:\n{self.output()}"

    # The thread.

    def _start(self, mode):
        if self._inside is not None:
            os.close(self._inside)
        self._inside, board = pty.openpty()
        tty.setraw(board)
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _ON_TERMINAL, "sh", *self._command, mode],
            env={**self._env, "BOARD_TTY": os.ttyname(board)},
            cwd=self.flash.parent,
            stdin=board,
            stdout=board,
            stderr=board,
            start_new_session=True,
            pass_fds=[self._dog_food],
        )
        os.close(board)

    def _carry(self):
        is_raw = False
        try:
            while True:
                sources = [self._host, self._inside, self._dog, self._stop]
                ready, _, _ = select.select(sources, [], [])
                if self._stop in ready:
                    return
                if self._dog in ready:
                    with self._state:
                        self.meals += len(_read(self._dog))
                        self._state.notify_all()
                if self._inside in ready:
                    data = self._heard()
                    if data is not None:
                        self._tell(data)
                        continue
                    status = self._process.wait(WAIT_S)
                    # machine.reset().
                    if status == -signal.SIGTERM:
                        self._start("main")
                        is_raw = False
                    # A power cut.
                    elif status < 0:
                        return
                    else:
                        self._reset(is_raw)
                elif self._host in ready:
                    data = _read(self._host)
                    for key in re.findall(b"[\x01\x02]", data):
                        is_raw = key == _CTRL_A
                    os.write(self._inside, data)
        finally:
            with self._state:
                self.has_died.set()
                self._state.notify_all()
            os.close(self._port)
            os.close(self._host)

    def _reset(self, is_raw):
        self._tell(b"MPY: soft reboot\r\n")
        self._start("raw" if is_raw else "main")
        # It stays so, because the greeting of the normal REPL is not for the host.
        if is_raw:
            heard = b""
            while not heard.endswith(b">>> "):
                more = self._heard()
                if more is None:
                    return
                heard += more
            self._tell(heard[: heard.find(b"MicroPython ")])
            os.write(self._inside, _CTRL_A)

    def _heard(self):
        """The output of the process. None: it has ended."""
        data = _read(self._inside)
        if _UP in data or b">>> " in data:
            self._is_up.set()
        return data.replace(_UP, b"") if data else None

    def _tell(self, data):
        with self._state:
            self._output += data
            self._state.notify_all()
        while data:
            ready, _, _ = select.select([self._stop], [self._host], [])
            if ready:
                return
            data = data[os.write(self._host, data) :]


def _read(fd):
    try:
        return os.read(fd, 4096)
    # EIO: the other side is gone.
    except OSError:
        return b""
