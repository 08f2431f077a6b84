"""Tokens, as far as they are the room server's own: how they are given, and what each costs."""

import hmac

import pytest

from room_server.tokens import EVERYWHERE, READ, WRITE, TokenError, Tokens, read_file
from rooms.clients import http


def test_tokens_of_the_command_line_open_their_rooms(start):
    server = start(
        *("--party", "main", "--party", "lab", "--token", "h0use", "--read-token", "w4tch"),
        *("--room-token", "attic=4ttic", "--room-token", "lab/bench=b3nch"),
    )
    for token, place, status in (
        ("h0use", "main/any", 200),
        ("w4tch", "lab/bench", 200),
        ("4ttic", "main/attic", 200),
        ("4ttic", "lab/attic", 200),
        ("4ttic", "lab/bench", 401),
        ("b3nch", "lab/bench", 200),
        ("b3nch", "main/bench", 401),
        ("b3nch", "main/*", 401),
    ):
        assert http(server, f"/parties/{place}?token={token}")[0] == status, (token, place)


def test_every_comparison_is_of_one_length_and_always_made(monkeypatch):
    tokens = Tokens(
        [
            (EVERYWHERE, "house", WRITE),
            (EVERYWHERE, "watch", READ),
            ("attic", "under-the-roof", WRITE),
        ]
    )
    compared = []

    def compare_digest(a, b):
        compared.append((len(a), len(b)))
        return a == b

    monkeypatch.setattr(hmac, "compare_digest", compare_digest)
    for room, given in (
        ("attic", "house"),
        ("no-such-room", "x" * 5000),
        ("attic", "\u00e9\udcff"),
    ):
        compared.clear()
        tokens.access("main", room, [given])
        assert compared == [(32, 32)] * 3


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"* ok\nhome s3cret write\n", "line 2"),
        (b"s3cret\n", "PLACE TOKEN"),
        (b"a b s3cret read\n", "PLACE TOKEN"),
        (b"home s3cret\xff\n", "UTF-8"),
        ("home s3crét\n".encode(), "ASCII"),
        (b"a/b/c s3cret\n", "PARTY/ROOM"),
        (b"Main/r s3cret\n", "PARTY/ROOM"),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_not_quoted(tmp_path, text, word):
    path = tmp_path / "tokens"
    path.write_bytes(text)
    with pytest.raises(TokenError) as caught:
        read_file(path)
    assert word in str(caught.value) and str(path) in str(caught.value)
    assert "s3cr" not in str(caught.value)


def test_there_are_no_more_tokens_than_each_request_can_be_compared_with():
    entries = [("r", f"t{n}", WRITE) for n in range(1001)]
    assert Tokens(entries[:1000]).access("main", "r", ["t999"]) == WRITE
    with pytest.raises(TokenError, match="at most 1000"):
        Tokens(entries)
