"""Runs test functions of one file on a board, and prints the traceback of each that fails.

boot.py BOARD run_tests.py MODULE FUNCTION...
"""

import asyncio
import gc
import sys
import traceback

import socketpool

module = __import__(sys.argv[1])
passed = 0
for name in sys.argv[2:]:
    gc.collect()
    try:
        result = getattr(module, name)()
        # It is a coroutine.
        if hasattr(result, "send"):
            asyncio.run(result)
        asyncio.new_event_loop()
        passed += 1
    except Exception as error:
        print("failed:", name)
        traceback.print_exception(error)
    for sock in list(socketpool._open):  # of a test that failed
        sock.close()
print(passed, "passed")
