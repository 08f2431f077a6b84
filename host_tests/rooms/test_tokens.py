"""Tokens, as far as they are the room server's own: how they are given, and what each costs."""

import hmac

import pytest

from room_server.tokens import EVERYWHERE, READ, WRITE, TokenError, Tokens, read_file
from rooms.clients import refusal
from rooms.server_process import RoomServer

HOUSE, WATCH, ATTIC, BENCH = "h0use-s3cret", "w4tch-s3cret", "4ttic-s3cret", "b3nch-s3cret"


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """Every way to give a token at once."""
    path = tmp_path_factory.mktemp("tokens") / "tokens"
    path.write_text(f"lab/bench {BENCH}\n")
    env = {"ROOM_SERVER_TOKEN": HOUSE, "ROOM_SERVER_READ_TOKEN": WATCH}
    parties = ("--party", "main", "--party", "lab")
    ways = ("--token-file", path, "--room-token", f"attic={ATTIC}")
    with RoomServer(*parties, *ways, "--request-rate", "10000", env=env) as running:
        yield running


@pytest.mark.parametrize(
    ("party", "room", "token", "status"),
    [
        ("main", "any", HOUSE, 101),
        ("main", "attic", ATTIC, 101),
        ("lab", "attic", ATTIC, 101),
        ("lab", "bench", BENCH, 101),
        ("main", "bench", BENCH, 401),
        ("lab", "bench", ATTIC, 401),
        ("lab", "bench", WATCH, 101),
        ("main", "*", BENCH, 401),
    ],
)
async def test_every_way_to_give_a_token_opens_its_rooms(closed, party, room, token, status):
    assert (await refusal(closed, room, party=party, token=token))[0] == status


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
