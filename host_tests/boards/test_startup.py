"""Each board's start-up file, whole and unchanged, on MicroPython over a fake radio, in lockstep
with a real room server: whatever the network does, the board ends in its room.
"""

import pytest

from boards.yard import BOARDS, CHIPS, NAME, play

MINUTE_MS = 60_000
TRIES_A_MINUTE = 5  # of a network, at most; see WiFi
RESETS = 3  # of the board in a row, at most; see ResetBudget
ON_THE_AIR = [name for name, board in BOARDS.items() if CHIPS[board["platform"]]]
A_BOARD_OF_EACH_CHIP = ["esp32", "pico_w", "esp8266"]
STORIES = [
    "gone_for_an_hour",
    "wrong_password_answered_late",
    "a_status_that_lies",
    "no_address_ever",
]


def most_in_a_minute(times):
    return max(len([t for t in times if 0 <= t - first < MINUTE_MS]) for first in times)


@pytest.mark.parametrize("board", BOARDS)
def test_a_board_is_in_its_room_says_what_it_is_and_obeys(board, tmp_path):
    async def test(yard):
        hello = await yard.watch.next("hello", device=NAME)
        assert [control["name"] for control in hello["controls"]] == ["led"]
        reading = (await yard.watch.next("reading", device=NAME))["values"]
        assert reading["free_memory"] > 0 and reading["reconnects"] == 0
        assert reading["led"] is False and "error" not in reading
        if board in ON_THE_AIR:
            assert (reading["temperature"], reading["rssi"]) == (21.5, -61)
        begun = yard.loop.ms
        assert (await yard.command("led", True))["value"] is True
        assert (await yard.watch.next("reading", begun))["values"]["led"] is True
        refused = await yard.command("led", "bright")
        assert not refused["ok"] and "bright" in refused["error"]
        assert (await yard.command("fly", None))["ok"] is False
        levels = (await yard.told("over"))["levels"]
        if board in ON_THE_AIR:
            lit = 0 if board == "esp8266" else 1
            assert lit in levels.values()

    play(board, tmp_path, test)


async def ends_in_its_room(yard):
    over = await yard.told("over")
    assert (await yard.watch.next("reading", yard.loop.ms, device=NAME))["values"][
        "reconnects"
    ] >= 0
    late = await yard.told("long over")
    assert late["joins"][: len(over["joins"])] == over["joins"]
    await yard.watch.next("reading", yard.loop.ms)  # it is there still
    tried = {ssid: [ms for ms, name in late["joins"] if name == ssid] for _, ssid in late["joins"]}
    assert all(most_in_a_minute(times) <= TRIES_A_MINUTE for times in tried.values()), tried
    assert len(late["resets"]) <= RESETS
    assert late["watchdog_ms"] and late["hunger_ms"] < late["watchdog_ms"]
    return late


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("board", A_BOARD_OF_EACH_CHIP)
def test_a_board_ends_in_its_room(board, story, tmp_path):
    async def test(yard):
        late = await ends_in_its_room(yard)
        if story == "no_address_ever":
            assert late["resets"], "nothing else was left to try"

    play(board, tmp_path, test, story, WATCHDOG_S=8)


@pytest.mark.parametrize("board", A_BOARD_OF_EACH_CHIP)
def test_a_board_goes_from_one_access_point_to_another_and_back(board, tmp_path):
    async def test(yard):
        late = await ends_in_its_room(yard)
        names = [ssid for _, ssid in late["joins"]]
        assert names[0] == "home" and names[-1] == "work"

    networks = [("home", "its password"), ("work", None)]
    play(board, tmp_path, test, "two_access_points", NETWORKS=networks, WATCHDOG_S=8)
