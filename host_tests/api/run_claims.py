"""Runs the claims of one module, on this interpreter. Prints a line of JSON for each.

    python host_tests/api/run_claims.py claims_handlers [NAME...]
    python host_tests/api/run_claims.py hostile.claims_frames [NAME...]

MicroPython's unix port takes the same arguments. LIB=folder uses the library there.
"""

import gc
import io
import json
import os
import sys

_HERE = __file__[: __file__.rfind("/")] if "/" in __file__ else "."
sys.path.insert(0, _HERE + "/..")
sys.path.insert(0, os.getenv("LIB") or _HERE + "/../../lib")

import partysocket  # noqa: E402, F401  (supplies `micropython` on CPython)
from api.world import in_loop  # noqa: E402


def run(name, claim):
    """Run a claim. Returns the traceback, or "" if the claim holds."""
    try:
        if name.startswith("outside_"):
            claim()
        else:
            in_loop(claim)
    except Exception as e:
        return told(e)
    return ""


def told(error):
    text = io.StringIO()
    if hasattr(sys, "print_exception"):
        sys.print_exception(error, text)
    else:
        import traceback

        traceback.print_exception(error, file=text)
    return text.getvalue()


def main(name, *names):
    package, name = ("api." + name).split(".")[-2:]
    sys.path.insert(0, _HERE + "/../" + package)
    module = getattr(__import__(package + "." + name), name)
    for name in names or sorted(dir(module)):
        if name.startswith(("claim_", "outside_", "cpython_", "micropython_")):
            print(json.dumps({"start": name}))
            print(json.dumps({"name": name, "text": run(name, getattr(module, name))}))
            gc.collect()


if __name__ == "__main__":
    main(*sys.argv[1:])
