"""A button here lights the LED there: the same program on two boards in one room.

    micropython button_led.py [HOST [ROOM]]

Hold the button of one board: the LED of the other is on until you let go. Cut the power of one:
the LED of the other goes off a few seconds later. The button lies between BUTTON and ground.
"""

import asyncio
import json
import sys

from machine import Pin
from partysocket import PartySocket

HOST = sys.argv[1] if len(sys.argv) > 1 else "192.168.1.20:1999"
ROOM = sys.argv[2] if len(sys.argv) > 2 else "bench"
BUTTON = Pin(14, Pin.IN, Pin.PULL_UP)
LED = Pin(2, Pin.OUT, value=0)
POLL_S = 0.005
STEADY = 4  # looks in a row that find it changed: contacts bounce for some milliseconds
REPEAT = 200  # looks, a second, after which the state is sent again
SILENCE_S = 3  # without a word from the other board


async def watch_button(socket):
    """Send whether it is pressed, at each change and every second: what is lost mends itself."""
    is_pressed = False
    changed = rest = 0
    while True:
        changed = changed + 1 if (BUTTON.value() == 0) != is_pressed else 0
        if changed == STEADY:
            is_pressed = not is_pressed
            changed = rest = 0
        if rest == 0:
            socket.send(json.dumps({"pressed": is_pressed}))
            rest = REPEAT
        rest -= 1
        await asyncio.sleep(POLL_S)


async def drive_led(socket):
    """Show what the other board says; when it is silent, nothing."""
    while True:
        try:
            message = json.loads(await asyncio.wait_for(socket.recv(), SILENCE_S))
            LED.value(message["pressed"] is True)
        except asyncio.TimeoutError:
            LED.value(0)
        except (ValueError, TypeError, KeyError):
            pass  # something else that is said in the room


async def main():
    socket = PartySocket(HOST, ROOM, max_enqueued_messages=1)  # offline, the newest state waits
    await asyncio.gather(watch_button(socket), drive_led(socket))


asyncio.run(main())
