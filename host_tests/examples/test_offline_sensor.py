"""examples/offline_sensor.py: a board takes readings in several lives without a server. They
arrive when there is one.
"""

from rooms.clients import join

from .boards import Board


async def test_readings_of_an_offline_night_arrive_once_each_and_in_order(server, host, tmp_path):
    def board():
        return Board("offline_sensor.py", tmp_path / "board", host, "home", "shed", "outbox")

    server.kill()
    for count in (1, 2, 3):
        with board() as device:
            device.wait_line(f"{count} readings wait on flash")
            device.kill()
    server.start()
    async with join(server, "home", role="dashboard") as page:
        with board() as device:
            live = await page.next("reading")
            assert live["live"]
            batch = await page.next("batch")
            times = [reading["at"] for reading in batch["readings"]]
            assert times == sorted(times) and live["at"] in times
            # How the board is comes as a reading too.
            loads = [reading for reading in batch["readings"] if "load" in reading["values"]]
            assert len(loads) == 4
            device.kill()
