"""Plays a device that keeps its readings until they are acknowledged."""

import json

from rooms.clients import join

EPOCH = "9f0c2ab1d4e65c37"


async def come(server, room, n=0, epoch=EPOCH, name="d", **query):
    """Join as such a device. The server's first message must be an ack for number `n`."""
    device = await join(server, room, role="device", name=name, epoch=epoch, **query)
    assert json.loads(await device.raw()) == ack(n, epoch)
    return device


def ack(n, epoch=EPOCH):
    return {"type": "ack", "epoch": epoch, "n": n}


def one(n, after, epoch=EPOCH, **fields):
    """A single numbered reading."""
    return {"type": "reading", "epoch": epoch, "after": after, **entry(n, **fields)}


def batch(after, *readings, epoch=EPOCH):
    return {"type": "batch", "epoch": epoch, "after": after, "readings": list(readings)}


def entry(n, **fields):
    """A reading in a batch. Its value is its number, unless the fields have another value."""
    return {"n": n, "values": {"t": n}, **fields}


async def until_done(device, n, epoch=EPOCH):
    """Wait for the ack of all readings up to `n`. Return the refused ones, as in acks."""
    refused, last = [], 0
    while last != n:
        message = await device.next("ack", epoch=epoch)
        assert last <= message["n"] <= n, (last, message)
        last = message["n"]
        refused += message.get("refused", [])
    return refused
