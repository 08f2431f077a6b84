"""tools/room_server/messages.py: by chance, where a table of cases may have a gap."""

import json

from hypothesis import given
from hypothesis import strategies as st

from room_server import messages
from room_server.checks import MessageError
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
