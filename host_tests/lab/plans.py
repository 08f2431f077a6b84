"""What should happen to a connection, as plain values that can be printed and run again.

    Plan(fault='rst', way='down', at=130)     a reset when the device has got 130 bytes

`way` is "down" (to the device) or "up" (to the server). `at` is a number of bytes that went that
way, including the handshake.
"""

from typing import NamedTuple

from core.seeds import Chance

WAYS = ("down", "up")
# The handshake is a third of it.
_MOST_AT = 600
# Bytes that pass after a flipped bit (if there are any) before the connection is ended.
_BEYOND = 400

# Faults that end a connection when `at` bytes have passed:
#   rst    a reset, both ways               fin    an end in order, both ways, without a Close
#   close  both sockets are just closed     half   an end in this way only; the other goes on
#   stall  nothing more passes this way, without an error
CUTS = ("rst", "fin", "close", "half", "stall")
# Ways of passing until then, ended by "fin":
#   slices  byte by byte                    drip   a few bytes at a time, `value` ms between them
#   late    all of it `value` ms later      flip   bit `value` of byte `at` is turned over
MANNERS = ("slices", "drip", "late", "flip")
# And of a whole connection:
#   refuse  a reset as soon as it is made   mute   it is made, and never answered
WHOLE = ("refuse", "mute")
# A device notices these only by time.
WITHOUT_A_WORD = ("stall", "mute", "flip")
FAULTS = CUTS + MANNERS + WHOLE
# Nothing listens, until `reopen()`. It is not a fault of a connection: it comes instead of one.
SHUT = "shut"


class Plan(NamedTuple):
    fault: str = "none"
    way: str = "down"
    at: int = 0
    value: int = 0

    @property
    def limit(self):
        """After so many bytes its way ends. None: never."""
        if self.fault in CUTS or self.fault in MANNERS:
            return self.at + (_BEYOND if self.fault == "flip" else 0)
        return None


def draw(chance, fault):
    """A plan with `fault` and random other values."""
    if fault in WHOLE or fault == SHUT:
        return Plan(fault)
    way = chance.one_of(WAYS)
    value = 0
    if fault == "flip":
        value = chance.below(8)
    elif fault in ("drip", "late"):
        value = 1 + chance.below(3)
    return Plan(fault, way, chance.below(_MOST_AT), value)


def drawn(what, count, faults=FAULTS):
    """`count` plans, chosen by SEED: each of `faults` as often as the others, in random order."""
    chance = Chance(what)
    plans = []
    while len(plans) < count:
        round_ = list(faults)
        while round_:
            plans.append(draw(chance, round_.pop(chance.below(len(round_)))))
    return plans[:count]
