"""Calls fetch as it is told, on MicroPython and CPython, and prints each result as a line of JSON.

The argument is the path of a JSON file: `host`, and `fetches`, a list of the other arguments;
"bytes" is a body of bytes.
"""

import asyncio
import json
import sys

from partysocket import PartySocket


async def outcome(host, arguments):
    room = arguments.pop("room", "r")
    if "bytes" in arguments:
        arguments["body"] = arguments.pop("bytes").encode()
    try:
        answer = await PartySocket.fetch(host, room, **arguments)
    except Exception as e:
        return {"what": "raised", "type": type(e).__name__, "text": str(e)}
    try:
        body = answer.text()
    except UnicodeError:
        body = list(answer.body)
    return {"what": "answer", "status": answer.status, "body": body, "headers": answer.headers}


async def main():
    with open(sys.argv[1]) as f:
        settings = json.load(f)
    for arguments in settings["fetches"]:
        print(json.dumps(await outcome(settings["host"], arguments)))


asyncio.run(main())
