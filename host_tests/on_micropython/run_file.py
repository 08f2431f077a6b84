"""Runs test functions of one file on MicroPython, and prints a line of JSON for each.

micropython run_file.py MODULE FUNCTION...

Lines for the collector start with MARK: {"start": name}, then {"name", "ok", "text"}. The lines
between them are the output of the test.
"""

import gc
import io
import json
import sys

import micropython

MARK = "@test "
_TRACEBACK_BYTES = 4096


def report(**fields):
    # A test may have left its last line unfinished.
    print("\n" + MARK + json.dumps(fields))


def traceback(error):
    text = io.StringIO()
    sys.print_exception(error, text)
    return text.getvalue()


def run(module, name):
    """Call the test. Returns the traceback, or "" if it passed."""
    # With the heap locked there is only one MemoryError object, and the next error overwrites it.
    # So its traceback is written at once, into memory that was allocated before.
    text = io.StringIO(_TRACEBACK_BYTES)
    try:
        getattr(module, name)()
    except KeyboardInterrupt:
        raise
    # SystemExit too: it must not stop the tests that follow.
    except BaseException as error:
        try:
            sys.print_exception(error, text)
        except MemoryError:
            # It was longer than that, and is cut.
            pass
        unlock_heap()
        return text.getvalue()
    if unlock_heap():
        return "The test left the heap locked.\n"
    return ""


def unlock_heap():
    """Unlock the heap if a test has left it locked. Returns whether it was."""
    was_locked = False
    while not can_allocate():
        micropython.heap_unlock()
        was_locked = True
    return was_locked


def can_allocate():
    # This port has no `heap_locked`, and `heap_unlock` without a lock breaks the heap.
    try:
        bytearray(32)
    except MemoryError:
        return False
    return True


def main(module_name, *names):
    report(start="")
    try:
        module = __import__(module_name)
    except BaseException as error:
        report(name="", ok=False, text=traceback(error))
        sys.exit(1)
    for name in names:
        gc.collect()
        report(start=name)
        text = run(module, name)
        report(name=name, ok=not text, text=text)


if __name__ == "__main__":
    main(*sys.argv[1:])
