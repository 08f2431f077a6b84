"""A device of the fleet's wire test: PORT NUMBER. It prints the events of its connection."""

import asyncio
import json
import sys

from partysocket import PartySocket


def tell(what, **fields):
    print(json.dumps(dict(fields, what=what)))


async def main(port, number):
    ws = PartySocket(
        "127.0.0.1:" + port,
        "fleet",
        id="device-" + number,
        min_reconnection_delay=200,
        max_reconnection_delay=1000,
        min_uptime=0,
    )
    ws.onopen = lambda event: tell("open")
    ws.onclose = lambda event: tell("close", code=event.code, reason=event.reason)
    ws.add_event_listener(
        "reconnecting",
        lambda event: tell("waits", ms=event.delay_ms, retry=event.retry_count),
    )
    await ws.wait_closed()


asyncio.run(main(*sys.argv[1:]))
