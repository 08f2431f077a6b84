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
from simulation import odd_paths  # noqa: E402


def main(variant, *names):
    if variant == "back":
        print("loaded late: %s" % " ".join(odd_paths.come_back("planted" in names)))
        return 0
    late.variant = None if variant == "none" else variant
    if names and names[0] == "for-ever":
        late.for_ever = True
        names = names[1:]
    broken = 0
    for name in names or odd_paths.NAMES:
        what, error = odd_paths.go(name)
        if what:
            broken += 1
            print("BROKEN: " + what)
            if hasattr(sys, "print_exception") and error is not None:
                sys.print_exception(error)
            elif error is not None:
                import traceback

                traceback.print_exception(error)
    print("\n".join(odd_paths.told))
    print("loaded late: %s" % " ".join(late.loads))
    print(
        "%d odd paths, %d loads failed, %d broken"
        % (len(names or odd_paths.NAMES), late.failures, broken)
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
