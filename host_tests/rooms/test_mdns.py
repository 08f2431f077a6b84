"""The server's name in the network, and what a neighbour can do to it: with real packets, on the
loopback device.
"""

import asyncio
import logging
import os
from contextlib import asynccontextmanager

import pytest

from room_server.mdns import Announcer
from rooms.neighbour import Liar, Neighbour

HERE = "127.0.0.1"
PORT = 1999


@pytest.fixture
def name():
    """One that no other run of the tests on this computer has."""
    return f"rooms{os.getpid()}"


@pytest.fixture
def warnings(caplog):
    caplog.set_level(logging.WARNING, "room_server")
    return lambda: [record.getMessage() for record in caplog.records]


@asynccontextmanager
async def announced(name, addresses=(HERE,)):
    """An Announcer, and the names that it was given."""
    told = []
    announcer = Announcer(PORT, False, told.append, name)
    try:
        await announcer.answer_at(list(addresses))
        yield announcer, told
    finally:
        await announcer.stop()


async def test_a_neighbour_finds_the_server_by_name_and_in_a_list_until_it_stops(name, warnings):
    async with Neighbour() as neighbour:
        async with announced(name) as (announcer, told):
            assert told == [f"{name}.local"]
            assert await neighbour.resolve(name) == [HERE]
            found = await neighbour.until(name, "came")
            assert (found.server, found.port) == (f"{name}.local.", PORT)
            assert found.parsed_addresses() == [HERE]
            # All that a neighbour gets to read. There is no token.
            assert found.properties == {b"path": b"/"}
            # Nothing has changed: it is not said again.
            await announcer.answer_at([HERE])
            assert told == [f"{name}.local"]
        await neighbour.until(name, "went")
    assert warnings() == []


async def test_a_network_that_comes_later_or_changes_gets_the_name_too(name):
    async with Neighbour() as neighbour, announced(name, ()) as (announcer, told):
        assert told == []
        await announcer.answer_at([HERE])
        assert await neighbour.resolve(name) == [HERE]
        await announcer.answer_at(["127.0.0.2"])
        assert told == [f"{name}.local"] * 2
        async with Neighbour() as other:
            assert await other.resolve(name) == ["127.0.0.2"]
        await announcer.answer_at([])
        await neighbour.until(name, "went")


async def test_a_taken_name_is_left_to_who_has_it(name, warnings):
    async with Neighbour() as neighbour:
        await neighbour.own(name, f"{name}-2")
        async with announced(name) as (_, told):
            assert told == [f"{name}-3.local"]
            assert await neighbour.resolve(f"{name}-3") == [HERE]
            assert await neighbour.resolve(name) == ["192.0.2.66"]
    assert warnings() == []


async def test_a_neighbour_with_all_names_costs_a_warning(name, warnings):
    async with Neighbour() as neighbour:
        await neighbour.own(name, *(f"{name}-{n}" for n in range(2, 10)))
        async with announced(name) as (announcer, told):
            await announcer.answer_at([HERE])
            assert told == []
    [text] = warnings()
    assert f"others have all names up to {name}-9.local: use the address" in text


async def test_who_answers_for_the_name_too_is_told_once(name, warnings):
    async with announced(name):
        with Liar() as liar:
            for last in range(1, 50):
                liar.claim(name, f"192.0.2.{last}")
                liar.claim("someone", f"192.0.2.{last}")
        # One that has not heard the lies.
        async with Neighbour() as other:
            assert await other.resolve(name) == [HERE]
    [text] = warnings()
    assert f"192.0.2.1 answers for {name}.local too: use the address, not the name" in text


async def test_a_good_bye_in_its_name_does_not_silence_it(name, warnings):
    async with announced(name), Neighbour() as neighbour:
        assert await neighbour.resolve(name) == [HERE]
        with Liar() as liar:
            liar.claim(name, HERE, ttl=0)
        async with Neighbour() as other:
            assert await other.resolve(name) == [HERE]
    assert warnings() == []


async def test_noise_is_ignored(name, warnings):
    async with announced(name) as (_, told):
        with Liar() as liar:
            liar.babble(500)
        async with Neighbour() as neighbour:
            assert await neighbour.resolve(name) == [HERE]
    assert warnings() == []


async def test_lists_without_end_keep_it_neither_from_its_name_nor_from_answering(name, warnings):
    async with Neighbour() as neighbour:
        with Liar() as liar:
            flood = asyncio.create_task(asyncio.to_thread(liar.list, 12_000, name))
            async with announced(name) as (_, told):
                await flood
                assert told == [f"{name}.local"]
                assert await neighbour.resolve(name) == [HERE]
                assert (await neighbour.until(name, "came")).port == PORT
    assert warnings() == []
