"""On MicroPython: what happens to a board's network. Each story changes the network, and ends when
the board can join again. Then the board must do so.
"""

import asyncio

from fake_wlan import (
    ABSENT,
    DROP,
    FINE,
    FLAPPING,
    FOREVER_JOINING,
    MPL306_UP_WITHOUT_ADDRESS,
    MQ129_IDLE_WHILE_JOINING,
    MQ133_IDLE_AFTER_CONNECT,
    MQ154_FALSELY_WRONG,
    NEVER_AN_ADDRESS,
)

LATE_REFUSAL = ((0, "joining", None), (12000, "wrong password", None))


async def minutes(n):
    await asyncio.sleep(60 * n)


async def nothing(radio):
    await minutes(1)


async def gone_for_an_hour(radio):
    await minutes(2)
    radio.air["home"] = [ABSENT]
    radio.play(DROP)
    await minutes(60)
    radio.air["home"] = [FINE]


async def wrong_password_answered_late(radio):
    """The password was changed at the access point, and is later changed back."""
    radio.air["home"] = [LATE_REFUSAL]
    await minutes(20)
    radio.air["home"] = [FINE]


async def a_status_that_lies(radio):
    radio.air["home"] = [
        FOREVER_JOINING,
        FLAPPING,
        MPL306_UP_WITHOUT_ADDRESS,
        MQ154_FALSELY_WRONG,
        MQ129_IDLE_WHILE_JOINING,
        MQ133_IDLE_AFTER_CONNECT,
    ]
    for _ in range(8):
        await minutes(3)
        radio.play(DROP)


async def no_address_ever(radio):
    """No DHCP server answers, for so long that the board resets itself."""
    radio.air["home"] = [NEVER_AN_ADDRESS]
    await minutes(45)
    radio.air["home"] = [FINE]


async def two_access_points(radio):
    """The first access point is there, then the other; then neither; then the second again."""
    radio.air["home"], radio.air["work"] = [FINE], [ABSENT]
    await minutes(3)
    radio.air["home"], radio.air["work"] = [ABSENT], [FINE]
    radio.play(DROP)
    await minutes(5)
    radio.air["work"] = [ABSENT]
    radio.play(DROP)
    await minutes(15)
    radio.air["work"] = [FINE]
