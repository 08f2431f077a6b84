"""A part of CircuitPython's `watchdog`."""


class WatchDogMode:
    RAISE = "raise"
    RESET = "reset"
