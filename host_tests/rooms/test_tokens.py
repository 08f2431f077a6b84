"""Tokens of the room server: how they are given, and what each costs."""

import hmac

import pytest

from room_server.tokens import EVERYWHERE, READ, WRITE, TokenError, Tokens, read_file


def test_every_comparison_is_of_one_length_and_always_made(monkeypatch):
    everywhere = [(EVERYWHERE, "house", WRITE), (EVERYWHERE, "watch", READ)]
    tokens = Tokens([*everywhere, ("attic", "under-the-roof", WRITE)])
    compared = []

    def compare_digest(a, b):
        compared.append((len(a), len(b)))
        return a == b

    monkeypatch.setattr(hmac, "compare_digest", compare_digest)
    for room, given in (("attic", "house"), ("none", "x" * 5000), ("attic", "\u00e9\udcff")):
        compared.clear()
        tokens.access("main", room, [given])
        assert compared == [(32, 32)] * 3


def test_a_bad_line_is_named_by_its_number_and_not_quoted(tmp_path):
    path = tmp_path / "tokens"
    for text, word in (
        (b"* ok\nhome s3cret write\n", "line 2"),
        (b"s3cret\n", "PLACE TOKEN"),
        (b"a b s3cret read\n", "PLACE TOKEN"),
        (b"home s3cret\xff\n", "UTF-8"),
        ("home s3crét\n".encode(), "ASCII"),
        (b"a/b/c s3cret\n", "PARTY/ROOM"),
        (b"Main/r s3cret\n", "PARTY/ROOM"),
    ):
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
