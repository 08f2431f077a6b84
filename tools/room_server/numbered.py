"""Numbered readings: which of a message are new, and how far it takes the highest number."""

from dataclasses import dataclass


@dataclass(frozen=True)
class News:
    """What a message has beyond the number that was the highest before it."""

    n: int  # the highest number after it
    readings: list  # to be stored
    refused: list  # [n, what is wrong]: done with, and not stored
    known: int  # how many are dropped, since their numbers were known


def news_of(readings, highest):
    """Return the News in the `readings` of a numbered message; `highest` is 0 if none is known."""
    new = [reading for reading in readings if reading["n"] > highest]
    return News(
        n=max(highest, readings[-1]["n"]),
        readings=[reading for reading in new if "refused" not in reading],
        refused=[[each["n"], each["refused"]] for each in new if "refused" in each],
        known=len(readings) - len(new),
    )
