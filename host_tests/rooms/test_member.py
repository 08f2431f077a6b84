"""tools/room_server/member.py: the bounded queue, with a client that only reads on command."""

import asyncio
from unittest.mock import Mock

from room_server.budget import Budget
from room_server.member import Member, Shared
from room_server.metrics import Counts
from room_server.settings import Settings

SETTINGS = Settings(queue_messages=3, queue_bytes=1024)


class Client:
    """The other end. It accepts frames only while it reads."""

    def __init__(self):
        # What it got, and "settled" for each call of settle().
        self.story = []
        self.reads = asyncio.Event()
        self.transport = Mock()
        self._is_asked = asyncio.Event()
        budget = Budget(SETTINGS.max_backlog_bytes)
        shared = Shared(SETTINGS, budget, Counts(), lambda: self.story.append("settled"))
        self.member = Member("id", "", None, self.transport, shared)
        self.writing = asyncio.create_task(self.member.write(self.take))

    async def take(self, payload, opcode):
        self._is_asked.set()
        await self.reads.wait()
        self.story.append(bytes(payload))

    async def hold_up(self):
        """Let the writer wait at a first message. Return the member."""
        assert self.member.send(b"first", True)
        await self._is_asked.wait()
        return self.member

    async def got(self):
        """Read until the close, and return what it got."""
        self.reads.set()
        await self.writing
        return [part for part in self.story if part != "settled"]


async def test_what_waits_only_for_the_writer_s_turn_fills_no_queue():
    client = Client()
    assert all(client.member.send(b"%d" % n, True) for n in range(100))
    client.member.close(1000, "")
    assert await client.got() == [b"%d" % n for n in range(100)]
    # Each message is settled before it is sent, because it may be about a change.
    assert client.story[::2] == ["settled"] * 100


async def test_who_holds_the_writer_up_is_dropped_at_the_message_too_many(caplog):
    for lengths, is_taken in (
        *(([1, 1, 1], True), ([1, 1, 1, 1], False)),  # at most 3 messages
        *(([24, 999], True), ([24, 1000], True), ([24, 1001], False)),  # at most 1,024 bytes
        ([100_000], True),  # a single message may have any size
    ):
        client = Client()
        member = await client.hold_up()
        taken = [member.send(bytes(length), True) for length in lengths]
        assert taken == [True] * (len(lengths) - 1) + [is_taken]
        assert client.transport.abort.called == ("dropped" in caplog.text) == (not is_taken)
        caplog.clear()
        client.writing.cancel()


async def test_a_ping_overtakes_messages_and_a_close_comes_last_and_once():
    client = Client()
    member = await client.hold_up()
    member.send(b"second", True)
    member.send_control(0x9, b"ping")
    member.close(1001, "going")
    member.close(1008, "too late")
    assert member.send(b"third", True) is False
    assert await client.got() == [b"first", b"ping", b"second"]
    assert (member.close_code, member.close_reason) == (1001, "going")
