"""deploy/settings.py: what is asked, what is kept, what is refused; and no secret in any text."""

import ast

import pytest

from deploy import forms, settings
from deploy.settings import Asker
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


class Person:
    """Gives answers in turn; keeps what was asked and said."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.heard = []
        self.asker = Asker(True, self.answer, self.answer, self.heard.append)

    def answer(self, question):
        self.heard.append(question)
        return self.answers.pop(0)


def complete(current, given, *answers):
    person = Person(*answers)
    values = person.asker.complete(current, given)
    assert not person.answers, "asked less than expected"
    assert PASSWORD not in str(person.heard) and TOKEN not in str(person.heard)
    return values


def test_a_new_board_is_asked_for_everything():
    values = complete({}, {}, "home", PASSWORD, "192.168.1.20:1999", "")
    assert values == {
        "NETWORKS": [("home", PASSWORD)],
        "HOST": "192.168.1.20:1999",
        "ROOM": "home",
    }


def test_what_is_given_is_not_asked_for():
    given = {"HOST": "192.168.1.20:1999", "ROOM": "attic", "NAME": "north", "TOKEN": TOKEN}
    values = complete({}, given, "home", PASSWORD)
    assert values == {"NETWORKS": [("home", PASSWORD)], **given}


def test_an_open_network_has_no_password():
    assert complete({}, {"HOST": "a.local"}, "café", "", "home")["NETWORKS"] == [("café", None)]


def test_without_a_name_something_else_brings_the_network_up():
    assert complete({}, {"HOST": "a.local", "ROOM": "x"}, "")["NETWORKS"] == []


def test_settings_that_are_there_are_kept_by_a_return():
    assert complete(COMPLETE, {}, "") == COMPLETE


def test_who_does_not_keep_them_is_asked_with_them_as_defaults():
    values = complete(COMPLETE, {}, "n", "", "", "", "attic")
    assert values == {**COMPLETE, "ROOM": "attic"}


def test_another_network_goes_before_those_that_are_known():
    values = complete(COMPLETE, {}, "n", "shed", "another one", "", "")
    assert values["NETWORKS"] == [("shed", "another one"), *COMPLETE["NETWORKS"]]


def test_who_gives_one_changes_that_one():
    assert complete(COMPLETE, {"ROOM": "attic"}) == {**COMPLETE, "ROOM": "attic"}
    values = complete(COMPLETE, {"WIFI_NAME": "home", "WIFI_PASSWORD": "a new one"})
    assert values["NETWORKS"] == [("home", "a new one"), ("work", None)]


def test_a_board_without_wifi_is_not_asked_for_one():
    person = Person("localhost:1999", "")
    assert person.asker.complete({}, {}, has_wifi=False) == {
        "NETWORKS": [],
        "HOST": "localhost:1999",
        "ROOM": "home",
    }


def test_with_nobody_to_ask_what_is_there_stays():
    assert Asker(False).complete(COMPLETE, {}) == COMPLETE


@pytest.mark.parametrize(
    "current, given, missing",
    [
        ({}, {"HOST": "a.local"}, "WIFI_NAME"),
        ({}, {"WIFI_NAME": "home", "WIFI_PASSWORD": PASSWORD}, "HOST"),
        ({"NETWORKS": []}, {}, "HOST"),
    ],
)
def test_with_nobody_to_ask_what_is_missing_is_named(current, given, missing):
    with pytest.raises(Failure, match=f"nobody to ask.*{missing}") as failure:
        Asker(False).complete(current, given)
    assert failure.value.status == SETTINGS


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


def test_a_host_is_cleaned():
    assert settings.checked({**COMPLETE, "HOST": "https://a.example.com/ "})["HOST"] == (
        "a.example.com"
    )


# The file.


def test_what_is_written_is_read_again():
    values = {**COMPLETE, "NAME": "Büro \"2'", "MINE": 3}
    text = settings.written(values)
    assert settings.parse(text) == values
    ast.parse(text)


def test_the_samples_of_the_boards_can_be_read():
    for name in forms.names():
        sample = forms.BOARDS / ("unix" if name == "unix" else "common") / "secrets.sample.py"
        assert settings.parse(sample.read_text(encoding="utf-8"))["HOST"]


@pytest.mark.parametrize(
    "text",
    [
        "HOST = host()",
        "import os",
        "HOST",
        "A.B = 1",
        "A = B = 1",
        "HOST = ",
        "a, b = 1, 2",
        "HOST = 5",
        "NETWORKS = 'home'",
        "NETWORKS = [('home', 5)]",
        "NETWORKS = [('home',)]",
        b"ROOM = '\xff'",
    ],
)
def test_what_is_no_list_of_settings_is_not_read(text):
    with pytest.raises(Failure, match="--keep-settings") as failure:
        settings.parse(text)
    assert failure.value.status == SETTINGS


def test_what_is_shown_has_no_secrets():
    shown = settings.shown(COMPLETE)
    assert shown == "Wi-Fi home, work; room greenhouse at 192.168.1.20:1999, with a token"


# What the library has to have.


@pytest.mark.parametrize(
    "changes, parts",
    [
        ({}, ["wifi"]),
        ({"HOST": "party.example.com"}, ["wifi", "clock", "roots"]),
        ({"HOST": "party.example.com", "CA": "ca.der"}, ["wifi", "clock"]),
        ({"HOST": "party.example.com", "PROTOCOL": "ws"}, ["wifi"]),
        ({"PROTOCOL": "wss"}, ["wifi", "clock", "roots"]),
    ],
)
def test_a_room_over_tls_needs_more_of_the_library(changes, parts):
    assert settings.needed_parts(forms.load("pico_w"), {**COMPLETE, **changes}) == parts


def test_with_settings_that_nobody_can_read_it_may_need_all():
    assert settings.needed_parts(forms.load("pico_w"), None) == ["wifi", "clock", "roots"]
    assert settings.shown(None) == "settings as they are on the board"


def test_a_host_that_would_be_the_board_itself():
    itself = settings.is_of_the_board_itself
    assert itself("localhost:1999") and itself("127.0.0.1") and itself("LOCALHOST")
    assert not itself("localhost.example.com") and not itself("192.168.1.127:1999")
