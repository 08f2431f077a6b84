"""Names in topics and in Home Assistant's ids: none is lost, and none means something else."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from room_server.mqtt.topics import Topics, decode, encode, identifier

# No name has a surrogate or a control character, but a command's topic may.
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64)
TOPICS = Topics("partysocket", "main", "home", "homeassistant")


def test_what_a_topic_or_a_broker_gives_a_meaning_is_encoded_and_all_else_stays():
    assert encode("porch+1/#2 100%") == "porch%2B1%2F%232 100%25"
    assert encode("Küche 🌡️ $SYS ~") == "Küche 🌡️ $SYS ~"
    assert encode("\ufdd0\uffff\x00") == "%EF%B7%90%EF%BF%BF%00"


@given(NAMES)
def test_a_level_is_its_name_again(name):
    assert decode(encode(name)) == name
    assert not set("+#/\x00\ufffe\uffff") & set(encode(name))


@example(["x", "20"], ["x "])
@given(st.lists(NAMES, min_size=1, max_size=3), st.lists(NAMES, min_size=1, max_size=3))
def test_only_equal_names_have_equal_ids(some, others):
    assert re.fullmatch("[a-zA-Z0-9_-]+", identifier(*some))
    assert (identifier(*some) == identifier(*others)) is (some == others)


def test_only_commands_of_the_room_are_commands():
    topic = TOPICS.command("porch/1", "fan+")
    assert topic == "partysocket/main/home/porch%2F1/command/fan%2B"
    assert TOPICS.commanded(topic) == ("porch/1", "fan+")
    for other in (
        "partysocket/main/home2/porch/command/fan",
        "partysocket/main/home/porch/value/fan",
        "partysocket/main/home/porch/command",
        "partysocket/main/home/porch/command/fan/x",
        "partysocket/main/home/porch/command/%FF",
        f"partysocket/main/home/{'p' * 65}/command/fan",
    ):
        assert TOPICS.commanded(other) is None, other
