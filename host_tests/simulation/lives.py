"""Runs lives, one after the other, and tells which one broke and how to replay it, on this
interpreter.
"""

import gc
import sys

from api.run_claims import told

_COMMANDS = {"cpython": ".venv/bin/python", "micropython": ".venv/bin/micropython -X heapsize=32M"}


def play_all(lives, program, goes_on):
    """Run `lives`, each (name, function). `goes_on`: also after one that broke. Returns the exit
    status of the process, `program`.
    """
    count = broken = 0
    for name, live in lives:
        print("at " + name)
        count += 1
        try:
            live()
        except (Exception, SystemExit) as e:
            broken += 1
            print("%sBROKEN %s: %s: %s" % (told(e), name, type(e).__name__, e))
            print("%s host_tests/%s %s" % (_COMMANDS[sys.implementation.name], program, name))
            if not goes_on:
                break
        gc.collect()
    print("%d lives, %d broken" % (count, broken))
    return 1 if broken else 0
