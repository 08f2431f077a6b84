"""Clients join and leave a room at random, in every way. In the end the room knows its members,
has told who is there, and every member gets messages.
"""

import asyncio
import json
import random
from collections import Counter

import websockets

from rooms.clients import WAIT_S, changes_of, http, join, path_of, state_of

from .servers import CLUSTER

STEPS = 60
NAMES = [f"d{n}" for n in range(6)]
IDS = [f"p{n}" for n in range(8)]


class Guest:
    """A member that joins with `come`. It leaves in its own way, not by a context manager."""

    def __init__(self, server, room, chance, may_be_late):
        self.role = chance.choice(["device", "device", "dashboard", ""])
        self.name = chance.choice(NAMES) if self.role == "device" else ""
        self._hears = chance.choice(["all", "all", "commands"])
        id = {"pk": chance.choice(IDS)} if chance.random() < 0.5 else {}
        who = {"role": self.role, "name": self.name, "hears": self._hears, **id}
        self._context = join(server, room, **who)
        self._client = None
        self._may_be_late = may_be_late

    async def come(self):
        try:
            self._client = await self._context.__aenter__()
        except websockets.InvalidStatus as refusal:
            # Of two with one id that come into a cluster at once, the newer may be there first.
            assert self._may_be_late
            assert b"a newer connection with the same id" in refusal.response.body

    @property
    def is_here(self):
        if self._client is None:
            return False
        protocol = self._client.socket.protocol
        return protocol.state is websockets.State.OPEN and protocol.close_rcvd is None

    async def go(self, how):
        if how == "close":
            await self._client.socket.close(1000)
            return
        if how == "too long":
            await self._client.send(bytes(20000))
        elif how == "half open":
            self._client.stop_reading()
        self._client.vanish()

    async def hear(self, text):
        if self._hears == "all":
            while await self._client.raw() != text:
                pass
            return
        await self._client.send({"type": "command", "device": "nobody", "name": text})
        heard = ["snapshot"] if self.role == "dashboard" else []
        assert [(await self._client.next())["type"] for _ in heard] == heard
        # There is nothing before it.
        assert (await self._client.next()).get("name") == text


async def test_after_a_random_life_a_room_knows_who_is_there_and_all_hear(server, kind, room):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    watcher = await join(server, room, pk="watcher")
    here = []
    for _ in range(STEPS):
        tasks, come = [], []
        for _ in range(chance.randrange(1, 6)):
            if not here or chance.random() < 0.55:
                come.append(Guest(server, room, chance, kind == CLUSTER))
                tasks.append(come[-1].come())
            else:
                guest = here.pop(chance.randrange(len(here)))
                tasks.append(guest.go(chance.choice(["close", "end", "too long", "half open"])))
        await asyncio.gather(*tasks)
        here = [guest for guest in here + come if guest.is_here]
    state = await asyncio.wait_for(_settled(server, room, here), 2 * WAIT_S)
    http(server, path_of(room), b"can you hear me")
    here = [guest for guest in here if guest.is_here]
    await asyncio.gather(*(guest.hear("can you hear me") for guest in here))
    online = {device["device"] for device in state["devices"] if device["online"]}
    assert online == {guest.name for guest in here if guest.name}
    told, texts = {}, []
    while "can you hear me" not in texts or {name for name in told if told[name]} != online:
        texts.append(await watcher.raw())
        changes = changes_of(json.loads(texts[-1])) if texts[-1].startswith("{") else ()
        told.update(changes)
    for guest in here:
        await guest.go("end")


async def _settled(server, room, guests):
    """Wait until the room has counted its members, and return its state."""
    while True:
        state = state_of(server, room)
        here = Counter(guest.role or "other" for guest in guests if guest.is_here)
        expected = {"device": 0, "dashboard": 0, "other": 0} | here
        # The watcher itself.
        expected["other"] += 1
        if state["clients"] == expected:
            return state
        await asyncio.sleep(0.02)
