"""WiFi with `wifi.radio`: the cases of CircuitPython. host_tests/wifi has the rules of joining.
All times are virtual, in ms.
"""

import asyncio
import os
import sys

import microcontroller
import wifi as radios
from partysocket import Error
from partysocket.net import platform
from partysocket.wifi import ResetBudget, WiFi
from peers import PORTS, Changed, on

SECRET = "correct horse battery"
ABSENT = "No network with that ssid"
WRONG = "Authentication failure"
MINUTE = 60_000
core = sys.modules["asyncio.core"]
clock = [0]


def jump(ms):
    assert ms >= 0, "nothing runs any more"
    clock[0] += ms


def ticks():
    return (clock[0] + 1_000_000) & 0x1FFFFFFF


def virtual(test):
    """Run `async def test()` in virtual time."""

    def runner():
        clock[0] = 0
        radios.now, radios.block = lambda: clock[0], jump
        waits = Changed(core.IOQueue, wait_io_event=lambda queue, ms: jump(ms))
        with Changed(core, ticks=ticks), Changed(platform, ticks_ms=ticks), waits:
            asyncio.new_event_loop()
            asyncio.run(test())

    return runner


def station(networks=None, air=(), **options):
    """A WiFi and its radio. `air`: the results of joining "home"."""
    radio = radios.radio = radios.Radio(elsewhere=(2400, ABSENT))
    radio.air["home"] = list(air)
    return WiFi(networks, **options), radio


HOME = [("home", SECRET)]


def wrong(error, call, *args, **options):
    try:
        call(*args, **options)
    except error as e:
        return str(e)
    raise AssertionError("nothing was raised")


async def until(claim, most_ms=10 * MINUTE):
    end = clock[0] + most_ms
    while not claim():
        assert clock[0] < end, "not in %d ms" % most_ms
        await asyncio.sleep(0.05)


@virtual
async def test_a_link_is_up_when_its_address_has_held_and_joined_again_when_it_is_lost():
    for is_saved, power in ((False, "none"), (True, "min")):
        begun = clock[0]
        wifi, radio = station(HOME, [(1500, None)], power_save=is_saved)
        await wifi.wait_up()
        assert clock[0] >= begun + 1500 + 2000 and wifi.status() == "up"
        assert radio.calls == [(begun, "connect", "home", SECRET)]
        assert radio.power_management == power
        assert wifi.rssi() == on(None, -61) and wifi.last_error is None
        await asyncio.sleep(100)
        radio.lose()
        await until(lambda: not wifi.is_up(), 1000)
        await wifi.wait_up()
        assert radio.joins() == ["home", "home"]
        wifi.stop()
        assert radio.calls[-1][1] == "leave"


@virtual
async def test_the_watchdog_is_fed_before_and_after_the_call_that_blocks():
    fed = []
    wifi, _ = station(HOME, [(5000, None)], watchdog=lambda: fed.append(clock[0]))
    await wifi.wait_up()
    assert fed == [0, 5000]
    wifi.stop()
    assert "a callable" in wrong(TypeError, WiFi, [("a", None)], watchdog=3)


@virtual
async def test_settings_toml_has_the_network_when_no_list_is_given():
    settings = {"CIRCUITPY_WIFI_SSID": "home", "CIRCUITPY_WIFI_PASSWORD": SECRET}
    with Changed(os, getenv=settings.get):
        for password in (SECRET, ""):
            wifi, radio = station(air=[(100, None)])
            await wifi.wait_up()
            assert radio.calls[0][2:] == ("home", password)
            wifi.stop()
            settings.pop("CIRCUITPY_WIFI_PASSWORD", None)
        settings["CIRCUITPY_WIFI_PASSWORD"] = "short"
        assert "8 to 63 bytes" in wrong(ValueError, station)
        settings.clear()
        said = wrong(ValueError, station)
        assert "CIRCUITPY_WIFI_SSID" in said and "CIRCUITPY_WIFI_PASSWORD" in said


@virtual
async def test_what_the_firmware_has_joined_is_not_left():
    wifi, radio = station(HOME)
    radio.is_joined()
    await wifi.wait_up()
    assert radio.calls == [(0, "connect", "home", SECRET)]
    wifi.stop()


@virtual
async def test_why_a_try_failed_is_told_in_words_and_the_next_network_is_tried():
    for text, word in (
        (ABSENT, "no network"),
        (WRONG, "wrong password"),
        ("Unknown failure 205", "Unknown failure 205"),
    ):
        begun = clock[0]
        wifi, radio = station(HOME, [(1500, text)])
        wifi.start()
        await until(lambda: wifi.status()[:7] == "waiting")
        assert wifi.status() == "waiting: " + word
        assert clock[0] < begun + MINUTE
        wifi.stop()
    wifi, radio = station(HOME + [("work", "")])
    radio.air["work"] = [(1000, None)]
    await wifi.wait_up()
    assert wifi.ssid == "work"
    assert [call[1] for call in radio.calls] == ["connect", "leave", "connect"]
    wifi.stop()


@virtual
async def test_a_join_that_takes_longer_than_the_call_is_waited_for():
    wifi, radio = station(HOME, [(11_000, None)])
    await wifi.wait_up()
    assert radio.joins() == ["home"] and 13_000 <= clock[0] < 14_000
    wifi.stop()


@virtual
async def test_the_ladder_turns_the_radio_off_and_on():
    stuck = []
    wifi, radio = station(HOME, on_stuck=lambda: stuck.append(len(radio.joins())))
    wifi.start()
    await until(lambda: len(radio.joins()) == 7)
    names = [call[1] for call in radio.calls]
    assert stuck == [6]
    assert names[: names.index("off")].count("connect") == 3
    assert names.count("off") == names.count("on") == 2
    wifi.stop()


def test_a_reset_is_the_microcontrollers():
    path = PORTS["folder"] + "/resets"
    budget = ResetBudget(2, path)
    for _ in range(4):
        budget()
    assert len(microcontroller.resets) == 2 and budget.used() == 2
    os.remove(path)


def test_without_a_radio_it_says_so():
    sys.modules["wifi"] = object()
    assert "CircuitPython's `wifi`" in wrong(Error, WiFi, HOME)
