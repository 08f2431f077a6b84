"""WiFi over `wifi.radio`; all times are virtual, in ms."""

import asyncio
import os
import sys

import microcontroller
from partysocket.core.errors import Error
from partysocket.net import platform
from partysocket.wifi import ResetBudget, WiFi
from peers import PORTS

SECRET = "correct horse battery"
ABSENT = "No network with that ssid"
WRONG = "Authentication failure"
MINUTE = 60_000
core = sys.modules["asyncio.core"]
clock = [0]


def virtual(test):
    """Run `async def test()` in virtual time."""

    def runner():
        def ticks():
            return (clock[0] + 1_000_000) & 0x1FFFFFFF

        def jump(queue, ms):
            assert ms >= 0, "nothing runs any more"
            clock[0] += ms

        kept = (core.ticks, core.IOQueue.wait_io_event, platform.ticks_ms)
        clock[0] = 0
        core.ticks = platform.ticks_ms = ticks
        core.IOQueue.wait_io_event = jump
        try:
            asyncio.new_event_loop()
            asyncio.run(test())
        finally:
            core.ticks, core.IOQueue.wait_io_event, platform.ticks_ms = kept

    return runner


class Radio:
    """`wifi.radio`. `air`: {ssid: what a connect() comes to, in turn}, each (ms, text): after so
    long there is an address, or, with a text, a ConnectionError. The last one stays.
    """

    def __init__(self):
        self.air = {}
        self.calls = []
        self.is_on = True
        self.power = None
        self._at = None  # when the address comes, or came

    @property
    def enabled(self):
        return self.is_on

    @enabled.setter
    def enabled(self, on):
        if on != self.is_on:
            self.calls.append((clock[0], "on" if on else "off"))
        self.is_on = on
        if not on:
            self._at = None

    @property
    def connected(self):
        return self._at is not None and clock[0] >= self._at

    @property
    def ipv4_address(self):
        return "192.168.4.20" if self.connected else None

    @property
    def ap_info(self):
        raise NotImplementedError()

    def connect(self, ssid, password=b"", *, timeout=None):
        if not self.is_on:
            raise RuntimeError("WiFi is not enabled")
        self.calls.append((clock[0], "connect", ssid, password))
        outcomes = self.air.get(ssid) or [(2400, ABSENT)]
        ms, text = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        limit = int(timeout * 1000)
        assert 0 < limit <= 8000, "a watchdog of a Pico W would bite"
        if self.connected:
            return
        begun = clock[0]
        clock[0] += min(ms, limit)
        if text is not None and ms < limit:
            raise ConnectionError(text)
        if text is None:
            self._at = begun + ms
        if ms > limit:  # a Pico W goes on by itself
            raise ConnectionError("Unknown failure 1")

    def stop_station(self):
        self.calls.append((clock[0], "leave"))
        self._at = None

    def lose(self):
        self._at = None

    def is_joined(self):
        """As by the firmware, when it starts."""
        self._at = 0

    def joins(self):
        return [call[2] for call in self.calls if call[1] == "connect"]


class _PowerManagement:
    NONE, MIN = "none", "min"


class _Wifi:
    PowerManagement = _PowerManagement


def station(networks=None, **options):
    radio = Radio()
    module = sys.modules["wifi"] = _Wifi()
    module.radio = radio
    return WiFi(networks, **options), radio


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
async def test_a_link_is_up_when_its_address_has_held():
    wifi, radio = station([("home", SECRET)])
    radio.air["home"] = [(1500, None)]
    await wifi.wait_up()
    assert clock[0] >= 1500 + 2000 and wifi.status() == "up"
    assert radio.calls == [(0, "connect", "home", SECRET)]
    assert radio.power_management == "none"
    assert wifi.rssi() is None and wifi.last_error is None
    wifi.stop()
    assert radio.calls[-1][1] == "leave"


@virtual
async def test_the_watchdog_is_fed_before_and_after_the_call_that_blocks():
    fed = []
    wifi, radio = station([("home", SECRET)], watchdog=lambda: fed.append(clock[0]))
    radio.air["home"] = [(5000, None)]
    await wifi.wait_up()
    assert fed == [0, 5000]
    wifi.stop()
    assert "a callable" in wrong(TypeError, WiFi, [("a", None)], watchdog=3)


@virtual
async def test_settings_toml_has_the_network_when_no_list_is_given():
    settings = {"CIRCUITPY_WIFI_SSID": "home", "CIRCUITPY_WIFI_PASSWORD": SECRET}
    kept = os.getenv
    os.getenv = settings.get
    try:
        wifi, radio = station()
        radio.air["home"] = [(100, None)]
        await wifi.wait_up()
        assert radio.calls[0] == (0, "connect", "home", SECRET)
        wifi.stop()
        settings.pop("CIRCUITPY_WIFI_PASSWORD")
        wifi, radio = station()
        radio.air["home"] = [(100, None)]
        await wifi.wait_up()
        assert radio.calls[0][2:] == ("home", "")
        wifi.stop()
        settings["CIRCUITPY_WIFI_PASSWORD"] = "short"
        assert "8 to 63 bytes" in wrong(ValueError, station)
        settings.clear()
        said = wrong(ValueError, station)
        assert "CIRCUITPY_WIFI_SSID" in said and "CIRCUITPY_WIFI_PASSWORD" in said
    finally:
        os.getenv = kept


@virtual
async def test_what_the_firmware_has_joined_is_not_left():
    wifi, radio = station([("home", SECRET)])
    radio.is_joined()
    await wifi.wait_up()
    assert radio.calls == [(0, "connect", "home", SECRET)]
    wifi.stop()


@virtual
async def test_the_next_network_is_tried_when_one_is_absent():
    wifi, radio = station([("home", SECRET), ("work", "")])
    radio.air["work"] = [(1000, None)]
    await wifi.wait_up()
    assert radio.joins() == ["home", "work"] and wifi.ssid == "work"
    assert [call[1] for call in radio.calls] == ["connect", "leave", "connect"]
    wifi.stop()


@virtual
async def test_why_a_try_failed_is_told_in_words():
    for text, word in (
        (ABSENT, "no network"),
        (WRONG, "wrong password"),
        ("Unknown failure 205", "Unknown failure 205"),
    ):
        wifi, radio = station([("home", SECRET)])
        radio.air["home"] = [(1500, text)]
        wifi.start()
        await until(lambda: wifi.status()[:7] == "waiting")
        assert wifi.status() == "waiting: " + word
        assert clock[0] < MINUTE
        wifi.stop()


@virtual
async def test_a_join_that_takes_longer_than_the_call_is_waited_for():
    wifi, radio = station([("home", SECRET)])
    radio.air["home"] = [(11_000, None)]
    await wifi.wait_up()
    assert radio.joins() == ["home"] and 13_000 <= clock[0] < 14_000
    wifi.stop()


@virtual
async def test_a_link_that_is_lost_is_down_and_joined_again():
    wifi, radio = station([("home", SECRET)])
    radio.air["home"] = [(500, None)]
    await wifi.wait_up()
    await asyncio.sleep(100)
    radio.lose()
    await until(lambda: not wifi.is_up(), 1000)
    await wifi.wait_up()
    assert radio.joins() == ["home", "home"]
    wifi.stop()


@virtual
async def test_the_ladder_is_climbed():
    stuck = []
    wifi, radio = station([("home", SECRET)], on_stuck=lambda: stuck.append(len(radio.joins())))
    wifi.start()
    await until(lambda: len(radio.joins()) == 7)
    names = [call[1] for call in radio.calls]
    assert stuck == [6]
    assert names[: names.index("off")].count("connect") == 3
    assert names.count("off") == names.count("on") == 2
    wifi.stop()


@virtual
async def test_a_radio_that_raises_is_a_failed_try():
    wifi, radio = station([("home", SECRET)])

    def broken(*args, **options):
        raise RuntimeError("x")

    radio.connect = broken
    wifi.start()
    await until(lambda: wifi.status()[:7] == "waiting")
    assert wifi.status() == "waiting: radio error" and "RuntimeError" in wifi.last_error
    wifi.stop()


@virtual
async def test_power_is_saved_if_that_is_wanted():
    wifi, radio = station([("home", SECRET)], power_save=True)
    radio.air["home"] = [(500, None)]
    await wifi.wait_up()
    assert radio.power_management == "min"
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
    assert "CircuitPython's `wifi`" in wrong(Error, WiFi, [("home", SECRET)])
