"""A connection to the board by mpremote: what the board is, which files it has, and writing files.

mpremote is used as a library of one pinned version, not as a command, for two reasons. Every user
of this computer can see the arguments of a command, and one of them would be a password. And each
command would restart the board.
"""

import ast
import binascii
import contextlib
import io
import re
import struct
from dataclasses import dataclass
from pathlib import Path

from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

from . import ports, words

# 1 KiB in base64. The board must hold so much of a file at once.
CHUNK_BYTES = 768
ANSWER_S = 10


@dataclass(frozen=True)
class Facts:
    """What the board reports about itself."""

    name: str  # of the interpreter
    version: tuple
    platform: str
    machine: str
    mpy: int  # version, sub-version and architecture of the .mpy files it loads; 0: none
    path: list
    folder: str  # where it is after a start: the root of its flash

    @property
    def firmware(self):
        return ".".join(str(number) for number in self.version)

    @property
    def root(self):
        return self.folder.rstrip("/")

    @property
    def lib(self):
        """Where libraries go: as mip does, the first such folder that it imports from."""
        found = (path for path in self.path if path.endswith("/lib") and path[:5] != "/rom/")
        return next(found, self.root + "/lib")


class NoSpace(Exception):
    """The board's file system is full."""


class Board:
    """An open connection. The board's start-up file does not run while it is open."""

    def __init__(self, port):
        self.port = port
        try:
            self.transport = SerialTransport(port, baudrate=115200, timeout=ANSWER_S)
        except TransportError:
            raise ports.why_not(port) from None
        self.transport.serial.write_timeout = ANSWER_S
        try:
            self.renew()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        """Close the connection. The board starts as after a reset."""
        with contextlib.suppress(OSError, TransportError):
            if self.transport.in_raw_repl:
                self.start_program()
        with contextlib.suppress(OSError):
            self.transport.close()
        # If the board is gone, transport.close() fails before it does this.
        self.transport.serial.close()

    def renew(self):
        """Restart without the start-up file: nothing is loaded, and the ROMFS is mounted again."""
        self._stop_program()
        self.facts = Facts(*self._ask(_on_board(), "facts()"))

    def _stop_program(self):
        """Interrupt the running program, and restart without the start-up file."""
        said = io.StringIO()
        try:
            # mpremote prints output that it did not expect.
            with contextlib.redirect_stdout(said):
                try:
                    self.transport.enter_raw_repl(timeout_overall=ANSWER_S)
                except TransportError:
                    # Try again: the board may just have started.
                    self.transport.enter_raw_repl(timeout_overall=ANSWER_S)
        except TransportError:
            raise words.silent(self.port, said.getvalue().strip()) from None
        except OSError as error:
            raise words.went_away(self.port, error) from None

    def start_program(self):
        """Leave the raw REPL, and restart: boot.py and main.py run. Their output comes to
        `transport.serial`.
        """
        # The board may still wait for the rest of an interrupted transfer.
        self.transport.serial.write(b"\x03")
        self.transport.exit_raw_repl()
        self.transport.read_until(1, b">>> ", timeout=ANSWER_S)
        self.transport.serial.write(b"\x04")

    # Reading.

    def files_below(self, folder):
        """{path: size} of all files below a folder. The size of a folder is None."""
        return dict(self._list(f"tell_files({folder!r})"))

    def has_frozen(self, name):
        """Whether the firmware contains a frozen module of that name."""
        return self._ask("", f"has_frozen({name!r})")

    def folders(self, paths):
        """The paths that are folders."""
        found = self._ask("", f"[is_folder(p) for p in {list(paths)!r}]")
        return [path for path, is_one in zip(paths, found) if is_one]

    def all_files(self):
        """[(path, size)] of the file system's files, the largest first."""
        code = f"tell_largest({self.facts.root!r})"
        return sorted(self._list(code), key=lambda found: -found[1])

    def sizes(self, paths):
        """{path: size} of the files that exist."""
        found = self._ask("", f"[size(p) for p in {list(paths)!r}]")
        return {path: size for path, size in zip(paths, found) if size is not None}

    def digests(self, paths):
        """{path: SHA-256 in hexadecimal digits} of existing files."""
        found = {}
        for path in paths:
            found[path] = self._ask("", f"digest({path!r})")
            # The board can't hash, so mpremote reads the file and hashes it on this computer.
            if found[path] is None:
                found[path] = self._run(self.transport.fs_hashfile, path, "sha256").hex()
        return found

    def space(self):
        """(bytes in a block, free blocks) of the file system."""
        return self._ask("", f"space({self.facts.root or '/'!r})")

    def read(self, path):
        return bytes(self._run(self.transport.fs_readfile, path))

    def rom(self):
        """(bytes, bytes in a block) of its partition for a ROMFS, or None."""
        return self._ask("", "rom()")

    def rom_digest(self, begin, end):
        return self._ask("", f"rom_digest({begin}, {end})")

    def heap_of(self, name, public):
        """Bytes of heap that `from name import public` takes. None: it can't be imported."""
        return self._ask("", f"heap_of({name!r}, {public!r})")

    def keep_watchdog(self, seconds):
        """Feed its watchdog until it restarts. Returns why that is not possible, or None."""
        return self._ask("", f"keep_watchdog({seconds!r})")

    # Writing.

    def write(self, path, data):
        """Write a file, and make the folders above it."""
        self.execute(f"begin({path!r})")
        for at in range(0, len(data), CHUNK_BYTES):
            chunk = binascii.b2a_base64(data[at : at + CHUNK_BYTES], newline=False)
            self.execute(f"put({chunk!r})")
        self.execute("end()")

    def copy(self, source, target):
        self.execute(f"copy({source!r}, {target!r})")

    def discard(self, paths):
        self.execute(f"discard({list(paths)!r})")

    def prune(self, folder):
        self.execute(f"prune({folder!r})")

    def close_rom(self):
        self.execute("close_rom()")

    def erase_rom(self, begin, size, block):
        self.execute(f"erase_rom({begin}, {size}, {block})")

    def write_rom(self, begin, data):
        self.execute(f"write_rom({begin}, {binascii.b2a_base64(data, newline=False)!r})")

    def execute(self, code):
        """Run code on the board, and return its output."""
        return self._run(self.transport.exec, code)

    def _ask(self, code, expression):
        """Run `code` on the board, and return the value of the expression there."""
        if code:
            self.execute(code)
        return self._read(self.execute(f"print(repr({expression}))"))

    def _list(self, code):
        return self._read(b"[" + self.execute(code) + b"]")

    def _read(self, said):
        try:
            return ast.literal_eval(said.decode())
        # Something else on the board has printed in between.
        except (ValueError, SyntaxError):
            raise words.silent(self.port, repr(said)) from None

    def _run(self, call, *args):
        try:
            return call(*args)
        except TransportExecError as error:
            if re.search(r"OSError: (.*ENOSPC|28\s*$)", error.error_output):
                raise NoSpace from None
            raise words.trouble(error.error_output) from None
        except (TransportError, OSError, struct.error, UnicodeError) as error:
            raise words.went_away(self.port, error) from None


def _on_board():
    """The source of on_board.py."""
    return Path(__file__).with_name("on_board.py").read_text(encoding="utf-8")
