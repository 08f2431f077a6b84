"""deploy/follow.py: what a board's lines amount to. test_deploy_failures.py has real boards."""

import re

import pytest

from deploy import words
from deploy.follow import Story


def told(*lines):
    """What the last line gives; those before it have to give nothing."""
    story = Story()
    for line in lines[:-1]:
        assert story.line(line) is None, line
    return story.line(lines[-1])


def says(failure, text):
    return re.search(text, str(failure))


def test_a_board_that_comes_into_its_room():
    joining = ["Wi-Fi: home joining", "Wi-Fi: home no address", "Wi-Fi: home settling"]
    assert told(*joining, "Wi-Fi: home up", "in the room") is True


@pytest.mark.parametrize(
    "why, text",
    [
        ("wrong password", "'my home' refused the password"),
        ("no network", "no Wi-Fi 'my home' here.*2.4 GHz"),
        ("no address", "gave it no address"),
        ("failure 209", "does not get into the Wi-Fi 'my home': failure 209"),
    ],
)
def test_a_wifi_that_refuses(why, text):
    failure = told("Wi-Fi: my home joining", f"Wi-Fi: my home waiting: {why}")
    assert failure.status == words.WIFI
    assert says(failure, text)


@pytest.mark.parametrize(
    "status, text",
    [(400, "no such party"), (401, "wants a token"), (403, "only look"), (404, "no rooms")],
)
def test_a_room_that_refuses(status, text):
    failure = told(f"error: the server answered {status}")
    assert failure.status == words.REFUSED
    assert says(failure, f"answered {status}.*{text}")


@pytest.mark.parametrize(
    "error, text",
    [
        ("[Errno 111] ECONNREFUSED", "Is the server running"),
        ("TIMEOUT", "Is the server running"),
        ("[Errno 113] EHOSTUNREACH", "Is the server running"),
        ("the server answered 503", "answered 503"),
        ("[addrinfo error -2]", "is HOST spelt right"),
        ("-2", "is HOST spelt right"),  # ESP32
        ("(-202, 'EAI_FAIL')", "is HOST spelt right"),
        ("the certificate is for another host", "see TLS in README.md"),
    ],
)
def test_a_server_that_is_not_reached_twice(error, text):
    failure = told(f"error: {error}", "out of the room: 1006 ", f"error: {error}")
    assert failure.status == words.SERVER
    assert says(failure, text)


def test_a_first_dial_may_fail():
    assert told("error: [Errno 118] EHOSTUNREACH", "out of the room: 1006 ", "in the room") is True


TRACE = ["Traceback (most recent call last):", '  File "main.py", line 200, in <module>']


def test_a_start_up_file_that_ends():
    failure = told(*TRACE, "ImportError: secrets.py is missing")
    assert failure.status == words.CRASHED
    assert says(failure, "ended: ImportError: secrets.py is missing")


def test_too_little_memory_is_told():
    failure = told(*TRACE, "MemoryError: memory allocation failed, allocating 2048 bytes")
    assert says(failure, "too little memory")


def test_an_error_that_the_start_up_file_survives_is_one():
    failure = told("error in main.py:", *TRACE, "ValueError: HOST")
    assert failure.status == words.CRASHED


def test_an_error_of_the_measuring_is_none():
    lines = ["error in device.py:", *TRACE, "OSError: no thermometer"]
    assert told(*lines, *lines, "in the room") is True


def test_a_prompt_means_that_it_ended():
    story = Story()
    story.line("goodbye")
    failure = story.prompt()
    assert failure.status == words.CRASHED
    assert says(failure, "goodbye")
