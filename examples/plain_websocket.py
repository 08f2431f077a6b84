"""A plain WebSocket server without rooms: subscribes to a feed, prints messages, and answers.

    micropython plain_websocket.py [URL]

You'll see `connected` and the messages. Stop the server and start it again: it reconnects.
"""

import asyncio
import json
import sys

from partysocket import WebSocket

URL = sys.argv[1] if len(sys.argv) > 1 else "ws://192.168.1.20:8080/feed"
TOKEN = "s3cret"
TOPIC = "weather"


def subscription():
    """Sent first on each connection, because a server forgets old connections."""
    return json.dumps({"subscribe": TOPIC})


def tell(event):
    """Something happened to the connection."""
    if event.type == "open":
        print("connected again" if event.reconnected else "connected")
    else:
        print("lost:", event.code, event.reason, event.target.last_error or "")


async def main():
    headers = {"Authorization": "Bearer " + TOKEN}
    async with WebSocket(URL, headers=headers, hello=subscription) as socket:
        socket.onopen = socket.onclose = tell
        async for message in socket:  # across reconnects
            print(message)  # str for text, bytes for binary
            socket.send(json.dumps({"got": len(message)}))


asyncio.run(main())
