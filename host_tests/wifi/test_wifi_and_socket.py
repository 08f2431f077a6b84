"""A socket over a WiFi over a fake radio, in virtual time: CPython only, for its fake server."""

import fake_wlan
from test_wifi import LONG, SECRET

from engine.virtual import now, sleep, virtual
from partysocket.wifi import WiFi


def station():
    network = fake_wlan.Network("esp32", now)
    network.radio.air["home"] = [fake_wlan.FINE]
    network.install()
    return WiFi([("home", SECRET)]), network.radio


@virtual
async def test_a_socket_dials_when_the_link_is_up_and_not_before(server):
    wifi, _ = station()
    ws = server.websocket(link=wifi)
    await sleep(2999)
    assert server.peers == []
    await server.opened()
    assert now() == server.last.started_at == 3000
    ws.close()
    await ws.wait_closed()
    wifi.stop()


@virtual
async def test_a_socket_dials_again_as_soon_as_the_link_is_back(server):
    wifi, radio = station()
    ws = server.websocket(link=wifi)
    peer = await server.opened()
    await sleep(LONG)
    radio.air["home"] = [fake_wlan.ABSENT]
    radio.play(fake_wlan.DROP)
    await sleep(600)
    peer.reset()
    await sleep(10 * LONG)
    assert len(server.peers) == 1  # not one dial in ten minutes
    radio.air["home"] = [fake_wlan.FINE]
    await wifi.wait_up()
    up = now()
    await server.opened()
    assert len(server.peers) == 2 and server.last.started_at == up
    ws.close()
    await ws.wait_closed()
    wifi.stop()


@virtual
async def test_a_socket_that_is_closed_while_it_waits_leaves_the_wifi_alone(server):
    wifi, _ = station()
    ws = server.websocket(link=wifi)
    await sleep(1000)
    ws.close()
    await ws.wait_closed()
    await sleep(5000)
    assert wifi.is_up() and server.peers == []
    wifi.stop()
