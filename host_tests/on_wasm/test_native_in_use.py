# micropython only
"""Each port uses what it has: native code on unix, and its replacement in WebAssembly."""

import sys

from partysocket.core import mask, outgoing, protocol, soft


def test_native_code_is_in_use_on_unix_and_what_stands_in_for_it_on_wasm():
    try:
        from partysocket.core import native as wanted
    # The error is "invalid micropython decorator".
    except SyntaxError:
        wanted = soft
    assert (wanted is soft) == (sys.platform == "webassembly")
    for user, names in ((mask, "mask is_ascii"), (outgoing, "mask")):
        for name in names.split():
            assert getattr(user, name) is getattr(wanted, name), name
    assert protocol.is_ascii is wanted.is_ascii
