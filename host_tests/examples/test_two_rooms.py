"""examples/two_rooms.py: a message in one room is passed on to the other."""

from rooms.clients import http, join

from .boards import Board


async def test_heat_in_one_room_is_an_alarm_in_the_other(server, host, tmp_path):
    async with join(server, "house", role="dashboard") as house:
        async with join(server, "greenhouse", role="device", name="t") as greenhouse:

            async def say(**values):
                await greenhouse.send({"type": "reading", "values": values})

            async def alarm():
                values = {}
                while "alarm" not in values:  # it also tells how the board is
                    values = (await house.next("reading"))["values"]
                return values["alarm"]

            with Board("two_rooms.py", tmp_path / "board", host) as board:
                await house.next("presence")
                board.wait_line("listening to greenhouse")
                await say(temperature=29.5)
                for other in (b"\xff", "30.5", '"temperature"', "[31]"):
                    await greenhouse.send(other)
                await say(temperature="hot")
                await say(humidity=31)
                for temperature in (30, 30.5, 29.5, 31, 28):
                    await say(temperature=temperature)
                alarms = [await alarm(), await alarm(), await alarm()]
                assert alarms == [False, True, False]
                # As in the docstring.
                body = b'{"type":"reading","values":{"temperature":31}}'
                assert http(server, "/parties/main/greenhouse?name=me", body)[0] == 200
                assert await alarm() is True
                board.kill()
                # There were no more alarms.
                assert (await house.next())["type"] == "presence"
                assert board.lines == ["listening to greenhouse"]
