"""CircuitPython's `watchdog`, in part."""


class WatchDogMode:
    RAISE = "raise"
    RESET = "reset"
