"""The return of a fleet on the wire: 200 MicroPython processes, and a room server that is stopped
and killed. The waits are read from the devices' events. No clock is used.
"""

import pytest

from e2e.devices import Device
from rooms.server_process import RoomServer

DEVICES = 200
AWAY_S, JOIN_RATE = 2, 40
SPREAD_S = DEVICES // JOIN_RATE
# The devices' max_reconnection_delay. From the fifth wait on it no longer grows.
MOST_MS = 1000


@pytest.fixture(params=["micropython", "compiled"])
def fleet(request):
    """(a room server, the devices that are in its room)."""
    limits = ("--request-rate", 10000, "--max-per-address", 1000, "--max-connections", 1000)
    told = ("--away", AWAY_S, "--join-rate", JOIN_RATE)
    devices = []
    with RoomServer(*limits, *told) as server:
        try:
            for n in range(DEVICES):
                program = ("host_tests/fleet/device.py", str(server.port), str(n))
                devices.append(Device(request.param, *program))
            for device in devices:
                device.wait("open")
            yield server, devices
        finally:
            for device in devices:
                device.kill()


def waits(devices, retry):
    """The wait of each device before its `retry`-th retry since the last connection."""
    return [device.wait("waits", retry=retry)["ms"] for device in devices]


def test_an_announced_stop_paces_them_and_after_a_kill_they_wait_steadily(fleet):
    server, devices = fleet
    # It stops. Each device learns when to come back, and draws its time within the spread.
    assert server.stop() == 0
    reason = f"the server stops; retry-after={AWAY_S}; spread={SPREAD_S}"
    for device in devices:
        device.wait("close", code=1001, reason=reason)
    drawn = waits(devices, 1)
    server.start()
    least, most = AWAY_S * 1000, (AWAY_S + SPREAD_S) * 1000
    assert least <= min(drawn) and max(drawn) <= most
    tenths = {(wait - least) * 10 // (most - least) for wait in drawn}
    assert tenths >= set(range(10)), sorted(drawn)
    for device in devices:
        device.wait("open")
    # It is killed. The first waits are short; those under the full ceiling are about half of it.
    server.kill()
    first = waits(devices, 1)
    assert min(first) >= 100 and max(first) <= 200
    steady = waits(devices, 5) + waits(devices, 6)
    assert min(steady) >= 0.4 * MOST_MS and max(steady) <= 0.6 * MOST_MS
    assert len(set(steady)) > 100
    server.start()
    for device in devices:
        device.wait("open")
