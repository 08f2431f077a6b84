"""The Portal, over a radio and sockets that are played. All times are virtual, in ms."""

import builtins
import os
import sys

import fake_wlan
from fake_sockets import Sockets
from fake_wlan import FINE, Network

import partysocket  # noqa: F401  (supplies `micropython` on CPython)
from partysocket.portal import Portal
from partysocket.wifi import WiFi
from simulation.clock import clock

now = clock.now
sleep = clock.sleep
SECRET = "correct horse battery"
OTHER = "other secret"
MINUTE = 60_000
OWN = "192.168.4.1"
# Both interpreters and both forms may run at the same time.
_FORM = "compiled" if os.getenv("LIB") else "sources"
FOLDER = f"portal_{sys.implementation.name}_{_FORM}/"
SETTINGS, PASSWORD = FOLDER + "secrets.py", FOLDER + "password"
HEAD = "# Written by `make deploy`, which reads it too: names, each with a literal.\n"
DEPLOYED = HEAD + f"NETWORKS = [('home', '{SECRET}')]\nHOST = 'localhost:1999'\nROOM = 'home'\n"
sockets = Sockets()
sockets.install()


class Place:
    """A board in its network: `wifi`, `portal`, and what they said."""

    def __init__(self, world, chip="esp32", home=fake_wlan.ABSENT, settings=DEPLOYED, **options):
        for end in world.at_end:
            end()
        clear()
        os.mkdir(FOLDER[:-1])
        if settings is not None:
            write(SETTINGS, settings)
        sockets.begin()
        self.network = Network(chip, now, options.pop("new_names", False))
        self.network.install()
        self.radio = self.network.radio
        self.radio.air["home"] = [home]
        self.air = self.network.access_point
        self.said = []
        networks = options.pop("networks", [("home", SECRET)])
        self.wifi = WiFi(networks)
        self.wifi.start()
        self.portal = Portal(self.wifi, SETTINGS, PASSWORD, self.said.append, **options)
        self.portal.start()
        world.at_end = [self.portal.stop, self.wifi.stop, clear]

    def is_on(self):
        return self.air.on_air is not None

    async def until(self, claim, most_ms, step_ms=50):
        end = now() + most_ms
        while not claim():
            assert now() < end, f"not in {most_ms} ms: {self.said}"
            await sleep(step_ms)

    async def opens(self):
        """Wait until the page can be reached. Returns the ms of that."""
        await self.until(lambda: (1, 80) in sockets.bound, 8 * MINUTE)
        return now()

    async def ask(self, data, has_left=False):
        """Send a request, and return the client when it is answered."""
        client = sockets.connect(data)
        client.has_left = has_left
        await self.until(lambda: client.is_closed, 20_000)
        return client

    async def page(self):
        """The text of the page."""
        client = await self.ask(get())
        assert client.status() == "200", client.got
        return client.text()

    async def token(self):
        return token_of(await self.page())

    async def enter(self, ssid, password, **fields):
        """Send the form, as a browser does."""
        return await self.ask(post(form(t=await self.token(), n="", o=ssid, p=password)))

    def errors(self):
        return [text for text in self.said if "Error" in text]

    def settings(self):
        with open(SETTINGS) as file:
            return file.read()


def clear():
    try:
        for name in os.listdir(FOLDER):
            os.remove(FOLDER + name)
        os.rmdir(FOLDER[:-1])
    except OSError:
        pass


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def get(path="/", host=OWN, more=""):
    return (f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: x\r\n{more}\r\n").encode()


def post(body, host=OWN, path="/", length=None):
    length = len(body) if length is None else length
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n"
    return head.encode() + body


def form(**fields):
    pairs = []
    for name in fields:
        value = fields[name]
        data = value if isinstance(value, bytes) else value.encode()
        pairs.append(name.encode() + b"=" + b"".join([b"%%%02X" % b for b in data]))
    return b"&".join(pairs)


def token_of(text):
    return text.split("name=t value=")[1].split(">")[0]


def without_password(place):
    """Whether no stored password was said or sent."""
    sent = b"".join([client.got for client in sockets.clients]).decode()
    return not [s for s in (SECRET, OTHER) if s in sent or s in "".join(place.said)]


# When it is open.


async def claim_it_opens_after_five_minutes_with_wpa2_and_a_password_of_twelve(world):
    for chip, is_new in (("esp32", False), ("cyw43", True), ("esp8266", False), ("esp32", True)):
        place = Place(world, chip, new_names=is_new)
        begun = now()
        opened = await place.opens() - begun
        # A round that ran at that moment ends first.
        assert 5 * MINUTE <= opened <= 5 * MINUTE + 31_000, opened
        on_air = place.air.on_air
        key = on_air["key"]
        assert len(key) == 12 and len(set(key)) > 4
        assert on_air["ssid"] == "PartySocket-abcdef"
        assert on_air["security"] == (0x400004 if chip == "cyw43" else 3)
        assert on_air.get("max_clients") == (None if chip == "cyw43" else 1)
        # It is said at set-up, and when it opens.
        assert len(place.said) == 2 and all([key in text for text in place.said]), place.said
        opens_on_air = [s for _, s in place.air.changes if s and s["security"] == 0]
        # An ESP8266 takes settings only while it is on.
        assert len(opens_on_air) == (chip == "esp8266")
        assert place.portal.is_open and place.portal.count == 1


async def claim_it_is_open_for_ten_minutes_at_most_and_closed_for_five(world):
    place = Place(world)
    for turn in range(1, 4):
        opened = await place.opens()
        assert place.portal.count == turn
        await place.until(lambda: not place.portal.is_open, 10 * MINUTE)
        closed = now()
        assert 9 * MINUTE <= closed - opened <= 10 * MINUTE
        assert not place.is_on() and not sockets.bound
        await place.until(place.is_on, 6 * MINUTE)
        assert now() - closed >= 5 * MINUTE
    assert not place.errors()


async def claim_a_link_closes_it_at_once_and_memory_is_given_back(world):
    place = Place(world)
    await place.opens()
    await place.page()
    assert "partysocket.portal_open" in sys.modules
    place.radio.air["home"] = [FINE]
    await place.until(place.wifi.is_up, 2 * MINUTE)
    await sleep(1100)
    assert not place.portal.is_open and not place.is_on() and not sockets.bound
    left = [name for name in sys.modules if "partysocket.portal_" in name]
    assert [name for name in left if name != "partysocket.portal_text"] == []
    await sleep(60 * MINUTE)
    assert place.portal.count == 1 and not place.is_on()


async def claim_a_board_with_a_link_never_opens_it_nor_one_whose_wifi_is_stopped(world):
    place = Place(world, home=FINE)
    await sleep(30 * MINUTE)
    place.wifi.stop()
    await sleep(30 * MINUTE)
    assert place.air.changes == [] and place.portal.count == 0
    # Stopped while it is open.
    place = Place(world)
    await place.opens()
    place.wifi.stop()
    await sleep(2000)
    assert not place.is_on() and not place.portal.is_open


async def claim_a_router_that_is_away_for_an_hour_is_joined_soon_whatever_the_radio_can(world):
    for chip in ("esp32", "cyw43", "esp8266"):
        for is_deaf in (False, True):
            place = Place(world, chip)
            if is_deaf:
                # It can't join while its access point is on.
                place.radio.is_deaf = place.is_on
            begun = now()
            # It comes back when the portal has just opened, for the fourth time.
            await place.until(lambda place=place: place.portal.count == 4, 65 * MINUTE, 1000)
            assert 45 * MINUTE <= now() - begun <= 60 * MINUTE and not place.wifi.is_up()
            # It never stopped trying.
            times = [ms - begun for ms, _ in place.radio.joins()]
            gaps = [b - a for a, b in zip(times, times[1:])]
            assert max(gaps) <= 82_000, max(gaps)
            place.radio.air["home"] = [FINE]
            back = now()
            await place.until(place.wifi.is_up, 10 * MINUTE)
            assert now() - back <= (3 * MINUTE if is_deaf else 90_000), now() - back


async def claim_the_access_point_goes_off_for_a_round_of_tries_and_drops_its_clients(world):
    place = Place(world)
    opened = await place.opens()
    await sleep(100)
    silent = sockets.connect()
    await place.until(lambda: not place.is_on(), 4 * MINUTE)
    assert 2 * MINUTE <= now() - opened <= 2 * MINUTE + 500
    assert silent.is_closed and not sockets.bound
    off = now()
    await place.opens()
    # A try began at once, and had the radio for itself.
    tries = [ms for ms, _ in place.radio.joins() if ms >= off]
    assert len(tries) == 1 and tries[0] <= off + 1500 and 5000 <= now() - off <= 30_000
    # The same network and password, and the page works.
    assert len(set([s["key"] for _, s in place.air.changes if s])) == 1
    await place.page()


async def claim_stop_closes_it_at_any_time(world):
    for after_ms in (500, 2000, 301_000, 340_000, 400_000, 500_000):
        place = Place(world)
        await sleep(after_ms)
        place.portal.stop()
        await clock.quiet()
        assert not place.is_on() and not sockets.bound and not place.portal.is_open
        place.portal.stop()
        await sleep(20 * MINUTE)
        assert not place.is_on()
    place.portal.start()
    place.portal.start()
    await place.opens()


async def claim_what_goes_wrong_is_told_and_tried_again_and_nothing_stays_open(world):
    place = Place(world)
    sockets.refused = [sockets.SOCK_STREAM]
    await place.until(lambda: place.portal.count == 1, 6 * MINUTE)
    await sleep(1000)
    assert "EADDRINUSE" in place.said[-1]
    assert not place.is_on() and not place.portal.is_open
    sockets.refused = [sockets.SOCK_DGRAM]
    # Without names it works too.
    await place.opens()
    await place.page()
    # A radio that has no WPA2 is never on the air for others.
    place = Place(world, "cyw43")
    place.air.takes_wpa2 = False
    await place.until(lambda: place.portal.count == 1, 6 * MINUTE)
    await sleep(1000)
    assert "WPA2" in place.said[-1] and not place.is_on() and not sockets.bound
    # A port that does not tell is believed.
    place = Place(world, "cyw43")
    place.air.tells_security = False
    await place.opens()
    assert place.air.on_air["security"] == 0x400004


async def claim_a_step_that_can_not_be_loaded_is_told_and_loaded_again_later(world):
    real = builtins.__import__
    for step in ("begin", "open", "name", "read", "page", "try"):
        place = Place(world)
        place.radio.air["new"] = [FINE]
        if step != "begin":
            await sleep(2000)
        is_short = True

        def load(name, *rest, wanted="partysocket.portal_" + step):
            nonlocal is_short
            if is_short and name == wanted:
                is_short = False
                raise MemoryError(name)
            return real(name, *rest)

        builtins.__import__ = load
        try:
            if step == "name":
                await place.opens()
                sockets.asked.append((b"\0" * 12 + b"\1a\0\0\1\0\1", "a"))
            elif step in ("read", "page"):
                await place.opens()
                sockets.connect(get())
            elif step == "try":
                await place.opens()
                await place.enter("new", OTHER)
            await place.until(place.errors, 6 * MINUTE)
        finally:
            builtins.__import__ = real
        assert len(place.errors()) == 1 and f"portal_{step}'" in place.said[-1], (step, place.said)
        assert not place.is_on() and not sockets.bound and not place.portal.is_open
        assert all([client.is_closed for client in sockets.clients])
        assert [name for name in sys.modules if "partysocket.portal_" in name] == []
        await place.opens()
        await place.enter("new", OTHER)
        await place.until(place.wifi.is_up, 10_000)


async def claim_the_password_is_made_once_and_again_if_its_file_is_damaged(world):
    keys = []
    for kept in (None, None, "", "short", "abcdefghijk!", "\x00" * 12, "ABCDEFGHIJKL"):
        place = Place(world)
        if kept is not None:
            write(PASSWORD, kept)
        await sleep(1500)
        key = place.said[0].split()[-1]
        assert len(key) == 12 and key != kept
        with open(PASSWORD) as file:
            assert file.read() == key
        keys.append(key)
    assert len(set(keys)) == len(keys)
    # The next start has it.
    place.portal.stop()
    again = Portal(place.wifi, SETTINGS, PASSWORD, place.said.append)
    again.start()
    await sleep(1500)
    again.stop()
    assert place.said[-1].split()[-1] == key


# A network is entered.


async def claim_a_network_that_joins_is_written_as_deploy_writes_and_the_old_ones_stay(world):
    place = Place(world, networks=[("home", SECRET), ("work", None)], settings=DEPLOYED)
    place.radio.air["new"] = [FINE]
    await place.opens()
    client = await place.enter("new", OTHER)
    assert client.status() == "200" and "Trying <bdi>new</bdi>" in client.text()
    asked = now()
    await place.until(place.wifi.is_up, 10_000)
    # The answer had time to arrive, and the access point was off then.
    off = [ms for ms, settings in place.air.changes if settings is None][-1]
    joined = [ms for ms, ssid in place.radio.joins() if ssid == "new"]
    assert joined[0] >= off >= asked + 1900
    await sleep(1500)
    wanted = DEPLOYED.replace("[(", f"[('new', '{OTHER}'), (")
    assert place.settings() == wanted, place.settings()
    assert os.listdir(FOLDER[:-1]).count("secrets.py") == 1
    assert len(os.listdir(FOLDER[:-1])) == 2, "a file is left over"
    assert not place.is_on() and not place.portal.is_open
    assert place.wifi.ssid == "new" and without_password(place)
    # The link was not disturbed by that, and the old networks are known.
    assert len(joined) == 1
    place.radio.air["new"] = [fake_wlan.ABSENT]
    place.radio.air["work"] = [FINE]
    await sleep(2 * MINUTE)
    place.radio.play(fake_wlan.DROP)
    await sleep(1000)
    await place.until(place.wifi.is_up, 3 * MINUTE)
    assert place.wifi.ssid == "work"


async def claim_a_network_that_does_not_join_is_told_and_nothing_changes(world):
    place = Place(world)
    place.radio.air["new"] = [fake_wlan.WRONG_PASSWORD]
    await place.opens()
    await place.enter("new", OTHER)
    await sleep(2500)
    assert not place.is_on()
    await place.opens()
    text = await place.page()
    assert "new: wrong password" in text
    assert place.settings() == DEPLOYED and without_password(place)
    # The known networks are tried again, and join.
    place.radio.air["home"] = [FINE]
    await place.until(place.wifi.is_up, 3 * MINUTE)
    assert place.wifi.ssid == "home"
    await sleep(2000)
    # The next portal does not tell it any more.
    place.radio.air["home"] = [fake_wlan.ABSENT]
    place.radio.play(fake_wlan.DROP)
    await sleep(2 * MINUTE)
    await place.opens()
    text = await place.page()
    assert "wrong" not in text, text


async def claim_fields_that_no_network_has_are_told_and_not_tried(world):
    place = Place(world)
    await place.opens()
    for name, password, words in (
        ("x" * 33, OTHER, "1 to 32 bytes"),
        ("new", "short", "8 to 63 bytes"),
        ("new", "p" * 64, "64 hexadecimal digits"),
        ("a\nb", OTHER, "control characters"),
        ("new", "pass\x00word", "control characters"),
        ("\x9b", OTHER, "control characters"),
    ):
        client = await place.enter(name, password)
        assert client.status() == "200"
        await sleep(2500)
        await place.opens()
        assert words in await place.page(), name
    assert set([ssid for _, ssid in place.radio.joins()]) == {"home"}
    assert place.settings() == DEPLOYED and without_password(place)


async def claim_a_known_network_with_another_password_replaces_it(world):
    place = Place(world, home=fake_wlan.WRONG_PASSWORD)
    await place.opens()
    place.radio.air["home"] = [FINE]
    await place.enter("home", OTHER)
    await place.until(place.wifi.is_up, 2 * MINUTE)
    await sleep(1500)
    assert place.settings() == DEPLOYED.replace(SECRET, OTHER)


async def claim_a_name_of_the_list_and_an_open_network_and_no_settings_before(world):
    place = Place(world, settings=None)
    place.radio.air["caf\u00e9 's"] = [FINE]
    await place.opens()
    token = await place.token()
    await place.ask(post(form(t=token, n="caf\u00e9 's", o="", p="")))
    await place.until(place.wifi.is_up, 10_000)
    await sleep(1500)
    found = {}
    exec(place.settings(), found)
    # What was known to the WiFi is written too.
    assert found["NETWORKS"] == [("caf\u00e9 's", None), ("home", SECRET)]
    assert place.radio.calls[-1][1:] == ("connect", "caf\u00e9 's", None)


async def claim_settings_are_replaced_as_a_whole(world):
    place = Place(world)
    place.radio.air["new"] = [FINE]
    await place.opens()
    opened = []
    real = builtins.open

    def watched(path, mode="r"):
        opened.append((path, mode))
        return real(path, mode)

    builtins.open = watched
    try:
        await place.enter("new", OTHER)
        await sleep(10_000)
    finally:
        builtins.open = real
    # Only the other file is written. It is complete when it gets the name of the first.
    assert [pair for pair in opened if pair[1] != "r"] == [(SETTINGS + ".new", "w")], opened
    assert OTHER in place.settings()


async def claim_settings_that_are_more_than_literals_are_not_changed(world):
    for odd in ("import os\nHOST = os\n", "def f():\n    pass\n", "X = [1]\nY = X.append\n"):
        place = Place(world, settings=DEPLOYED + odd)
        place.radio.air["new"] = [FINE]
        await place.opens()
        await place.enter("new", OTHER)
        await place.until(place.wifi.is_up, 10_000)
        await sleep(1500)
        assert place.settings() == DEPLOYED + odd
        assert "was not changed" in place.said[-1] and not place.is_on()
        # It is used until the next start.
        assert place.wifi.is_up() and place.wifi.ssid == "new"


async def claim_the_order_of_settings_is_deploys_and_comments_go(world):
    given = '"""Doc."""\nZ = 1.5\nWATCHDOG_S = 8  # s\nROOM = "a\'b"\n'
    given += 'HOST = "h"\nPORTAL = True\nA = None\n'
    place = Place(world, settings=given)
    place.radio.air["new"] = [FINE]
    await place.opens()
    await place.enter("new", OTHER)
    await place.until(place.wifi.is_up, 10_000)
    await sleep(1500)
    assert place.settings() == HEAD + (
        f"NETWORKS = [('new', '{OTHER}'), ('home', '{SECRET}')]\n"
        + "HOST = 'h'\nROOM = \"a'b\"\nWATCHDOG_S = 8\nPORTAL = True\nA = None\nZ = 1.5\n"
    ), place.settings()


# Strangers.


async def claim_hostile_requests_are_refused_and_the_page_still_works(world):
    place = Place(world)
    await place.opens()
    token = await place.token()
    good = form(t=token, n="home", o="", p="")
    for data, status in (
        # Foreign and doubtful hosts.
        (get(host="captive.apple.com"), "303"),
        (get(host=OWN + ":81"), "303"),
        (get(host=OWN + ".evil.example"), "303"),
        (get(more="Host: evil.example\r\n"), "303"),
        (get(more="hOsT: \r\nHOST: e\r\n"), "303"),
        (b"GET / HTTP/1.0\r\n\r\n", "303"),
        (b"GET / HTTP/1.1\r\nHost : %s\r\n\r\n" % OWN.encode(), "303"),
        (post(good, host="evil.example"), "403"),
        (post(good, host=OWN + "\r\nHost: evil.example"), "403"),
        # Tokens.
        (post(form(n="home", p="")), "403"),
        (post(form(t="", n="home", p="")), "403"),
        (post(form(t=token[:-1], n="home", p="")), "403"),
        (post(form(t=token + "0", n="home", p="")), "403"),
        (post(b""), "403"),
        # Methods and paths.
        (b"PUT / HTTP/1.1\r\nHost: %s\r\n\r\n" % OWN.encode(), "404"),
        (b"OPTIONS / HTTP/1.1\r\nHost: %s\r\n\r\n" % OWN.encode(), "404"),
        (get("/secrets.py"), "404"),
        (get("/portal_password"), "404"),
        (get("//"), "404"),
        (get("/../secrets.py"), "404"),
        (post(good, path="/x"), "404"),
        # No requests.
        (b"\r\n\r\n", "403"),
        (b"GET\r\nHost: %s\r\n\r\n" % OWN.encode(), "404"),
        (b"\xff\xfe\r\n\r\n", "403"),
        (post(good, length="x"), "400"),
        (post(good, length="1" * 40), "400"),
        (post(good, length=-5), "403"),
        (post(form(t=token[:3])), "403"),
        (post(b"t=" + token.encode() + b"&n=%zz"), "400"),
        (post(b"t=" + token.encode() + b"&n=%ff"), "400"),
        # Too long: a line, the head, the form.
        (get(more="X: " + "a" * 600 + "\r\n"), "400"),
        (get(more="X: a\r\n" * 400), "400"),
        (b"a" * 3000, "400"),
        (post(b"a" * 417), "400"),
        (post(b"", length=100_000), "400"),
    ):
        client = await place.ask(data)
        assert client.status() == status, (data[:100], client.got[:100])
        if status == "303":
            assert f"\r\nLocation: http://{OWN}/\r\n" in client.text()
            assert "<form" not in client.text()
    assert set([s for _, s in place.radio.joins()]) == {"home"}
    # The token was not used up by that.
    assert (await place.ask(post(good))).status() == "200"


async def claim_the_limits_of_a_request_are_bytes_that_browsers_do_not_reach(world):
    place = Place(world)
    await place.opens()
    filled = get(more="X: %s\r\n" % ("a" * 400) * 4)
    more = 2048 - len(filled)
    fits = get(more="X: %s\r\n" % ("a" * 400) * 4 + "Y: %s\r\n" % ("b" * (more - 5)))
    assert len(fits) == 2048 and (await place.ask(fits)).status() == "200"
    over = get(more="X: %s\r\n" % ("a" * 400) * 4 + "Y: %s\r\n" % ("b" * (more - 4)))
    assert len(over) == 2049 and (await place.ask(over)).status() == "400"
    # The longest name and password, each byte as three.
    token = await place.token()
    # A browser leaves letters and digits as they are; these are none.
    longest = b"t=" + token.encode()
    longest += b"&" + form(n="\u00e9" * 16, o="\u00e9" * 16, p="\u00fc" * 31)
    assert len(longest) <= 416
    assert (await place.ask(post(longest))).status() == "200"


async def claim_a_token_is_good_for_one_post(world):
    place = Place(world)
    place.radio.air["new"] = [fake_wlan.WRONG_PASSWORD]
    await place.opens()
    token = await place.token()
    assert token == await place.token(), "another page was opened before this one was sent"
    body = form(t=token, o="new", p=OTHER)
    assert (await place.ask(post(body))).status() == "200"
    await sleep(3000)
    await place.opens()
    assert (await place.ask(post(body))).status() == "403"
    assert await place.token() != token


async def claim_a_slow_client_and_a_silent_one_are_dropped_and_one_that_goes_does_no_harm(world):
    place = Place(world)
    await place.opens()
    begun = now()
    silent = sockets.connect()
    await place.until(lambda: silent.is_closed, 20_000)
    assert 2000 <= now() - begun <= 2200 and silent.got == b""
    begun = now()
    slow = sockets.connect(b"G")
    while not slow.is_closed:
        slow.sent = b"a"
        await sleep(300)
    assert 10_000 <= now() - begun <= 10_400 and slow.got == b""
    begun = now()
    full = sockets.connect(get())
    full.is_full = True
    await place.until(lambda: full.is_closed, 20_000)
    assert 10_000 <= now() - begun <= 10_400
    for data in (b"", b"GET / HT", get(), post(b"a", length=100)):
        await place.ask(data, has_left=True)
    await place.page()
    assert not place.errors()


async def claim_two_clients_are_served_one_after_the_other(world):
    place = Place(world)
    await place.opens()
    first = sockets.connect(b"GET / HTTP/1.1\r\n")
    second = sockets.connect(get())
    await sleep(3000)
    assert second.got == b"" and not first.is_closed
    first.sent = get()[len("GET / HTTP/1.1\r\n") :]
    await place.until(lambda: first.is_closed, 1000)
    await place.until(lambda: second.is_closed, 1000)
    assert first.status() == second.status() == "200"


async def claim_names_around_are_hostile_text(world):
    place = Place(world)
    place.radio.around = [
        (b"<script>alert(1)</script>", b"", 1, -50, 3, False),
        (b"\"'><img src=x>", b"", 1, -40, 3, False),
        (b"a&amp;b", b"", 1, -45, 3, False),
        (b"  two  spaces ", b"", 1, -46, 3, False),
        ("caf\u00e9".encode(), b"", 1, -60, 3, False),
        (b"same", b"", 1, -70, 3, False),
        (b"same", b"", 1, -30, 3, False),
        # What can't be shown.
        (b"", b"", 1, -20, 3, True),
        (b"\xff\xfe", b"", 1, -20, 3, False),
        (b"caf\xc3", b"", 1, -20, 3, False),
        (b"\xed\xa0\x80", b"", 1, -20, 3, False),
        (b"line\r\nSet-Cookie: a=b", b"", 1, -20, 3, False),
        (b"\x00\x00", b"", 1, -20, 3, False),
        (b"\xc2\x9b31m", b"", 1, -20, 3, False),
    ]
    await place.opens()
    text = await place.page()
    options = text.split('<option value="')[1:]
    assert [option.split('"')[0] for option in options] == [
        "same",
        "&quot;'>&lt;img src=x>",
        "a&amp;amp;b",
        "  two  spaces ",
        "&lt;script>alert(1)&lt;/script>",
        "caf\u00e9",
    ], options
    assert "<script" not in text and "<img" not in text and "Set-Cookie" not in text
    # A name that somebody sends comes back as text too.
    client = await place.enter("<script>x</script>", OTHER)
    assert (
        "<bdi>&lt;script>x&lt;/script></bdi>" in client.text() and "<script" not in client.text()
    )
    await sleep(3000)
    await place.opens()
    text = await place.page()
    assert "&lt;script>x&lt;/script>: no network" in text and "<script" not in text


async def claim_only_the_ten_strongest_names_are_kept(world):
    place = Place(world)
    place.radio.around = [(b"n%d" % i, b"", 1, -90 + i, 3, False) for i in range(40)]
    await place.opens()
    text = await place.page()
    assert (
        text.count("<option") == 10 and '"n39"' in text and '"n30"' in text and "n29" not in text
    )


async def claim_answers_forbid_scripts_frames_and_caches(world):
    place = Place(world)
    await place.opens()
    for data in (get(), get("/x"), get(host="e"), post(b"")):
        head = (await place.ask(data)).text().split("\r\n\r\n")[0]
        for wanted in (
            "Content-Security-Policy: default-src 'none';",
            "frame-ancestors 'none'",
            "Content-Type: text/html;charset=utf-8",
            "Cache-Control: no-store",
            "Connection: close",
        ):
            assert wanted in head


async def claim_each_name_leads_to_the_page(world):
    place = Place(world)
    await place.opens()
    question = b"\x07captive\x05apple\x03com\x00"
    head = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
    ipv4, ipv6 = b"\x00\x01\x00\x01", b"\x00\x1c\x00\x01"
    sockets.asked += [
        (head + question + ipv4, "a"),
        (head + question + ipv6, "b"),
        # What is no question.
        (b"", "c"),
        (b"\x00" * 5, "c"),
        (head, "c"),
        (head + question, "c"),
        (head + b"\x3f" * 280, "c"),
        (b"\x12\x34\x81\x80" + head[4:] + question + ipv4, "c"),
    ]
    await place.until(lambda: not sockets.asked, 1000)
    await sleep(100)
    answers = {peer: answer for answer, peer in sockets.answered}
    assert len(sockets.answered) == 2
    begin = b"\x12\x34\x84\x00\x00\x01\x00"
    assert answers["a"] == begin + b"\x01\x00\x00\x00\x00" + question + ipv4 + (
        b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04\xc0\xa8\x04\x01"
    )
    assert answers["b"] == begin + b"\x00\x00\x00\x00\x00" + question + ipv6
    assert not place.errors()
