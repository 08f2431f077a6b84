"""Asks for the time as it is told, on MicroPython and CPython; a line of JSON for each.

The one argument names a file of JSON: `asks`, a list of sync_clock's arguments, and `rtc`: whether
there is a machine.RTC, which only records.
"""

import asyncio
import json
import sys

from partysocket.clock import sync_clock

rtc = []


class Machine:
    class RTC:
        def datetime(self, when):
            rtc.append(when)


async def ask(arguments):
    told = []
    turns = [0]

    async def other():
        while True:
            turns[0] += 1
            await asyncio.sleep(0.01)

    if "rtc" not in settings:
        arguments["set_clock"] = told.append
    task = asyncio.create_task(other())
    try:
        result = {"seconds": await sync_clock(**arguments)}
    except Exception as e:
        result = {"error": str(e), "is_os_error": isinstance(e, OSError)}
    task.cancel()
    result["told"] = told
    result["turns"] = turns[0]
    result["rtc"] = rtc
    return result


async def main():
    if "rtc" in settings and settings["rtc"]:
        sys.modules["machine"] = Machine
    for arguments in settings["asks"]:
        print(json.dumps(await ask(arguments)))


with open(sys.argv[1]) as f:
    settings = json.load(f)
asyncio.run(main())
