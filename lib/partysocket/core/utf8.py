"""Valid UTF-8, as RFC 3629 has it: board decoders take overlong forms, surrogates and more than
U+10FFFF.
"""

from .errors import ProtocolError
from .mask import is_ascii


class Utf8:
    """Checks text that comes in pieces, and fails at the first byte that can't be right."""

    def __init__(self):
        self.reset()

    def reset(self):
        self._left = 0  # continuation bytes still to come
        self._low = 0x80  # the next continuation byte lies between these two
        self._high = 0xBF

    @property
    def is_complete(self):
        return not self._left

    def feed(self, buf, start, end):
        """Take buf[start:end]; False if the text is no UTF-8. Allocates nothing."""
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
    """Check more of the text that a Protocol receives (8.1); the function is Protocol's, in a file
    of its own.
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
    """ValueError if `data`, the encoding of a text, has a lone surrogate, which boards let pass
    and peers refuse.
    """
    utf8 = Utf8()
    if not utf8.feed(data, 0, len(data)) or not utf8.is_complete:
        raise ValueError("text with a lone surrogate can't be sent")


def encoded(text):
    """`text` as UTF-8; ValueError for a lone surrogate."""
    data = text.encode()
    if not is_ascii(data):
        check(data)
    return data
