"""deploy/settings.py: what is asked, what is kept, what is refused. No text shows a secret."""

import ast

import pytest

from deploy import forms, settings
from deploy.ask import Asker
from deploy.words import SETTINGS, Failure

PASSWORD = "open sesame"
TOKEN = "token-nobody-knows"
COMPLETE = {
    "NETWORKS": [("home", PASSWORD), ("work", None)],
    "HOST": "192.168.1.20:1999",
    "ROOM": "greenhouse",
    "TOKEN": TOKEN,
    "WATCHDOG_S": 8,
}
HOST = {"HOST": "a.local"}
GIVEN = {**HOST, "ROOM": "attic", "NAME": "north", "TOKEN": TOKEN}
KNOWN = COMPLETE["NETWORKS"]
HOME = {**HOST, "NETWORKS": [("home", PASSWORD)]}
CAFE = {**HOST, "NETWORKS": [("café", None)], "ROOM": "x"}
SHED = {**COMPLETE, "NETWORKS": [("shed", "another one"), *KNOWN]}
ANEW = {**COMPLETE, "NETWORKS": [("home", "a new one"), ("work", None)]}
NO_WIFI = {**HOST, "NETWORKS": [], "ROOM": "x"}
ATTIC = {**COMPLETE, "ROOM": "attic"}
# The board's settings, the given ones, a user's answers, and the result.
ASKED = {
    "everything": ({}, {}, ["home", PASSWORD, "a.local", ""], {**HOME, "ROOM": "home"}),
    "not what is given": ({}, GIVEN, ["home", PASSWORD], {**HOME, **GIVEN}),
    "an open network": ({}, HOST, ["café", "", "x"], CAFE),
    "no Wi-Fi": ({}, {**HOST, "ROOM": "x"}, [""], NO_WIFI),
    "kept by a return": (COMPLETE, {}, [""], COMPLETE),
    "else they are the defaults": (COMPLETE, {}, ["n", "", "", "", "attic"], ATTIC),
    "another network comes first": (COMPLETE, {}, ["n", "shed", "another one", "", ""], SHED),
    "one is changed": (COMPLETE, {"ROOM": "attic"}, [], ATTIC),
    "a password": (COMPLETE, {"WIFI_NAME": "home", "WIFI_PASSWORD": "a new one"}, [], ANEW),
}


def nobody(say):
    """There is no room server on this computer."""
    return None, None


def asked(current, given, answers, has_wifi=True):
    """The resulting settings when a user gives these answers."""
    heard, left = [], list(answers)

    def answer(question):
        heard.append(question)
        return left.pop(0)

    asker = Asker(True, answer, answer, heard.append, nobody)
    values = asker.complete(current, given, has_wifi)
    assert not left, "asked less than expected"
    assert PASSWORD not in str(heard) and TOKEN not in str(heard)
    return values


@pytest.mark.parametrize("current, given, answers, values", ASKED.values(), ids=ASKED)
def test_what_is_asked_and_what_it_comes_to(current, given, answers, values):
    assert asked(current, given, answers) == values


def test_a_board_without_wifi_is_not_asked_for_one():
    values = {**HOST, "NETWORKS": [], "ROOM": "home"}
    assert asked({}, {}, ["a.local", ""], has_wifi=False) == values


def test_with_nobody_to_ask_what_is_there_stays_and_what_is_missing_is_named():
    assert Asker(False, find=nobody).complete(COMPLETE, {}) == COMPLETE
    with pytest.raises(Failure, match="nobody to ask.*WIFI_NAME") as failure:
        Asker(False, find=nobody).complete({}, HOST)
    assert failure.value.status == SETTINGS
    for current, given in (({}, {"WIFI_NAME": "home"}), ({"NETWORKS": []}, {})):
        with pytest.raises(Failure, match="nobody to ask.*HOST"):
            Asker(False, find=nobody).complete(current, given)


def test_a_server_that_is_found_gives_the_defaults_and_never_more():
    def find(say):
        say("found one")
        return "192.168.1.30:1999", TOKEN

    heard, answers = [], {}

    def answer(question):
        heard.append(question)
        return answers.get(question.partition(" ")[0], "")

    asker = Asker(True, answer, answer, heard.append, find)
    values = asker.complete({}, {"WIFI_NAME": ""})
    assert (values["HOST"], values["TOKEN"]) == ("192.168.1.30:1999", TOKEN)
    assert heard[0] == "found one" and "[192.168.1.30:1999]" in heard[1]
    assert TOKEN not in str(heard)
    given = asker.complete({}, {"WIFI_NAME": "", "TOKEN": "another"})
    assert (given["HOST"], given["TOKEN"]) == ("192.168.1.30:1999", "another")
    # The token is for the host that was found, and for no other.
    answers["Host"] = "192.168.1.31:1999"
    assert "TOKEN" not in asker.complete({}, {"WIFI_NAME": ""})
    for known in ({"HOST": "a.local"}, COMPLETE):
        kept = Asker(False, say=heard.append, find=None).complete({**COMPLETE, **known}, {})
        assert kept["HOST"] == known["HOST"]
    with pytest.raises(Failure, match="make deploy HOST=192.168.1.30:1999"):
        Asker(False, say=print, find=find).complete({"NETWORKS": []}, {})


@pytest.mark.parametrize(
    "wrong, text",
    [
        ({"HOST": "192.168.1.20:port"}, "no valid port"),
        ({"HOST": "my host"}, "no valid host"),
        ({"HOST": "https://"}, "has no host"),
        ({"ROOM": "a\nb"}, "control character"),
        ({"ROOM": "r" * 257}, "ROOM"),
        ({"NETWORKS": [("s" * 33, None)]}, "1 to 32 bytes"),
        ({"NETWORKS": [("home", "short")]}, "8 to 63 bytes, .*not 5"),
        ({"NAME": "n" * 65}, "NAME has 1 to 64"),
        ({"TOKEN": "zwölf"}, "TOKEN has 1 to 256 ASCII"),
    ],
)
def test_what_a_board_could_not_use_is_refused(wrong, text):
    with pytest.raises(Failure, match=text) as failure:
        settings.checked({**COMPLETE, **wrong})
    assert failure.value.status == SETTINGS
    for secret in (PASSWORD, TOKEN, "short", "zwölf"):
        assert secret not in str(failure.value)


def test_a_host_is_cleaned_and_known_when_it_would_be_the_board_itself():
    cleaned = settings.checked({**COMPLETE, "HOST": "https://a.example.com/ "})
    assert cleaned["HOST"] == "a.example.com"
    itself = settings.is_of_the_board_itself
    assert itself("localhost:1999") and itself("127.0.0.1") and itself("LOCALHOST")
    assert not itself("localhost.example.com") and not itself("192.168.1.127:1999")


# The file.


def test_what_is_written_is_read_again_and_so_are_the_samples_of_the_boards():
    values = {**COMPLETE, "NAME": "Büro \"2'", "MINE": 3}
    text = settings.written(values)
    assert settings.parse(text) == values
    ast.parse(text)
    for name in forms.names():
        sample = forms.BOARDS / ("unix" if name == "unix" else "common") / "secrets.sample.py"
        assert settings.parse(sample.read_text(encoding="utf-8"))["HOST"]


NO_SETTINGS = """HOST = host()
import os
HOST
A.B = 1
A = B = 1
HOST =
a, b = 1, 2
HOST = 5
NETWORKS = 'home'
NETWORKS = [('home', 5)]
NETWORKS = [('home',)]"""


@pytest.mark.parametrize("text", [*NO_SETTINGS.splitlines(), b"ROOM = '\xff'"])
def test_what_is_no_list_of_settings_is_not_read(text):
    with pytest.raises(Failure, match="--keep-settings") as failure:
        settings.parse(text)
    assert failure.value.status == SETTINGS


def test_what_is_shown_has_no_secrets():
    shown = settings.shown(COMPLETE)
    assert shown == "Wi-Fi home, work; room greenhouse at 192.168.1.20:1999, with a token"
    assert settings.shown(None) == "settings as they are on the board"


def test_the_page_of_a_room_has_an_address():
    page = settings.dashboard
    assert page(COMPLETE) == "http://192.168.1.20:1999/?room=greenhouse"
    assert page({**COMPLETE, "PROTOCOL": "wss"}) == "https://192.168.1.20:1999/?room=greenhouse"
    assert page({**FAR, "ROOM": "a&b c"}) == "https://party.example.com/?room=a%26b+c"
    assert page(None) is None and page({**COMPLETE, "HOST": ""}) is None


FAR = {**COMPLETE, "HOST": "party.example.com"}
# The parts that settings need.
PARTS = [
    (COMPLETE, ["wifi"]),
    (FAR, ["wifi", "clock", "roots"]),
    ({**FAR, "CA": "ca.der"}, ["wifi", "clock"]),
    ({**FAR, "PROTOCOL": "ws"}, ["wifi"]),
    ({**COMPLETE, "PROTOCOL": "wss"}, ["wifi", "clock", "roots"]),
    ({**COMPLETE, "PORTAL": True}, ["wifi", "portal"]),
    ({**COMPLETE, "PORTAL": False}, ["wifi"]),
    # The settings can't be read.
    (None, ["wifi", "clock", "roots"]),
]


@pytest.mark.parametrize("values, parts", PARTS)
def test_a_room_over_tls_needs_more_of_the_library(values, parts):
    assert settings.needed_parts(forms.load("pico_w"), values) == parts
