"""Checks facts of a PartyServer, each in both parties. Prints a line of JSON for each.

    python host_tests/partyserver/run_facts.py HOST:PORT FACT...

MicroPython's unix port runs it with the same arguments.
"""

import asyncio
import gc
import io
import json
import sys

_HERE = __file__[: __file__.rfind("/")] if "/" in __file__ else "."
sys.path.insert(0, _HERE)
sys.path.insert(0, _HERE + "/../../lib")

import facts_talk  # noqa: E402

import partysocket  # noqa: E402, F401  (supplies `micropython` on CPython)


async def main(address, *names):
    for name in names:
        text = ""
        try:
            for party in ("main", "hib"):
                await getattr(facts_talk, name)(address, party)
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


asyncio.run(main(*sys.argv[1:]))
