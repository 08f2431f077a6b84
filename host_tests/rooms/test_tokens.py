"""tools/room_server/tokens.py: what opens which room."""

import hmac

import pytest

from room_server.tokens import EVERYWHERE, READ, WRITE, TokenError, Tokens, read_file, tokens_of

TOKENS = Tokens(
    [
        (EVERYWHERE, "house", WRITE),
        (EVERYWHERE, "watch", READ),
        ("attic", "under-the-roof", WRITE),
        ("lab/bench", "sold3r", WRITE),
        ("lab/bench", "look", READ),
    ]
)


@pytest.mark.parametrize(
    ("party", "room", "given", "expected"),
    [
        ("main", "any", ["house"], WRITE),
        ("main", "any", ["watch"], READ),
        ("main", "any", ["watch", "house"], WRITE),
        ("main", "any", ["house", "watch"], WRITE),
        ("main", "attic", ["under-the-roof"], WRITE),
        ("lab", "attic", ["under-the-roof"], WRITE),
        ("main", "any", ["under-the-roof"], None),
        ("lab", "bench", ["sold3r"], WRITE),
        ("lab", "bench", ["look"], READ),
        ("main", "bench", ["sold3r"], None),
        ("lab", "bench", ["house"], WRITE),
        ("main", "attic", ["nothing", "under-the-roof"], WRITE),
        ("main", "*", ["sold3r"], None),
        ("main", "attic", [], None),
        ("main", "attic", ["hous"], None),
        ("main", "attic", ["house "], None),
        ("main", "attic", ["House"], None),
        ("main", "attic", ["h\u00f6use", "\udcff", "\x00", "x" * 8000], None),
    ],
)
def test_a_token_opens_its_place_and_no_other(party, room, given, expected):
    assert TOKENS.access(party, room, given) == expected


def test_without_tokens_all_is_open_and_with_one_all_else_is_closed():
    assert Tokens().access("main", "r", []) == WRITE
    assert Tokens([("r", "x", WRITE)]).access("main", "other", []) is None


def test_every_comparison_is_of_one_length_and_always_made(monkeypatch):
    compared = []

    def compare_digest(a, b):
        compared.append((len(a), len(b)))
        return a == b

    monkeypatch.setattr(hmac, "compare_digest", compare_digest)
    for room, given in (("attic", "house"), ("no-such-room", "x" * 5000), ("attic", "\u00e9")):
        compared.clear()
        TOKENS.access("main", room, [given])
        assert compared == [(32, 32)] * 5


@pytest.mark.parametrize(
    ("authorization", "query", "expected"),
    [
        ("Bearer s3cret", None, ["s3cret"]),
        ("bearer  s3cret", None, ["s3cret"]),
        (None, "s3cret", ["s3cret"]),
        ("Bearer one", "two", ["one", "two"]),
        ("Basic s3cret", None, []),
        ("s3cret", None, []),
        ("Bearer", "", []),
        (None, None, []),
    ],
)
def test_tokens_come_in_the_header_and_the_query(authorization, query, expected):
    assert tokens_of(authorization, query) == expected


def test_a_file_has_a_token_on_each_line(tmp_path):
    path = tmp_path / "tokens"
    path.write_text("# the house\n\n*  s3cret\nattic\tt0p read\n main/r%20x a=b \n")
    assert read_file(path) == [
        ("*", "s3cret", WRITE),
        ("attic", "t0p", READ),
        ("main/r%20x", "a=b", WRITE),
    ]


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
