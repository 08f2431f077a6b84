"""A socket over a WiFi over a fake radio, in virtual time."""

import fake_wlan
from test_wifi import LONG, now, sleep, station

from api.virtual import virtual


@virtual
async def test_a_socket_dials_when_the_link_is_up_and_not_before(world):
    wifi, _ = station()
    ws = world.websocket(link=wifi)
    await sleep(2999)
    assert world.peers == []
    peer = await world.opened()
    assert peer.at == 3000
    ws.close()
    await ws.wait_closed()
    wifi.stop()


@virtual
async def test_a_socket_dials_again_as_soon_as_the_link_is_back(world):
    wifi, radio = station()
    world.websocket(link=wifi)
    peer = await world.opened()
    await sleep(LONG)
    radio.air["home"] = [fake_wlan.ABSENT]
    radio.play(fake_wlan.DROP)
    await sleep(600)
    peer.reset(OSError(104, "lost"))
    await sleep(10 * LONG)
    # Not one dial in ten minutes.
    assert len(world.peers) == 1
    radio.air["home"] = [fake_wlan.FINE]
    await wifi.wait_up()
    up = now()
    peer = await world.opened(2)
    assert peer.at == up
    wifi.stop()


@virtual
async def test_a_socket_that_is_closed_while_it_waits_leaves_the_wifi_alone(world):
    wifi, _ = station()
    ws = world.websocket(link=wifi)
    await sleep(1000)
    ws.close()
    await ws.wait_closed()
    await sleep(5000)
    assert wifi.is_up() and world.peers == []
    wifi.stop()
