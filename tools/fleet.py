"""What a fleet does to its server after a restart: all devices lose their link at once.

    python3 tools/fleet.py                   the table for a server that refuses what it can't do
    python3 tools/fleet.py --queue 10        for one that queues it, up to 10 s deep
    python3 tools/fleet.py --png fleet.png   the table, and a picture of its first setting

Three policies are compared: what npm's PartySocket 1.3.0 does, its documented defaults, and ours.
Each device is the library's own state machine. The whole table takes about three minutes; fewer
--devices at a --rate lowered alike give the same shape sooner.
"""

import argparse
import math
import os
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))

from fleet import picture, report
from fleet.policies import POLICIES
from fleet.simulation import Fleet

_MOST_DEVICES = 1_000_000  # about 0.6 GB
_MOST_RATE = 10_000_000
_MOST_S = 86_400


def main():
    chosen = parsed()
    if chosen.png:
        trouble = picture.trouble(chosen.png)
        if trouble:
            print(f"fleet: {trouble}", file=sys.stderr)
            return 1
    try:
        run(chosen)
    except KeyboardInterrupt:
        print("\nfleet: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"fleet: {error}", file=sys.stderr)
        return 1
    return 0


def run(chosen):
    print(report.heading(chosen), flush=True)
    drawn = {}  # policy -> its run under the first setting
    for rate in chosen.rate:
        for down_s in chosen.down:
            for name in POLICIES:
                done = simulated(chosen, name, rate, down_s)
                print(report.row(name, rate, down_s, done, chosen), flush=True)
                drawn.setdefault(name, done)
    if chosen.png:
        picture.draw(drawn, chosen.rate[0], chosen.png)
        print(f"\nThe picture is in {chosen.png}: C = {chosen.rate[0]}, D = {chosen.down[0]:g} s.")


def simulated(chosen, name, rate, down_s):
    fleet = Fleet(POLICIES[name], chosen.devices, rate, down_s, chosen.queue, chosen.seed)
    with report.Progress(f"{name}, C = {rate}, D = {down_s:g} s", down_s + chosen.for_s) as watch:
        return fleet.run(chosen.for_s, watch)


def parsed():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    devices, rate = number(int, 1, _MOST_DEVICES), number(int, 1, _MOST_RATE)
    downtime, time = number(float, 0, _MOST_S), number(float, 1, _MOST_S)
    queue, seed = number(float, 0.001, _MOST_S), number(int, 0, 2**63)
    add("--devices", type=devices, default=100_000, metavar="N", help="how many (100000)")
    add("--rate", type=rate, nargs="+", default=[1000, 10_000], metavar="C", help=_RATE)
    add("--down", type=downtime, nargs="+", default=[0, 30], metavar="D", help=_DOWN)
    add("--queue", type=queue, metavar="S", help="the server queues, up to S seconds deep")
    add("--for", type=time, default=1500, dest="for_s", metavar="S", help=_FOR)
    add("--seed", type=seed, metavar="N", help="repeats a run; drawn and printed otherwise")
    add("--png", type=Path, metavar="FILE", help="draw the dials per second (needs matplotlib)")
    chosen = parser.parse_args()
    if chosen.seed is None:
        chosen.seed = random.SystemRandom().randrange(2**32)
    return chosen


_RATE = "handshakes a second that the server can do; one or more (1000 10000)"
_DOWN = "seconds until the server is back; one or more (0 30)"
_FOR = "watch for so many seconds after the server's return (1500)"


def number(kind, least, most):
    """An argument's type: a number within bounds."""

    def take(text):
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:  # nor NaN
            what = "a whole number" if kind is int else "a number"
            raise argparse.ArgumentTypeError(f"{text!r} is not {what} from {least} to {most}")
        return value

    return take


if __name__ == "__main__":
    sys.exit(main())
