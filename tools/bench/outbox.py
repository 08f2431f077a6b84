"""An outbox: the flash, RAM and time that it takes, and how fast rooms acknowledge readings."""

from . import outbox_cost, outbox_flash, outbox_life, outbox_rooms

PARTS = (outbox_flash, outbox_life, outbox_cost, outbox_rooms)


def measure(bench):
    for part in PARTS:
        part.measure(bench)
