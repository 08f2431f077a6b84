# micropython only
"""Each port runs what it has: native code on unix, the plain loops in WebAssembly."""

import sys

from partysocket.core import mask, utf8


def native():
    """The module of native code, or None where there is none."""
    try:
        from partysocket.core import native
    except SyntaxError:  # "invalid micropython decorator"
        return None
    return native


def test_mask_in_use_is_native_on_unix_and_the_plain_loop_on_wasm():
    if sys.platform == "webassembly":
        assert native() is None
    else:
        assert mask.mask is native().mask


def test_ascii_check_in_use_is_native_on_unix_and_the_plain_one_on_wasm():
    if sys.platform == "webassembly":
        assert native() is None
    else:
        assert utf8.is_ascii is native().is_ascii
