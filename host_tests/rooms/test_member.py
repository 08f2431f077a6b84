"""tools/room_server/member.py: the bounded queue, with a client that reads when told to."""

import asyncio

import pytest

from room_server.budget import Budget
from room_server.member import Member, Shared
from room_server.metrics import Counts
from room_server.settings import Settings

SETTINGS = Settings(queue_messages=3, queue_bytes=1024)


class FakeTransport:
    is_aborted = False

    def abort(self):
        self.is_aborted = True


class Reader:
    """The other end: `send_frame` returns only while it reads."""

    def __init__(self):
        self.got = []
        self.reads = asyncio.Event()
        self.asked = asyncio.Event()

    async def send_frame(self, payload, opcode):
        self.asked.set()
        await self.reads.wait()
        self.got.append(bytes(payload))


def member_with(settle):
    shared = Shared(SETTINGS, Budget(SETTINGS.max_backlog_bytes), Counts(), settle)
    return Member("id", "", None, FakeTransport(), shared)


@pytest.fixture
def member():
    return member_with(lambda: None)


async def held_up(member):
    """Start the writer, let it hang on a first message, and return (reader, task)."""
    reader = Reader()
    task = asyncio.create_task(member.write(reader.send_frame))
    assert member.send(b"first", True)
    await reader.asked.wait()
    return reader, task


async def test_what_waits_only_for_the_writer_s_turn_fills_no_queue(member):
    reader = Reader()
    reader.reads.set()
    task = asyncio.create_task(member.write(reader.send_frame))
    assert all(member.send(b"%d" % n, True) for n in range(100))
    member.close(1000, "")
    await task
    assert reader.got == [b"%d" % n for n in range(100)]


async def test_a_client_that_holds_the_writer_up_is_dropped_at_the_message_too_many(
    member, caplog
):
    _, task = await held_up(member)
    assert [member.send(b"x", True) for _ in range(3)] == [True] * 3
    assert member.send(b"x", True) is False
    assert member._transport.is_aborted
    assert "dropped" in caplog.text
    task.cancel()


@pytest.mark.parametrize(("length", "is_taken"), [(1023, True), (1024, True), (1025, False)])
async def test_and_at_the_byte_too_many(member, length, is_taken):
    _, task = await held_up(member)
    assert member.send(bytes(24), True)
    assert member.send(bytes(length - 24), True) is is_taken
    task.cancel()


async def test_an_empty_queue_takes_a_message_of_any_size(member):
    _, task = await held_up(member)
    assert member.send(bytes(100000), True)
    task.cancel()


async def test_a_close_comes_after_what_is_queued_and_takes_no_more(member):
    reader, task = await held_up(member)
    member.send(b"second", True)
    member.close(1001, "going")
    member.close(1008, "too late")
    assert member.send(b"third", True) is False
    reader.reads.set()
    await task
    assert reader.got == [b"first", b"second"]
    assert (member.close_code, member.close_reason) == (1001, "going")


async def test_a_ping_overtakes_messages(member):
    reader, task = await held_up(member)
    member.send(b"second", True)
    member.send_control(0x9, b"ping")
    member.close(1000, "")
    reader.reads.set()
    await task
    assert reader.got == [b"first", b"ping", b"second"]


async def test_before_each_message_what_it_may_tell_of_is_settled():
    story = []
    member = member_with(lambda: story.append("settled"))

    async def send_frame(payload, opcode):
        story.append(payload)

    for payload in (b"a", b"b"):
        member.send(payload, True)
    member.close(1000, "")
    await member.write(send_frame)
    assert story == ["settled", b"a", "settled", b"b"]
