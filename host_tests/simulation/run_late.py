"""Loads that fail, in a life with all odd paths; see odd_paths.py. On either interpreter.

    run_late.py VARIANT [for-ever] [ODD_PATH...]     "memory", "missing", "broken", or "none"
    run_late.py back [planted]                       what a loss and the dials after it load

LIB=folder runs it with the library there.
"""

import os
import sys

_HERE = __file__[: __file__.rfind("/")] if "/" in __file__ else "."
sys.path.insert(0, _HERE + "/..")

from simulation import late  # noqa: E402

late.begin(os.getenv("LIB") or _HERE + "/../../lib")

import partysocket  # noqa: E402, F401  (supplies `micropython` on CPython)
from api.run_claims import told  # noqa: E402
from simulation import odd_paths  # noqa: E402
from simulation.clock import play  # noqa: E402


def main(variant, *names):
    if variant == "back":
        play(lambda: odd_paths.come_back("planted" in names))
        print("loaded late: %s" % " ".join(late.loads))
        return 0
    late.variant = None if variant == "none" else variant
    late.for_ever = "for-ever" in names
    names = [name for name in names if name != "for-ever"] or odd_paths.NAMES
    broken = 0
    for name in names:
        try:
            play(lambda name=name: odd_paths.do(name))
        except Exception as e:
            broken += 1
            print("BROKEN: %s: %s" % (name, told(e)))
    print("\n".join(odd_paths.told))
    print("loaded early: %s\nloaded late: %s" % (" ".join(late.early), " ".join(late.loads)))
    print("%d odd paths, %d loads failed, %d broken" % (len(names), late.failures, broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
