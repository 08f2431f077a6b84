"""deploy/follow.py: what the lines of a board mean. test_deploy_failures.py has real boards."""

import re

import pytest

from deploy.follow import Story
from deploy.words import CRASHED, REFUSED, SERVER, WIFI

JOINING = ["Wi-Fi: my home joining", "Wi-Fi: my home no address", "Wi-Fi: my home settling"]
TRACE = ["Traceback (most recent call last):", '  File "main.py", line 200, in <module>']
NO_SENSOR = ["error in device.py:", *TRACE, "OSError: no thermometer"]
NO_TIME = ["error in setting the clock:", *TRACE, "Error: no answer from the time server"]
AGAIN = ["error in main.py:", *TRACE, "ValueError: HOST"]
OUT = "out of the room: 1006 "
IN = "in the room"


def twice(error):
    return [f"error: {error}", OUT, f"error: {error}"]


# The lines, of which the last one decides; the status of the failure; its text.
STORIES = {
    "comes into its room": ([*JOINING, "Wi-Fi: my home up", IN], None, ""),
    "a first dial may fail": (["error: [Errno 118] EHOSTUNREACH", OUT, IN], None, ""),
    "no thermometer": ([*NO_SENSOR, *NO_SENSOR, IN], None, ""),
    "no Wi-Fi": (["Wi-Fi: my home waiting: no network"], WIFI, "no Wi-Fi 'my home' .*2.4 GHz"),
    "no DHCP": ([*JOINING, "Wi-Fi: my home waiting: no address"], WIFI, "gave it no address"),
    "odd": (["Wi-Fi: my home waiting: failure 209"], WIFI, "Wi-Fi 'my home': failure 209"),
    "403": (["error: the server answered 403"], REFUSED, "answered 403.*only look"),
    "404": (["error: the server answered 404"], REFUSED, "answered 404.*no rooms"),
    "503": (twice("the server answered 503"), SERVER, "answered 503"),
    "no answer": (twice("TIMEOUT"), SERVER, "Is the server running"),
    "no route": (twice("[Errno 113] EHOSTUNREACH"), SERVER, "Is the server running"),
    "no name": (twice("[addrinfo error -2]"), SERVER, "is HOST spelt right"),
    "no name on ESP32": (twice("-2"), SERVER, "is HOST spelt right"),
    "no name, lwIP": (twice("(-202, 'EAI_FAIL')"), SERVER, "is HOST spelt right"),
    "TLS": (twice("the certificate is for another host"), SERVER, "see TLS in lib/README.md"),
    "ends": ([*TRACE, "ImportError: secrets.py"], CRASHED, "ended: ImportError: secrets.py"),
    "memory": ([*TRACE, "MemoryError: memory allocation failed"], CRASHED, "too little memory"),
    "begins anew": ([*AGAIN, IN], None, ""),
    "begins anew each time": ([*AGAIN, *AGAIN], CRASHED, "ValueError: HOST"),
    "an error of a new kind": (["error in the weather:", *TRACE, "OSError: rain", IN], None, ""),
}


@pytest.mark.parametrize("lines, status, text", STORIES.values(), ids=STORIES)
def test_the_last_line_settles_it_and_none_before(lines, status, text):
    story = Story()
    assert [story.line(line) for line in lines[:-1]] == [None] * (len(lines) - 1)
    said = story.line(lines[-1])
    assert said is True if status is None else said.status == status
    assert re.search(text, str(said))


def test_a_clock_that_is_not_set_is_no_end_and_is_explained_once():
    story = Story()
    said = [story.line(line) for line in [*NO_TIME, *NO_TIME, IN]]
    assert said[: len(NO_TIME) - 1] == [None] * (len(NO_TIME) - 1)
    assert re.search("clock could not be set: Error: no answer.*NTP", said[len(NO_TIME) - 1])
    assert said[len(NO_TIME) :] == [None] * len(NO_TIME) + [True]


def test_a_certificate_that_is_not_accepted_without_the_time_is_the_clock_s_fault():
    story = Story()
    lines = [*NO_TIME, *twice("the certificate is not valid yet")]
    (*_, said) = [story.line(line) for line in lines]
    assert said.status == SERVER
    assert str(said).endswith("none is: the board's clock is not set")
