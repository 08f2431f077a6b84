"""Measures this library and others, and prints a table: `make bench`.

It asserts nothing. If something can't be measured on this machine, its cell says so. The table is
also written to build/bench.md, and with plain numbers to build/bench.json.
"""

import argparse
import sys
from pathlib import Path

from bench import (
    clients,
    device_cost,
    gaps,
    history,
    late,
    memory,
    outbox,
    pace,
    page,
    portal_cost,
    report,
    rooms,
    sizes,
    speed,
)
from bench.devices import BUILD, server
from bench.run import Bench

PARTS = {
    "sizes": sizes,
    "device": device_cost,
    "late": late,
    "memory": memory,
    "pace": pace,
    "speed": speed,
    "gaps": gaps,
    "rooms": rooms,
    "history": history,
    "outbox": outbox,
    "page": page,
    "portal": portal_cost,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repeats: about a minute")
    parser.add_argument("--only", action="append", choices=sorted(PARTS), help="only this part")
    parser.add_argument("--rounds", type=int, help="of the part pace (7)")
    parser.add_argument("--match", default="", help="only rows of pace with this in their name")
    parser.add_argument("--release", help="another commit to be compared with")
    parser.add_argument("--micropython", help="another MicroPython than .venv's")
    parser.add_argument("--clients", type=int, help="in a room of the part rooms (2000)")
    parser.add_argument("--build", type=Path, default=BUILD, help="the folder to write to")
    chosen = parser.parse_args()
    if chosen.release:
        clients.RELEASE.choose(chosen.release)
    try:
        run(chosen)
    finally:
        clients.remove_trees()
    return 0


def run(chosen):
    with server() as (ports, root):
        bench = Bench(ports, root, chosen)
        for name in chosen.only or PARTS:
            bench.say(f"part: {name}")
            PARTS[name].measure(bench)
        print(report.write(bench, chosen.build))


if __name__ == "__main__":
    sys.exit(main())
