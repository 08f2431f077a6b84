"""Runs test functions of one file on a board, and prints a line of JSON for each, as
on_micropython/run_file.py does, which needs more of MicroPython than there is here.

boot.py BOARD run_tests.py MODULE FUNCTION...
"""

import asyncio
import gc
import io
import json
import sys
import traceback

import socketpool


def report(**fields):
    print("\n@test " + json.dumps(fields))


def outcome(call, *args):
    """What the call gives, and the traceback, "" if it passed; what is a coroutine is run."""
    result, text = None, io.StringIO()
    try:
        result = call(*args)
        if hasattr(result, "send"):
            asyncio.run(result)
        asyncio.new_event_loop()
    except Exception as error:
        traceback.print_exception(error, file=text)
    for sock in list(socketpool._open):  # of a test that failed
        sock.close()
    return result, text.getvalue()


report(start="")
module, text = outcome(__import__, sys.argv[1])
if text:
    report(name="", ok=False, text=text)
    sys.exit(1)
for name in sys.argv[2:]:
    gc.collect()
    report(start=name)
    _, text = outcome(getattr(module, name))
    report(name=name, ok=not text, text=text)
