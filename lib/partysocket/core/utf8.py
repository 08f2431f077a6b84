"""Checks that text is valid UTF-8 (RFC 3629). The decoders of boards accept overlong forms,
surrogates, and characters above U+10FFFF.
"""

from .errors import ProtocolError
from .mask import is_ascii


class Utf8:
    """Checks text that comes in pieces. Fails at the first byte that makes it invalid."""

    def __init__(self):
        self.reset()

    def reset(self):
        self._left = 0  # continuation bytes still to come
        # The next continuation byte must lie between these two.
        self._low = 0x80
        self._high = 0xBF

    @property
    def is_complete(self):
        return not self._left

    def feed(self, buf, start, end):
        """Check buf[start:end]. Returns False if the text is not UTF-8. Allocates nothing."""
        left = self._left
        low = self._low
        high = self._high
        for i in range(start, end):
            b = buf[i]
            if left:
                if b < low or b > high:
                    return False
                left -= 1
                low = 0x80
                high = 0xBF
            elif b > 0x7F:
                if b < 0xC2 or b > 0xF4:
                    return False
                left = 1 if b < 0xE0 else 2 if b < 0xF0 else 3
                if b == 0xE0:
                    low = 0xA0  # below: overlong
                elif b == 0xED:
                    high = 0x9F  # above: surrogates
                elif b == 0xF0:
                    low = 0x90  # below: overlong
                elif b == 0xF4:
                    high = 0x8F  # above: past U+10FFFF
        self._left = left
        self._low = low
        self._high = high
        return True


def check_piece(self, piece, is_last):
    """Check the next piece of a text that a Protocol receives (8.1). This is a method of Protocol
    that is loaded when it is needed.
    """
    utf8 = self._utf8
    if utf8 is None:
        utf8 = self._utf8 = Utf8()
    if not utf8.feed(piece, 0, len(piece)):
        raise ProtocolError("text that is not UTF-8", 1007)
    if is_last:
        self._utf8 = None
        if not utf8.is_complete:
            raise ProtocolError("text that ends inside a character", 1007)


def check(data):
    """Raise ValueError if `data`, an encoded text, has a lone surrogate. Boards encode it without
    an error, but peers refuse it.
    """
    utf8 = Utf8()
    if not utf8.feed(data, 0, len(data)) or not utf8.is_complete:
        raise ValueError("text with a lone surrogate can't be sent")


def encoded(text):
    """Return `text` as UTF-8. Raise ValueError for a lone surrogate."""
    data = text.encode()
    if not is_ascii(data):
        check(data)
    return data
