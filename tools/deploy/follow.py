"""Reads what the board prints after its restart, until it is in the room or the failure is clear.

The lines are those of boards/common/main.py. From another start-up file, only "in the room" and
tracebacks are understood. The start-up file has ended if the prompt comes, or a traceback without
a line before it. After "error in WHAT:" and a traceback, the start-up file goes on.
"""

import re
import time

from . import start_words, words

_LOOK_S = 0.1
# At the second failure it is told: the first dial may be lost when the network has just come up,
# and main.py starts again by itself.
_TRIES = 2
# Lines before the prompt, which comes when the start-up file ends.
_GREETING = ("MicroPython ", 'Type "help()"')
# A second try would get the same answer.
_REFUSALS = (400, 401, 403, 404)


class Story:
    """Interprets the lines, without I/O. `line()` returns None; True for "in the room"; a Failure;
    or a text for the user about something that the board has to do without.
    """

    def __init__(self):
        self.last = ""
        self._failed = 0
        # During a traceback: what it is about, or "" if no line said that. Otherwise None.
        self._trace = None
        # How often main.py has started again.
        self._restarted = 0
        self._has_no_clock = False

    def line(self, text):
        text = text.rstrip()
        if text and not text.startswith(_GREETING):
            self.last = text
        if self._trace is not None:
            return self._traceback(text)
        if text == "in the room":
            return True
        if text.startswith("Traceback"):
            self._trace = ""
        elif found := re.fullmatch(r"error in (.+):", text):
            self._trace = found[1]
        elif found := re.fullmatch(r"Wi-Fi: (.*) waiting: (.*)", text):
            return start_words.wifi(*found.groups())
        elif found := re.fullmatch(r"error: (.*)", text):
            return self._error(found[1])
        return None

    def prompt(self):
        """Handle the prompt of the REPL: the start-up file has ended."""
        return start_words.crashed(self.last)

    def _error(self, text):
        self._failed += 1
        found = re.match(r"the server answered (\d+)", text)
        status = int(found[1]) if found else None
        if status in _REFUSALS:
            return start_words.refused(status)
        if self._failed < _TRIES:
            return None
        return start_words.no_server(text, self._has_no_clock)

    def _traceback(self, text):
        if not text or text.startswith((" ", "Traceback")):
            return None
        what, self._trace = self._trace, None
        if not what:
            return start_words.crashed(text)
        if what == "main.py":
            self._restarted += 1
            return start_words.crashed(text) if self._restarted == _TRIES else None
        if "clock" in what and not self._has_no_clock:
            self._has_no_clock = True
            return start_words.no_clock(text)
        return None


class Follower:
    """Restarts the board and listens for at most `wait_s` seconds. `tell`: see order.py."""

    def __init__(self, board, tell, wait_s):
        self.board = board
        self.tell = tell
        self.wait_s = wait_s

    def run(self):
        """Return when the board is in the room. Raises Failure if it does not get there."""
        story = Story()
        try:
            self.board.start_program()
            for text in self._lines():
                said = story.prompt() if text is None else story.line(text)
                if text:
                    self.tell("log", text=text)
                if said is True:
                    return
                if isinstance(said, str):
                    self.tell("say", text=said)
                elif said:
                    raise said
        except OSError as error:
            raise words.went_away(self.board.port, error) from None
        raise start_words.late(self.wait_s, story.last)

    def _lines(self):
        """Yield the lines that the start-up file prints, and None for the prompt."""
        serial = self.board.transport.serial
        serial.timeout = _LOOK_S
        deadline = time.monotonic() + self.wait_s
        text = b""
        has_restarted = False
        while time.monotonic() < deadline:
            text += serial.read(max(1, serial.in_waiting))
            *whole, text = text.split(b"\n")
            for line in whole:
                line = line.decode(errors="replace").rstrip("\r")
                if has_restarted:
                    yield line
                has_restarted = has_restarted or "soft reboot" in line
            if has_restarted and text == b">>> ":
                yield None
