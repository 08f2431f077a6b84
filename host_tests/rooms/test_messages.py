"""tools/room_server/messages.py: what is a room message, and what is left of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from room_server import messages
from room_server.checks import MessageError
from room_server.messages import parse
from rooms.malformed import MALFORMED, reading


@pytest.mark.parametrize(("text", "word"), MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_message_is_refused_in_a_short_sentence_that_names_it(text, word):
    with pytest.raises(MessageError) as caught:
        parse(text)
    assert word in str(caught.value)
    assert len(str(caught.value)) < 250
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "text", ["", "hello", "[1]", "7", '"{"', '{"a":1}', "{}", '{"n":%s}' % ("9" * 5000)]
)
def test_a_text_without_type_is_no_room_message(text):
    assert parse(text) is None


def test_a_reading_at_every_limit_is_accepted():
    values = {"n" * 64: 1 << 53, "low": -(1 << 53), "s": "s" * 256, "b": True, "f": -0.5}
    values.update({f"v{n}": n for n in range(27)})
    assert parse(reading(json.dumps(values))) == {"type": "reading", "values": values}


def test_unknown_fields_are_left_out_and_the_last_of_two_counts():
    text = '{"type":"snapshot","type":"command","device":"d","name":"n","at":5,"online":true}'
    assert parse(text) == {"type": "command", "device": "d", "name": "n"}


def test_a_command_s_value_may_be_nested_eight_deep():
    value = json.loads("[" * 8 + "]" * 8)
    text = json.dumps({"type": "command", "device": "d", "name": "n", "value": value})
    assert parse(text)["value"] == value


def test_encoding_keeps_characters_as_utf_8():
    assert messages.encode({"a": "é😀"}) == '{"a":"é😀"}'.encode()


@given(st.text(max_size=200) | st.text(max_size=200).map("{".__add__))
def test_any_text_is_parsed_or_refused(text):
    try:
        parse(text)
    except MessageError:
        pass


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@given(st.sampled_from(["hello", "reading", "command", "result"]), st.dictionaries(
    st.sampled_from(["values", "device", "name", "value", "ok", "error", "units", "controls"]),
    _json))  # fmt: skip
def test_whatever_is_accepted_can_be_sent_on(kind, fields):
    try:
        message = parse(json.dumps({"type": kind, **fields}))
    except MessageError:
        return
    if message["type"] == "reading":
        message.pop("device", None)
    assert json.loads(messages.encode(message)) == message
