"""tools/room_server/address.py: which room, whose origin."""

import pytest

from room_server.address import is_own_origin, room_of


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/parties/main/r1", ("main", "r1")),
        ("/parties/main/r1?_pk=a/b", ("main", "r1")),
        ("/parties/main/r1/more", ("main", "r1")),
        ("/parties/main/r%20x%2Fy", ("main", "r%20x%2Fy")),
        ("http://127.0.0.1:1999/parties/main/r1", ("main", "r1")),
        ("/parties/main", None),
        ("/parties/main/", None),
        ("/parties//r", None),
        ("/parties/main?/r", None),
        ("/party/main/r", None),
        ("/Parties/main/r", None),
        ("//parties/main/r", None),
        ("/", None),
        ("*", None),
        ("", None),
    ],
)
def test_a_room_is_the_segment_after_its_party(target, expected):
    assert room_of(target) == expected


@pytest.mark.parametrize(
    ("origin", "host", "expected"),
    [
        ("http://pi:1999", "pi:1999", True),
        ("https://PI:1999", "pi:1999", True),
        ("http://pi:2000", "pi:1999", False),
        ("http://evil.example", "pi:1999", False),
        ("http://pi:1999.evil.example", "pi:1999", False),
        ("null", "null", False),
        ("", "", False),
        ("http://", "", False),
        ("http://pi", None, False),
    ],
)
def test_an_origin_is_own_if_host_and_port_are_the_request_s(origin, host, expected):
    assert is_own_origin(origin, host) is expected
