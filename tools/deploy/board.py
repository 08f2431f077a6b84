"""A connection to the board by mpremote: what the board is, which files it has, and writing files.

mpremote is used as a library of one pinned version, not as a command, for two reasons. Every user
of this computer can see the arguments of a command, and one of them would be a password. And each
command would restart the board.
"""

import contextlib
import io
import struct
from dataclasses import dataclass
from pathlib import Path

from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

from . import ports, words

# The board must hold so much of a file at once, as a literal too.
CHUNK_BYTES = 512
# The time for an answer from a board that has nothing else to do.
ANSWER_S = 10
# The time for a step during which the board says nothing: it hashes a file or erases flash. If a
# cable is pulled, that is seen at once; so this may be long.
QUIET_S = 60
_FOLDER = 0x4000


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


class _Transport(SerialTransport):
    """mpremote's, which would give up after 10 s of silence."""

    def exec_raw(self, command, timeout=None, data_consumer=None):
        return super().exec_raw(command, timeout or QUIET_S, data_consumer)


def _quiet():
    """mpremote prints output that it did not expect."""
    return contextlib.redirect_stdout(io.StringIO())


class Board:
    """An open connection. The board's start-up file does not run while it is open."""

    def __init__(self, port):
        self.port = port
        # None until it has answered once.
        self.facts = None
        try:
            self.transport = _Transport(port, baudrate=115200, timeout=ANSWER_S)
        except TransportError:
            raise ports.why_not(port) from None
        self.transport.serial.write_timeout = ANSWER_S
        try:
            self.renew()
        except words.Failure:
            self.close()
            raise
        except BaseException:
            # Stopped, perhaps while the board entered the raw REPL, which mpremote did not see.
            with contextlib.suppress(OSError, TransportError), _quiet():
                self.transport.enter_raw_repl(soft_reset=False, timeout_overall=ANSWER_S)
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
        try:
            with _quiet() as said:
                try:
                    self.transport.enter_raw_repl(timeout_overall=ANSWER_S)
                except TransportError:
                    # Try again: the board may just have started.
                    self.transport.enter_raw_repl(timeout_overall=ANSWER_S)
        except TransportError:
            # mpremote prints what it heard, and b'' for nothing.
            heard = said.getvalue().replace("b''\n", "").strip()
            if self.facts and not heard:
                raise words.went_away(self.port, "no answer") from None
            raise words.silent(self.port, heard) from None
        except OSError as error:
            raise words.went_away(self.port, error) from None
        self.execute(Path(__file__).with_name("on_board.py").read_text(encoding="utf-8"))
        self.facts = Facts(*self.ask("facts()"))

    def start_program(self):
        """Leave the raw REPL, and restart: boot.py and main.py run. Their output comes to
        `transport.serial`.
        """
        # The board may still wait for the rest of an interrupted transfer.
        self.transport.serial.write(b"\x03")
        self.transport.exit_raw_repl()
        self.transport.read_until(1, b">>> ", timeout=ANSWER_S)
        self.transport.serial.write(b"\x04")

    # Its file system. A path that does not exist raises FileNotFoundError, if nothing else is
    # said.

    def listing(self, folder, is_deep=False):
        """{path: size, or None for a folder} of what is in a folder, or below it. {}: it does not
        exist.
        """
        found = {}
        with contextlib.suppress(FileNotFoundError):
            for entry in self._run(self.transport.fs_listdir, folder or "/"):
                path = f"{folder}/{entry.name}"
                found[path] = None if entry.st_mode & _FOLDER else entry.st_size
                if is_deep and found[path] is None:
                    found.update(self.listing(path, True))
        return found

    def own_files(self, folder=None, depth=4):
        """{path: size} of the file system's files, not of others that are mounted in it."""
        folder = self.facts.root if folder is None else folder
        found = self.listing(folder)
        for path in [path for path, size in found.items() if size is None]:
            del found[path]
            if depth and self._statvfs(path) == self._statvfs(folder):
                found.update(self.own_files(path, depth - 1))
        return found

    def digests(self, paths):
        """{path: SHA-256 in hexadecimal digits}. This computer hashes if the board can't."""
        hashed = self.transport.fs_hashfile
        return {path: self._run(hashed, path, "sha256").hex() for path in paths}

    def space(self):
        """(bytes in a block, free blocks) of the file system."""
        stat = self._statvfs(self.facts.root)
        return stat[1] or stat[0], stat[4]

    def _statvfs(self, folder):
        return self.ask(f"os.statvfs({folder or '/'!r})")

    def read(self, path):
        return bytes(self._run(self.transport.fs_readfile, path))

    def write(self, path, data, progress=None):
        """Write a file. `progress(bytes so far, all)` is called after each part of it."""
        self._run(self.transport.fs_writefile, path, data, CHUNK_BYTES, progress)

    def make_folder(self, path):
        with contextlib.suppress(FileExistsError):
            self._run(self.transport.fs_mkdir, path)

    def discard(self, paths):
        """Remove these files if they exist."""
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                self._run(self.transport.fs_rmfile, path)

    def prune(self, folder):
        """Remove empty folders below this one, and the folder itself if it is empty."""
        there = {folder: None, **self.listing(folder, is_deep=True)}
        for path in sorted(there, reverse=True):
            if there[path] is None and not any(one.startswith(path + "/") for one in there):
                del there[path]
                with contextlib.suppress(FileNotFoundError):
                    self._run(self.transport.fs_rmdir, path)

    # Running code.

    def execute(self, code):
        return self._run(self.transport.exec, code)

    def ask(self, expression):
        """The value of an expression on the board. It may call the functions of on_board.py."""
        return self._run(self.transport.eval, expression)

    def _run(self, call, *args):
        try:
            return call(*args)
        except FileNotFoundError:
            raise
        # Something else on the board has printed in between.
        except (ValueError, SyntaxError):
            raise words.silent(self.port) from None
        except (TransportError, OSError, struct.error) as error:
            # mpremote makes an OSError of some errors of the board.
            theirs = error if isinstance(error, TransportExecError) else error.__context__
            if not isinstance(theirs, TransportExecError):
                raise words.went_away(self.port, error) from None
            last = theirs.error_output.strip().rpartition("\n")[2]
            if "ENOSPC" in last or last == "OSError: 28":
                raise NoSpace from None
            if isinstance(error, FileExistsError):
                raise
            raise words.trouble(theirs.error_output) from None
