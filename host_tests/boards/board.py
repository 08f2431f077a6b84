"""On MicroPython, in lockstep: a board whose root is a folder. It starts as a board does: it runs
main.py. The first argument is the path of a JSON file that describes the board; see yard.py.
"""

import asyncio
import json
import os
import sys

here = __file__.rsplit("/", 1)[0]
sys.path[0:1] = [here, here + "/../wifi", here + "/../lab"]

import air  # noqa: E402
import lockstep_clock  # noqa: E402
import stories  # noqa: E402
from fake_wlan import FINE, Network  # noqa: E402
from hardware import Hardware  # noqa: E402

import partysocket.clock  # noqa: E402

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


# The ms of each call.
clock_asked = []


async def sync_clock():
    """Replaces the time server: it takes 7 s, and often fails."""
    from partysocket import Error

    clock_asked.append(now())
    await asyncio.sleep(7)
    if len(clock_asked) <= order["clock_fails"]:
        raise Error("the time server does not answer")


partysocket.clock.sync_clock = sync_clock


def tell(what):
    joins = network.radio.joins() if network else []
    print(
        json.dumps(
            {
                "what": what,
                "joins": joins,
                "clock": clock_asked,
                "resets": hardware.resets,
                "hunger_ms": hardware.longest_hunger_ms,
                "watchdog_ms": hardware.watchdog_ms,
                "levels": {str(name): hardware.pins[name].level for name in hardware.pins},
            }
        )
    )


async def play(story):
    await getattr(stories, story)(network and network.radio)
    hardware.has_thermometer = True
    tell("over")
    await asyncio.sleep(300)
    tell("long over")


asyncio.create_task(play(order["story"]))
os.chdir(order["root"])
sys.path[0:3] = [""]
with open("main.py") as f:
    code = f.read()
exec(code, {"__name__": "__main__"})
