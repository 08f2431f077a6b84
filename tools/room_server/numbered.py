"""Numbered readings: which of a message are new, and the highest number after it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class News:
    """The new readings in a message: those above the highest number before it."""

    # The highest number after the message.
    n: int
    # The readings to store.
    readings: list
    # [n, what is wrong]: readings that are refused for good.
    refused: list
    # How many are dropped because their numbers are already known.
    known: int


def news_of(readings, highest):
    """Return the News in the `readings` of a numbered message. `highest` is 0 if none is known."""
    new = [reading for reading in readings if reading["n"] > highest]
    return News(
        n=max(highest, readings[-1]["n"]),
        readings=[reading for reading in new if "refused" not in reading],
        refused=[[each["n"], each["refused"]] for each in new if "refused" in each],
        known=len(readings) - len(new),
    )
