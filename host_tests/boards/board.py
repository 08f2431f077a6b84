"""On MicroPython, in lockstep: a board, whose root is the folder in the JSON that the first argument
names. It starts as a board does: runs main.py. See yard.py.
"""

import asyncio
import json
import os
import sys

here = __file__.rsplit("/", 1)[0]
sys.path[0:1] = [here, here + "/../wifi", here + "/../lab"]

import air
import lockstep_clock
from fake_wlan import FINE, Network
from hardware import Hardware

with open(sys.argv[1]) as f:
    order = json.load(f)

lockstep_clock.tie(order["seed"])
begun = lockstep_clock.ticks_ms()


def now():
    return lockstep_clock.ticks_ms() - begun


chip = order["chip"]
hardware = Hardware(chip, now)
hardware.bad_pins = order["bad_pins"]
hardware.has_thermometer = order["has_thermometer"]
hardware.install()
network = None
if chip is not None:
    network = Network(chip, now)
    network.radio.air["home"] = [FINE]
    network.install()
    air.spread(network.radio)


def tell(what):
    joins = network.radio.joins() if network else []
    print(
        json.dumps(
            {
                "what": what,
                "joins": joins,
                "resets": hardware.resets,
                "hunger_ms": hardware.longest_hunger_ms,
                "watchdog_ms": hardware.watchdog_ms,
                "levels": {str(name): hardware.pins[name].level for name in hardware.pins},
            }
        )
    )


async def play(story):
    if story != "nothing":
        from stories import STORIES

        await STORIES[story](network.radio)
    else:
        await asyncio.sleep(60)
    hardware.has_thermometer = True
    tell("over")
    await asyncio.sleep(1800)
    tell("long over")


asyncio.create_task(play(order["story"]))
os.chdir(order["root"])
sys.path[0:3] = [""]
with open("main.py") as f:
    code = f.read()
exec(code, {"__name__": "__main__"})
