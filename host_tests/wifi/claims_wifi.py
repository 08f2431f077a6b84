"""WiFi with radios that play recorded traces. All times are virtual, in ms."""

import asyncio
import os
import sys

import fake_wlan
from fake_wlan import FINE, Network

import partysocket  # noqa: F401  (supplies `micropython` on CPython)
from api.world import in_loop, raises
from partysocket import Error
from partysocket.wifi import ResetBudget, WiFi
from simulation.clock import clock

now = clock.now
sleep = clock.sleep
settle = clock.quiet
SECRET = "correct horse battery"
MINUTE = 60_000
# A link that was up for so long counts as lasted.
LONG = 61_000
HOUR = 60 * MINUTE


def station(world, chip="esp32", traces=None, networks=None, new_names=False, **options):
    """A WiFi, not started, and its radio. `traces`: for the one network "home". From now on
    `import network` gives its network. An earlier WiFi of the claim is stopped.
    """
    network = Network(chip, now, new_names)
    network.install()
    network.radio.air["home"] = [FINE] if traces is None else traces
    wifi = WiFi(networks or [("home", SECRET)], **options)
    if world is not None:
        for stop in world.at_end:
            stop()
        world.at_end = [wifi.stop]
    return wifi, network.radio


def raised(error, function, *args, **options):
    """The text of the `error` that the function raises."""
    return str(raises(error, function, *args, **options))


async def comes_up(wifi):
    """Start, and return the ms until the link was up."""
    begun = now()
    await wifi.wait_up()
    assert wifi.is_up() and wifi.status() == "up"
    return now() - begun


async def until(claim, most_ms):
    """Return the ms at which claim() became true."""
    end = now() + most_ms
    await settle()
    while not claim():
        assert now() < end, f"not in {most_ms} ms"
        await sleep(50)
        # Other tasks run at this time too.
        await settle()
    return now()


async def fails(wifi):
    """Start, and return the ms until the first round had failed."""
    begun = now()
    wifi.start()
    return await until(lambda: wifi.status()[:7] == "waiting", MINUTE) - begun


# Joining.


async def claim_a_link_is_up_when_its_address_has_held(world):
    wifi, radio = station(world)
    assert (wifi.is_up(), wifi.status(), wifi.ssid) == (False, "stopped", None)
    wifi.start()
    seen = []
    # 0 to 3000.
    for _ in range(13):
        await settle()
        seen.append((wifi.status(), wifi.is_up()))
        await sleep(250)
    assert seen == [("joining", False)] * 4 + [("settling", False)] * 8 + [("up", True)]
    assert wifi.ssid == "home"
    assert radio.calls[-1] == (0, "connect", "home", SECRET)


async def claim_every_chip_joins(world):
    # New firmware has its names on the class. An open network gets no key.
    for chip, is_new, password in (
        ("esp32", False, SECRET),
        ("cyw43", False, None),
        ("esp8266", False, ""),
        ("cyw43", True, SECRET),
    ):
        networks = [("home", password)]
        wifi, radio = station(world, chip, networks=networks, new_names=is_new)
        assert await comes_up(wifi) == 3000
        assert radio.count("connect") == 1
        assert radio.calls[-1][1:] == ("connect", "home", password or None)


async def claim_an_address_at_the_first_look_is_enough_without_stable_ms(world):
    wifi, _ = station(world, traces=[fake_wlan.AT_ONCE], stable_ms=0)
    assert await comes_up(wifi) == 250


async def claim_the_second_network_is_joined_when_the_first_is_absent(world):
    wifi, radio = station(
        world, traces=[fake_wlan.ABSENT], networks=[("home", SECRET), ("work", "")]
    )
    radio.air["work"] = [FINE]
    # Absent at 2400, seen at 2500, believed at 7500; then a second's rest.
    assert await comes_up(wifi) == 7500 + 1000 + 3000
    assert radio.joins() == [(0, "home"), (8500, "work")]
    assert wifi.ssid == "work"


async def claim_networks_are_tried_in_order_again_and_again(world):
    names = ["a", "b", "c"]
    wifi, radio = station(world, networks=[(name, None) for name in names])
    wifi.start()
    await sleep(5 * MINUTE)
    tried = [ssid for _, ssid in radio.joins()]
    assert len(tried) >= 9
    assert tried == (names * len(tried))[: len(tried)]


# Recorded behaviour of radios.


async def claim_what_looks_like_a_failure_for_a_moment_is_joined_with_one_call(world):
    for trace, up_at, chip in (
        (fake_wlan.MQ129_IDLE_WHILE_JOINING, 5000, "esp32"),
        # MQ132: the joining was never seen.
        (fake_wlan.AT_ONCE, 2250, "esp32"),
        (fake_wlan.MQ133_IDLE_AFTER_CONNECT, 5500, "esp32"),
        (fake_wlan.MQ154_FALSELY_WRONG, 4000, "esp32"),
        (fake_wlan.MP4842_FALSELY_WRONG_THEN_ABSENT, 5500, "esp32"),
        (fake_wlan.MQ82_NO_ADDRESS_BEFORE_JOINING, 4000, "cyw43"),
        (fake_wlan.SLOW_ADDRESS, 16_000, "cyw43"),
        # It is not up before the address stays.
        (fake_wlan.FLAPPING, 7000, "esp32"),
    ):
        wifi, radio = station(world, chip, [trace])
        assert await comes_up(wifi) == up_at, trace
        assert radio.count("connect") == 1 and radio.count("disconnect") == 0
        assert wifi.last_error is None


async def claim_mpl306_connected_without_an_address_is_not_up(world):
    wifi, radio = station(world, traces=[fake_wlan.MPL306_UP_WITHOUT_ADDRESS])
    wifi.start()
    await sleep(2000)
    assert radio.isconnected() and wifi.status() == "no address"
    assert await comes_up(wifi) == 4000


async def claim_a_radio_still_at_it_after_a_soft_reset_is_left_before(world):
    for trace in (fake_wlan.FOREVER_JOINING, fake_wlan.AT_ONCE):  # MP17661, MP8994
        wifi, radio = station(world)
        radio.play(trace)
        assert await comes_up(wifi) == 1000 + 3000
        assert radio.names() == ["WLAN", "disconnect", "on", "connect"]
        assert wifi.last_error is None


async def claim_mp17661_wifi_internal_error_on_connect_is_a_failed_try(world):
    wifi, radio = station(world)
    # It joins, but says that it is idle.
    radio.play(fake_wlan.MQ133_IDLE_AFTER_CONNECT)
    wifi.start()
    await settle()
    assert wifi.status() == "waiting: radio error"
    assert "Wifi Internal Error" in wifi.last_error
    assert 2000 + 3000 <= await comes_up(wifi) <= 4000 + 3000
    assert radio.names() == ["WLAN", "on", "connect", "disconnect", "on", "connect"]


async def claim_a_link_that_lasted_is_joined_again_at_once_after_a_second_of_rest(world):
    wifi, radio = station(world)
    radio.needs_rest_ms = 1000  # MQ#154
    await comes_up(wifi)
    for trace in (fake_wlan.DROP, fake_wlan.FOREVER_JOINING, fake_wlan.MPL305_ADDRESS_GONE):
        await sleep(LONG)
        radio.play(trace)
        await until(lambda: not wifi.is_up(), 500)
        assert wifi.status() == "joining"
        assert await comes_up(wifi) == 1000 + 3000
        assert radio.names()[-3:] == ["disconnect", "on", "connect"]


async def claim_an_esp32_tells_an_old_failure_of_a_new_try_and_is_not_believed(world):
    slow = ((0, "joining", None), (8000, "up", fake_wlan.ADDRESS))
    wifi, radio = station(
        world, traces=[fake_wlan.ABSENT], networks=[("home", SECRET), ("work", SECRET)]
    )
    radio.air["work"] = [slow]
    wifi.start()
    await sleep(8500 + 6000)
    # It has been so since the try of the first network.
    assert radio.status() == 201
    assert await comes_up(wifi) == 2000 + 2000


LOST_WHILE_SETTLING = ((0, "up", fake_wlan.ADDRESS), (1000, "idle", None))
UP_AND_DOWN = (("up", fake_wlan.ADDRESS), ("joining", None))
FLAPS_ON_AND_ON = tuple([(i * 500,) + UP_AND_DOWN[i % 2] for i in range(99)])


async def claim_what_fails_for_long_is_a_failed_try_and_is_said_in_words(world):
    # (chip, trace, ms until the failure is believed or the try has timed out, words).
    for chip, trace, after_ms, words in (
        ("esp32", fake_wlan.ABSENT, 2500 + 5000, "no network"),
        ("esp32", fake_wlan.WRONG_PASSWORD, 1500 + 5000, "wrong password"),
        ("esp32", fake_wlan.UNHEARD_OF, 1000 + 5000, "failure 67"),
        ("esp32", LOST_WHILE_SETTLING, 1000 + 5000, "link lost"),
        ("esp32", FLAPS_ON_AND_ON, 20_500, "link lost"),
        ("esp32", fake_wlan.FOREVER_JOINING, 20_000, "no answer"),  # MP#11325
        ("cyw43", fake_wlan.ABSENT, 2500 + 5000, "no network"),
        ("cyw43", fake_wlan.WRONG_PASSWORD, 1500 + 5000, "wrong password"),
        ("cyw43", fake_wlan.NEVER_AN_ADDRESS, 20_000, "no address"),
        # CYW#62: a wrong password too.
        ("cyw43", fake_wlan.FOREVER_JOINING, 20_000, "no answer"),
        ("esp8266", fake_wlan.ABSENT, 2500 + 5000, "no network"),
        ("esp8266", fake_wlan.WRONG_PASSWORD, 1500 + 5000, "wrong password"),
        ("esp8266", fake_wlan.MP12315_WRONG_IS_REFUSED, 1500 + 5000, "refused"),
        ("esp8266", fake_wlan.FOREVER_JOINING, 20_000, "no answer"),
    ):
        wifi, _ = station(world, chip, [trace])
        assert (await fails(wifi), wifi.status()) == (after_ms, "waiting: " + words), chip


def outside_the_clock_may_wrap_at_any_time():
    async def claim(world):
        wifi, radio = station(world)
        assert await comes_up(wifi) == 3000
        await sleep(LONG)
        radio.play(fake_wlan.DROP)
        await until(lambda: not wifi.is_up(), 500)
        # It lasted.
        assert wifi.status() == "joining"

    for before in (1, 500, 2000, 2500, 20_000):
        in_loop(claim, (1 << 29) - before)


# Waiting for the link.


async def claim_many_may_wait_and_each_may_be_cancelled(world):
    wifi, radio = station(world)
    up = []

    async def wait(name):
        await wifi.wait_up()
        up.append((name, now()))

    alone = asyncio.create_task(wait("alone"))
    await sleep(100)
    # The joining goes on.
    alone.cancel()
    tasks = [asyncio.create_task(wait(name)) for name in "abc"]
    await sleep(1400)
    tasks[1].cancel()
    await sleep(5000)
    assert up == [("a", 3000), ("c", 3000)]
    assert radio.count("connect") == 1 and await comes_up(wifi) == 0


async def claim_wait_up_does_not_start_what_was_stopped(world):
    wifi, radio = station(world)
    await comes_up(wifi)
    wifi.stop()
    task = asyncio.create_task(wifi.wait_up())
    await sleep(HOUR)
    assert wifi.status() == "stopped" and radio.count("connect") == 1
    wifi.start()
    await task
    assert now() == 3000 + HOUR + 3000


# The steps after failures.

ROUND = ["on", "connect", "disconnect"]


async def claim_the_ladder_is_climbed_in_order(world):
    stuck = []
    wifi, radio = station(
        world,
        traces=[fake_wlan.FOREVER_JOINING],
        on_stuck=lambda: stuck.append((now(), list(radio.names()))),
    )
    wifi.start()
    await until(lambda: len(stuck) == 2, HOUR)
    wifi.stop()
    first = ["WLAN"] + ROUND * 3 + ["off"] + ROUND * 3
    assert stuck[0][1] == first
    assert stuck[1][1] == first + ["off"] + ROUND * 3 + ["off"] + ROUND * 3
    # Six tries of 20 s, and half to all of 4, 8, 16, 32 and 60 s.
    assert 120_000 + 60_000 <= stuck[0][0] <= 120_000 + 120_000
    assert 120_000 + 6 * 30_000 <= stuck[1][0] - stuck[0][0] <= 120_000 + 6 * 60_000


async def claim_a_link_that_lasted_sends_the_ladder_back_to_its_foot(world):
    stuck = []
    traces = [fake_wlan.FOREVER_JOINING] * 5 + [FINE] + [fake_wlan.FOREVER_JOINING]
    wifi, radio = station(
        world, traces=traces, on_stuck=lambda: stuck.append(radio.count("connect"))
    )
    await wifi.wait_up()
    await sleep(LONG)
    radio.play(fake_wlan.DROP)
    await until(lambda: stuck, HOUR)
    assert stuck == [5 + 1 + 6]


async def claim_a_link_that_drops_soon_each_time_climbs_the_ladder(world):
    stuck = []
    drops = ((0, "joining", None), (1000, "up", fake_wlan.ADDRESS), (20_000, "lost", None))
    wifi, radio = station(world, traces=[drops], on_stuck=lambda: stuck.append(wifi.status()))
    wifi.start()
    await until(lambda: stuck, HOUR)
    assert stuck == ["waiting: link lost"]
    assert radio.names() == ["WLAN"] + (ROUND * 3 + ["off"]) * 2


async def claim_an_on_stuck_that_raises_changes_nothing_and_an_async_one_is_awaited(world):
    calls = []

    def plain():
        calls.append(now())
        raise KeyError("a bug")

    async def slow():
        calls.append(now())
        await sleep(5000)
        plain()

    for on_stuck, times in ((plain, 2), (slow, 4)):
        wifi, radio = station(world, traces=[fake_wlan.FOREVER_JOINING], on_stuck=on_stuck)
        wifi.start()
        await until(lambda times=times: len(calls) == times, HOUR)
        assert "a bug" in wifi.last_error and radio.names()[-1] == "off"
        radio.air["home"] = [FINE]
        await comes_up(wifi)
        wifi.stop()
        gap = calls[1] - calls[0]
        calls.clear()
    assert gap == 5000


async def claim_on_stuck_may_stop_and_start(world):
    wifi, radio = station(world, traces=[fake_wlan.FOREVER_JOINING], on_stuck=lambda: wifi.stop())
    wifi.start()
    await until(lambda: wifi.status() == "stopped", HOUR)
    n = len(radio.calls)
    await sleep(HOUR)
    assert len(radio.calls) == n and wifi.status() == "stopped"

    def again():
        wifi.stop()
        wifi.start()

    wifi, radio = station(world, traces=[fake_wlan.FOREVER_JOINING] * 6 + [FINE], on_stuck=again)
    assert await comes_up(wifi) < HOUR
    assert radio.count("connect") == 7 and radio.names().count("off") == 1


# Other networks.


async def claim_other_networks_are_joined_at_once_and_the_old_ones_returned(world):
    wifi, radio = station(world, traces=[fake_wlan.ABSENT])
    radio.air["work"] = [FINE]
    wifi.start()
    await sleep(5000)
    assert wifi.use([("work", None), ["home", SECRET]]) == [("home", SECRET)]
    assert await comes_up(wifi) <= 1000 + 3000 and wifi.ssid == "work"
    # The link is of the first of them, so it stays.
    assert wifi.use([("work", None)]) == [("work", None), ("home", SECRET)]
    assert wifi.is_up() and radio.count("connect") == 2
    # Of another one: it is left.
    radio.air["home"] = [FINE]
    wifi.use([("home", SECRET), ("work", None)])
    assert not wifi.is_up()
    await wifi.wait_up()
    assert wifi.ssid == "home"
    # What is wrong changes nothing, and one that is stopped stays so.
    assert "'home'" in raised(ValueError, wifi.use, [("home", "short12")])
    assert wifi.is_up()
    # The same ones: only a wait is cut short.
    radio.air["home"] = [fake_wlan.ABSENT, FINE]
    radio.air["work"] = [fake_wlan.ABSENT]
    wifi.use([("home", SECRET), ("home", "another password")])
    wifi.use()
    assert wifi.is_up()
    radio.play(fake_wlan.DROP)
    await until(lambda: wifi.status()[:7] == "waiting", MINUTE)
    joins = radio.count("connect")
    wifi.use()
    await settle()
    assert radio.count("connect") == joins + 1
    wifi.stop()
    wifi.use([("work", None)])
    await sleep(5000)
    assert wifi.status() == "stopped"


# Starting and stopping.


async def claim_twice_started_is_once(world):
    wifi, radio = station(world)
    wifi.start()
    wifi.start()
    await sleep(1000)
    wifi.start()
    assert await comes_up(wifi) == 2000
    wifi.start()
    await sleep(1000)
    assert radio.names() == ["WLAN", "on", "connect"]


async def claim_twice_stopped_is_once(world):
    wifi, radio = station(world)
    wifi.stop()
    assert radio.calls == []
    await comes_up(wifi)
    wifi.stop()
    assert (wifi.is_up(), wifi.status(), wifi.ssid, wifi.rssi()) == (False, "stopped", None, None)
    wifi.stop()
    assert radio.names() == ["WLAN", "on", "connect", "disconnect"]


async def claim_stop_at_any_time_ends_everything(world):
    absent = [fake_wlan.ABSENT]
    for traces, most_ms in (([FINE], 5000), (absent, 100_000)):
        for at in range(0, most_ms, most_ms // 40 - 1):
            wifi, radio = station(world, traces=list(traces))
            wifi.start()
            await sleep(at)
            wifi.stop()
            assert (wifi.is_up(), wifi.status()) == (False, "stopped")
            assert radio.names()[-1] == "disconnect"
            n, looks = len(radio.calls), radio.looks
            await sleep(5 * MINUTE)
            assert (len(radio.calls), radio.looks) == (n, looks), f"at {at} ms"


async def claim_stop_and_start_again_at_once(world):
    for at in (0, 1, 500, 1500, 5000):
        wifi, radio = station(world)
        radio.needs_rest_ms = 1000  # MQ#154
        wifi.start()
        await sleep(at)
        wifi.stop()
        wifi.start()
        assert await comes_up(wifi) <= 1000 + 3000
        assert wifi.last_error is None


def outside_start_needs_a_running_loop():
    wifi, radio = station(None)
    assert "running event loop" in raised(RuntimeError, wifi.start)
    assert wifi.status() == "stopped" and radio.calls == []


# Settings of the radio.


async def claim_power_save_is_set_for_each_chip_before_it_joins(world):
    wanted = {
        ("esp32", False): {"pm": 0, "reconnects": 0},
        ("esp32", True): {"pm": 2, "reconnects": 0},
        ("cyw43", False): {"pm": 0xA11140},
        ("cyw43", True): {"pm": 0xA11C82},
        ("esp8266", False): {"pm": 0},
        ("esp8266", True): {"pm": 2},
    }
    for chip, power_save in wanted:
        wifi, radio = station(world, chip, power_save=power_save)
        await comes_up(wifi)
        assert radio.settings == wanted[chip, power_save], chip
        assert radio.calls[-1][1] == "connect"
        wifi.stop()
    wifi, radio = station(world, "cyw43")
    # A port without settings.
    radio.has_pm = False
    assert await comes_up(wifi) == 3000
    assert radio.settings == {} and wifi.last_error is None


async def claim_settings_are_made_again_after_the_radio_was_off(world):
    wifi, radio = station(world, traces=[fake_wlan.FOREVER_JOINING])
    wifi.start()
    await until(lambda: "off" in radio.names(), HOUR)
    radio.settings.clear()
    radio.air["home"] = [FINE]
    await comes_up(wifi)
    assert radio.settings == {"pm": 0, "reconnects": 0}


async def claim_rssi_is_known_while_up(world):
    for chip in ("esp32", "cyw43"):
        wifi, radio = station(world, chip)
        assert wifi.rssi() is None
        await comes_up(wifi)
        assert wifi.rssi() == -61
        radio.play(fake_wlan.DROP)
        if chip == "esp32":
            # The loss was not noticed yet, and the radio raises.
            assert wifi.rssi() is None
        await sleep(500)
        assert wifi.rssi() is None


# Radios that fail.


async def claim_a_radio_that_raises_at_every_call_is_tried_until_it_works(world):
    stuck = []
    for error in (OSError("Wifi Error 0x0101"), RuntimeError("x"), ValueError(), MemoryError()):
        wifi, radio = station(world, on_stuck=lambda: stuck.append(1))
        # The station is made at the first try.
        assert radio.calls == []
        radio.error = error
        wifi.start()
        await sleep(20 * MINUTE)
        assert not wifi.is_up() and wifi.rssi() is None
        assert wifi.last_error == repr(error)
        assert stuck
        stuck.clear()
        radio.error = None
        made = radio.count("WLAN")
        assert await comes_up(wifi) <= MINUTE + 4000
        assert radio.count("WLAN") == made + 1
        radio.error = error
        await sleep(500)
        assert not wifi.is_up()


async def claim_no_network_is_tried_more_than_five_times_a_minute(world):
    refuses = OSError("no")
    lasts = ((0, "up", fake_wlan.ADDRESS), (62_500, "lost", None))
    soon = ((0, "up", fake_wlan.ADDRESS), (2250, "lost", None))
    for traces in (
        [refuses],
        [fake_wlan.ABSENT],
        [soon],
        [lasts],
        [refuses, refuses, refuses, lasts] * 20,
        [soon, lasts, refuses, soon] * 20,
    ):
        wifi, radio = station(world, traces=traces)
        wifi.start()
        await sleep(HOUR)
        times = radio.times("connect")
        most = max([len([t for t in times if 0 <= t - first < MINUTE]) for first in times])
        assert 40 <= len(times) and most <= 5, most


async def claim_waits_grow_and_have_chance_in_them(world):
    seen = []
    for _ in range(4):
        wifi, radio = station(world, traces=[OSError("no")])
        wifi.start()
        await sleep(10 * MINUTE)
        wifi.stop()
        times = radio.times("connect")
        gaps = [times[i + 1] - times[i] for i in range(len(times) - 1)]
        for i, ceiling in enumerate([4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]):
            assert ceiling // 2 <= gaps[i] <= ceiling, gaps
        seen.append(tuple(gaps))
    assert len(set(seen)) == 4


# Arguments, and secrets.


def wrong(error, networks, **options):
    text = raised(error, lambda: station(None, networks=networks, **options))
    assert SECRET not in text and "short" not in text and "12345678" not in text
    return text


def outside_arguments_are_checked():
    Network("esp32", now).install()
    assert "list" in raised(TypeError, WiFi, "home")
    assert "list" in raised(TypeError, WiFi, None)
    assert "empty" in raised(ValueError, WiFi, [])
    assert "networks[0]" in wrong(TypeError, ("home", SECRET))
    assert "networks[1]" in wrong(ValueError, [("home", SECRET), ("home", SECRET, 1)])
    assert "an ssid is a str, not a int" in wrong(TypeError, [(1, SECRET)])
    assert "32 bytes, not ''" in wrong(ValueError, [("", SECRET)])
    assert "s" * 33 in wrong(ValueError, [("s" * 33, SECRET)])
    wrong(ValueError, [("ä" * 17, SECRET)])
    assert "'home'" in wrong(TypeError, [("home", 12345678)])
    assert "'home'" in wrong(ValueError, [("home", "short12")])
    wrong(ValueError, [("home", "p" * 64)])
    wrong(ValueError, [("home", "a" * 65)])
    assert "power_save" in wrong(TypeError, None, power_save=1)
    assert "stable_ms" in wrong(TypeError, None, stable_ms="2000")
    assert "stable_ms" in wrong(TypeError, None, stable_ms=True)
    assert "-1" in wrong(ValueError, None, stable_ms=-1)
    assert "600001" in wrong(ValueError, None, stable_ms=600_001)
    assert "on_stuck" in wrong(TypeError, None, on_stuck=3)
    assert "most" in raised(TypeError, ResetBudget, "3")
    assert "most" in raised(ValueError, ResetBudget, -1)
    assert "path" in raised(TypeError, ResetBudget, 3, "")


def outside_what_is_at_the_limits_is_taken():
    for ssid in ("s", "s" * 32, "ä" * 16):
        for password in (None, "", "p" * 8, "p" * 63, "0123456789abcdefABCDEF" * 2 + "0" * 20):
            station(None, networks=[(ssid, password)])
    station(None, networks=(["home", SECRET],), stable_ms=600_000, power_save=True, on_stuck=None)


def outside_without_a_module_network_it_says_so():
    sys.modules.pop("network", None)
    assert "network" in raised(Error, WiFi, [("home", SECRET)])


async def claim_the_password_is_shown_nowhere(world):
    texts = []
    for trace in (FINE, fake_wlan.WRONG_PASSWORD, OSError("no"), fake_wlan.FOREVER_JOINING):
        wifi, radio = station(world, traces=[trace])
        wifi.start()
        for _ in range(200):
            await sleep(500)
            texts.append(f"{wifi.status()} {wifi} {wifi.last_error} {wifi.ssid}")
        wifi.stop()
    assert not [text for text in texts if SECRET in text]


# The budget of resets.

# Both interpreters may run at the same time.
PATH = "wifi_resets." + sys.implementation.name


class Machine:
    """Replaces the module `machine`."""

    resets = 0

    def reset(self):
        self.resets += 1


def with_machine(claim):
    """Give a claim a Machine, and the name of a file that does not exist before and after."""

    async def inside(world):
        sys.modules["machine"] = machine = Machine()
        try:
            await claim(world, machine)
        finally:
            del sys.modules["machine"]
            if PATH in os.listdir():
                os.remove(PATH)

    return inside


@with_machine
async def claim_a_board_that_stays_stuck_is_reset_as_often_as_the_budget_allows(world, machine):
    for boot in range(5):
        # A new object each time, as after a reset: only the file is left.
        wifi, radio = station(
            world, traces=[fake_wlan.FOREVER_JOINING], on_stuck=ResetBudget(3, PATH)
        )
        wifi.start()
        end = now() + 20 * MINUTE
        while machine.resets == boot and now() < end:
            await sleep(1000)
        wifi.stop()
        assert machine.resets == min(boot + 1, 3)
    assert ResetBudget(3, PATH).used() == 3


@with_machine
async def claim_a_link_that_lasted_renews_the_budget(world, machine):
    budget = ResetBudget(2, PATH)
    budget()
    budget()
    budget()
    assert machine.resets == 2
    wifi, radio = station(world, on_stuck=ResetBudget(2, PATH))
    await comes_up(wifi)
    await sleep(59_000)
    # A link that comes and goes does not reset the count.
    assert budget.used() == 2
    await sleep(2000)
    assert budget.used() == 0
    budget()
    assert machine.resets == 3


@with_machine
async def claim_without_a_count_nothing_is_reset_and_flash_is_written_for_what_changes(
    world, machine
):
    for budget in (ResetBudget(3, "no such folder/resets"), ResetBudget(0, PATH)):
        budget()
        budget.link_held()
        assert machine.resets == 0 and budget.used() == 0
    assert raised(OSError, open, PATH)
    with open(PATH, "w") as file:
        # It counts from 0 again, and the count is written.
        file.write("\x00garbage")
    budget = ResetBudget(1, PATH)
    budget()
    budget()
    assert machine.resets == 1


# A socket with it as `link`.


async def claim_a_socket_dials_as_soon_as_the_link_is_up_and_leaves_it_alone(world):
    wifi, radio = station(world)
    ws = world.websocket(link=wifi)
    await sleep(2999)
    assert world.peers == []
    peer = await world.next()
    assert peer.at == 3000
    await sleep(LONG)
    radio.air["home"] = [fake_wlan.ABSENT]
    radio.play(fake_wlan.DROP)
    await sleep(600)
    peer.reset(OSError(104, "lost"))
    await sleep(10 * LONG)
    # Not one dial in ten minutes.
    assert len(world.peers) == 1
    radio.air["home"] = [FINE]
    await wifi.wait_up()
    up = now()
    peer = await world.next()
    assert peer.at == up
    ws.close()
    await ws.wait_closed()
    await sleep(5000)
    assert wifi.is_up()
