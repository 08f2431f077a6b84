"""Follows what the board prints after its restart, until it is in the room or it is clear why not.

The lines are those of boards/common/main.py; of another start-up file only "in the room" and
tracebacks mean something here. An end is the prompt, or a traceback without a word before it.
"error in WHAT:" is none: the start-up file goes on, whatever that was.
"""

import re
import time

from . import words

_LOOK_S = 0.1
_TRIES = 2  # dials that fail: a network that has just come up may lose the first one
_GREETING = ("MicroPython ", 'Type "help()"')  # of the prompt, to which a start-up file ends
_REFUSALS = (400, 401, 403, 404)  # a second try would be told the same


class Story:
    """What the lines so far amount to. Pure: `line()` gives None, True for "in the room", the
    Failure, or a text that explains to the user what the board goes on without.
    """

    def __init__(self):
        self.last = ""
        self._failed = 0
        self._trace = None  # what a traceback that has begun is of; "" if nothing was said
        self._restarted = 0  # how often main.py has begun anew
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
            return words.wifi(*found.groups())
        elif found := re.fullmatch(r"error: (.*)", text):
            return self._error(found[1])
        return None

    def prompt(self):
        """The REPL's prompt: the start-up file has ended."""
        return words.crashed(self.last)

    def _error(self, text):
        self._failed += 1
        found = re.match(r"the server answered (\d+)", text)
        status = int(found[1]) if found else None
        if status in _REFUSALS:
            return words.refused(status)
        if self._failed < _TRIES:
            return None
        return words.no_server(text, self._has_no_clock)

    def _traceback(self, text):
        if not text or text.startswith((" ", "Traceback")):
            return None
        what, self._trace = self._trace, None
        if not what:
            return words.crashed(text)
        if what == "main.py":
            self._restarted += 1
            return words.crashed(text) if self._restarted == _TRIES else None
        if "clock" in what and not self._has_no_clock:
            self._has_no_clock = True
            return words.no_clock(text)
        return None


class Follower:
    """Restarts the board and listens for at most `wait_s` seconds."""

    def __init__(self, board, say, wait_s):
        self.board = board
        self.say = say
        self.wait_s = wait_s

    def run(self):
        """Until the board is in the room; Failure tells why it is not."""
        story = Story()
        try:
            self.board.start_program()
            for text in self._lines():
                said = story.prompt() if text is None else story.line(text)
                if text:
                    self.say("  | " + text)
                if said is True:
                    return
                if isinstance(said, str):
                    self.say(said)
                elif said:
                    raise said
        except OSError as error:
            raise words.went_away(self.board.port, error) from None
        raise words.late(self.wait_s, story.last)

    def _lines(self):
        """What the start-up file prints, line by line; None: the prompt."""
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
