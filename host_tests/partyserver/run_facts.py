"""Runs the facts of one module at a PartyServer; a line of JSON for each.

    python host_tests/partyserver/run_facts.py facts_dial HOST:PORT [FACT...]

MicroPython's unix port takes the same.
"""

import asyncio
import gc
import io
import json
import sys

_HERE = __file__[: __file__.rfind("/")] if "/" in __file__ else "."
sys.path.insert(0, _HERE)
sys.path.insert(0, _HERE + "/../../lib")

import partysocket  # noqa: E402, F401  (supplies `micropython` on CPython)


async def main(name, address, *names):
    module = __import__(name)
    for name in names or sorted(dir(module)):
        if name.startswith("fact_"):
            text = ""
            try:
                await getattr(module, name)(address)
            except Exception as e:
                text = told(e)
            print(json.dumps({"name": name, "text": text}))
            gc.collect()


def told(error):
    text = io.StringIO()
    if hasattr(sys, "print_exception"):
        sys.print_exception(error, text)
    else:
        import traceback

        traceback.print_exception(error, file=text)
    return text.getvalue()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
