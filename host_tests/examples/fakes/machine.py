"""A module `machine` for the unix port. The state of the board is in the folder BOARD, which the
test reads and writes.

Input pins go through the levels in the file `pin14`, one at each read, and stay at the last; the
test replaces the file as a whole. The state of an output pin is printed, and so is a call that
ends the program.
"""

import os
import sys

PWRON_RESET = 1
DEEPSLEEP_RESET = 4
_FOLDER = os.getenv("BOARD") + "/"


class Pin:
    IN = 0
    OUT = 1
    PULL_UP = 2

    def __init__(self, number, mode, pull=None, value=None):
        self._number = number
        self._mode = mode
        # The levels in the file at the last read, and how many of them were used.
        self._played = ""
        self._at = 0
        self._level = 1 if pull == self.PULL_UP else 0
        if value is not None:
            self._level = value

    def value(self, *level):
        if level:
            assert self._mode == self.OUT
            if int(level[0]) != self._level:
                self._level = int(level[0])
                print(f"pin {self._number}: {self._level}")
            return None
        levels = _read(f"pin{self._number}").decode().strip()
        if levels != self._played:
            self._played = levels
            self._at = 0
        if self._at < len(levels):
            self._level = int(levels[self._at])
            self._at += 1
        return self._level


class RTC:
    def memory(self, *data):
        if not data:
            return _read("rtc")
        # ESP32's MICROPY_HW_RTC_USER_MEM_MAX.
        assert len(data[0]) <= 2048
        with open(_FOLDER + "rtc", "wb") as file:
            file.write(data[0])


def reset_cause():
    return DEEPSLEEP_RESET if _read("rtc") else PWRON_RESET


def deepsleep(ms):
    print("deep sleep of", ms // 1000, "s")
    sys.exit()


def reset():
    print("reset")
    sys.exit()


def _read(name):
    try:
        with open(_FOLDER + name, "rb") as file:
            return file.read()
    except OSError:
        return b""
