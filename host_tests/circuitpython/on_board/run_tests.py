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


def told(error):
    text = io.StringIO()
    traceback.print_exception(error, file=text)
    return text.getvalue()


def run(module, name):
    """Call the test, or run it if it is a coroutine; the traceback, "" if it passed."""
    try:
        result = getattr(module, name)()
        if hasattr(result, "send"):
            asyncio.run(result)
        asyncio.new_event_loop()
    except Exception as error:
        return told(error)
    finally:
        for sock in list(socketpool._open):  # of a test that failed
            sock.close()
    return ""


def main(module_name, *names):
    report(start="")
    try:
        module = __import__(module_name)
    except Exception as error:
        report(name="", ok=False, text=told(error))
        sys.exit(1)
    for name in names:
        gc.collect()
        report(start=name)
        text = run(module, name)
        report(name=name, ok=not text, text=text)


main(*sys.argv[1:])
