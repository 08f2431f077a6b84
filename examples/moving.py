"""Moves to another server when it is told to, if that is one of its own list.

    micropython moving.py [HOST HOST ...]

A command of the room, "move", chooses from HOSTS, and nothing else. The choice is kept when the
new server has answered. If it does not within WITHIN_S, the device goes back.

    curl http://HOST/parties/main/home \\
      -d '{"type":"command","device":"mover","name":"move","value":"192.168.1.21:1999"}'
"""

import asyncio
import sys
import time

from partysocket.device import Device

HOSTS = sys.argv[1:] or ["192.168.1.20:1999", "192.168.1.21:1999"]
ROOM, NAME, FILE, WITHIN_S = "home", "mover", "host.txt", 60


def kept():
    """The host that was chosen last, or the first one."""
    try:
        with open(FILE) as file:
            return HOSTS[HOSTS.index(file.read())]
    except (OSError, ValueError):
        return HOSTS[0]  # none was chosen yet, or the list is another


async def go(device, old, new):
    await device.flush(5000)  # the answer to the command
    for host in (new, old):
        device.socket.update_properties(host=host)
        device.socket.reconnect()
        end = time.ticks_add(time.ticks_ms(), WITHIN_S * 1000)
        while time.ticks_diff(end, time.ticks_ms()) > 0:
            await asyncio.sleep(1)
            if device.socket.ready_state == device.socket.OPEN:
                with open(FILE, "w") as file:
                    file.write(host)
                return


async def main():
    device = Device(kept(), ROOM, NAME)

    @device.on_command("move")
    def move(host):
        if host not in HOSTS:
            raise ValueError("not one of " + ", ".join(HOSTS))
        asyncio.create_task(go(device, kept(), host))

    while True:
        device.send(n=1)  # put what your sensor reads here
        await asyncio.sleep(2)


asyncio.run(main())
