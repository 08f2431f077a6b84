"""A button here lights the LED there: the same program on two boards in one room.

    micropython button_led.py [HOST [ROOM]]

Hold the button of one board: the LED of the other is on until you release it. Cut the power of
one: the LED of the other goes off a few seconds later. Connect the button to BUTTON and ground.
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
STEADY = 4  # reads in a row that show a change: contacts bounce for some milliseconds
REPEAT = 200  # reads (a second) after which the state is sent again
SILENCE_S = 3  # without a message from the other board


async def watch_button(socket):
    """Send whether it is pressed, at each change and every second, in case a message is lost."""
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
    """Show the state of the other board; off when it is silent."""
    while True:
        try:
            message = json.loads(await asyncio.wait_for(socket.recv(), SILENCE_S))
            LED.value(message["pressed"] is True)
        except asyncio.TimeoutError:
            LED.value(0)
        except (ValueError, TypeError, KeyError):
            pass  # another kind of message


async def main():
    socket = PartySocket(HOST, ROOM, max_enqueued_messages=1)  # offline, the newest state waits
    await asyncio.gather(watch_button(socket), drive_led(socket))


asyncio.run(main())
