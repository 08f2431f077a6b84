"""tools/room_server/messages.py: random texts, because a table of cases may miss some."""

import json

from hypothesis import given
from hypothesis import strategies as st

from room_server import messages
from room_server.checks import MessageError
from room_server.hello import complaint, summary
from room_server.messages import parse


@given(st.text(max_size=200) | st.text(max_size=200).map("{".__add__))
def test_any_text_is_parsed_or_refused(text):
    try:
        parse(text)
    except MessageError as error:
        assert len(str(error)) < 250 and str(error).isprintable()


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


_numbers = st.integers(-1, 3) | st.just(1 << 53) | st.floats()
_values = st.dictionaries(st.text(max_size=3), _json | _numbers, max_size=2)
_readings = st.lists(st.fixed_dictionaries({"n": _numbers, "values": _values}), max_size=3)
_FIELDS = {
    **dict.fromkeys(["device", "name", "value", "ok", "error", "units", "controls"], _json),
    "values": _json | _values,
    "at": _json | _numbers,
    "live": _json,
    "n": _json | _numbers,
    "after": _json | _numbers,
    "epoch": _json | st.just("0123456789abcdef"),
    "readings": _json | _readings,
}


@given(
    st.sampled_from(["hello", "reading", "batch", "command", "result"]),
    st.fixed_dictionaries({}, optional=_FIELDS),
)
def test_whatever_is_accepted_can_be_sent_on(kind, fields):
    try:
        message = parse(json.dumps({"type": kind, **fields}))
    except MessageError:
        return
    if kind == "hello":
        for sentence in (complaint, summary) if message["left_out"] else ():
            told = sentence(message["left_out"])
            assert len(told) <= 256 and told.isprintable()
        del message["left_out"]
    if message["type"] == "reading":
        message.pop("device", None)
    assert json.loads(messages.encode(message)) == message
