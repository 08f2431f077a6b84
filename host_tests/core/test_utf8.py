"""RFC 3629: valid UTF-8, and bytes that only look like it."""

import binascii

from claims import raised
from seeds import Chance

from partysocket.core.utf8 import Utf8, check, encoded


def words(text):
    """The byte strings that `text` lists in hex."""
    return [binascii.unhexlify(word) for word in text.split()]


VALID = words(
    # The first and last character of each length, those around the surrogates, a byte order mark,
    # and noncharacters, which are valid UTF-8 (Autobahn 6.22).
    "00 7f c280 dfbf e0a080 ecbfbf ed8080 ed9fbf ee8080 efbbbf efbfbd efbfbe efbfbf"
    + " f0908080 f09fbfbf f3bfbfbf f4808080 f48fbfbf"
) + [
    b"",
    b"hello",
    b"Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!",  # Autobahn 6.2
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",  # Autobahn 6.5
]
TRUNCATED = words("c2 df e0a0 e1 e180 ed9f f0 f090 f09080 f48fbf")
WRONG = (
    # Autobahn 6.14: only continuation bytes. 6.15: start bytes alone.
    words("80 bf 80bf80 c020 c220 df7f e020 e18020 f020 f1808020 c2c280 e180c0 e180e18080")
    # 6.18 and 6.20: overlong.
    + words("c080 c0af c181 c1bf e08080 e080af e09fbf f0808080 f08080af f08fbfbf")
    # 6.21: surrogates, alone and in pairs.
    + words("eda080 edadbf edae80 edbfbf eda080edb080 edafbfedbfbf")
    # 6.4: above U+10FFFF. 6.11: five and six bytes. 6.19.
    + words("f4908080 f4bfbfbf f5808080 f7bfbfbf f888808080 fbbfbfbfbf fc8480808080 fdbfbfbfbfbf")
    + words("fe ff fefeffff")
    + [b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"]  # 6.3
)


def is_utf8(data, cuts=()):
    utf8 = Utf8()
    start = 0
    for end in list(cuts) + [len(data)]:
        if not utf8.feed(data, start, end):
            return False
        start = end
    return utf8.is_complete


def test_text_is_judged_alike_whole_and_byte_by_byte():
    for data in VALID:
        assert is_utf8(data) and is_utf8(data, range(len(data))), data
    for data in WRONG + TRUNCATED:
        for around in (b"", b"ok", b"\xe2\x82\xac", b"\xf4\x8f\xbf\xbf"):
            text = around + data + around
            assert not is_utf8(text) and not is_utf8(text, range(len(text))), text
    for data in TRUNCATED:
        assert Utf8().feed(data, 0, len(data)), "it may go on"


def test_fails_at_the_first_byte_that_cannot_be_right():
    for data, good in ((b"\xed\xa0", 1), (b"\xf4\x90", 1), (b"\xe0\x9f", 1), (b"\xf0\x8f", 1)):
        utf8 = Utf8()
        assert utf8.feed(data, 0, good)
        assert not utf8.feed(data, good, good + 1)
    for first in (0x80, 0xBF, 0xC0, 0xC1, 0xF5, 0xFF):
        assert not Utf8().feed(bytes([first]), 0, 1), first


def test_reset_forgets_half_a_character_and_its_bounds():
    for half in (b"\xe0", b"\xed", b"\xf0", b"\xf4", b"\xf1\x80", b"\xe0\x9f"):
        utf8 = Utf8()
        assert utf8.feed(half, 0, len(half)) == (half != b"\xe0\x9f")
        utf8.reset()
        assert utf8.is_complete
        assert utf8.feed(b"a\xe1\x80\xbf", 0, 4)
        assert utf8.is_complete


def test_only_the_given_range_is_looked_at():
    assert Utf8().feed(b"\xff\xffabc\xff", 2, 5)
    assert Utf8().feed(b"\xff", 0, 0)
    assert Utf8().feed(memoryview(b"\xffab"), 1, 3)


def bounds_by_table(data):
    """The table of well-formed sequences in RFC 3629 section 4."""
    rows = (
        ((0x00, 0x7F),),
        ((0xC2, 0xDF), (0x80, 0xBF)),
        ((0xE0, 0xE0), (0xA0, 0xBF), (0x80, 0xBF)),
        ((0xE1, 0xEC), (0x80, 0xBF), (0x80, 0xBF)),
        ((0xED, 0xED), (0x80, 0x9F), (0x80, 0xBF)),
        ((0xEE, 0xEF), (0x80, 0xBF), (0x80, 0xBF)),
        ((0xF0, 0xF0), (0x90, 0xBF), (0x80, 0xBF), (0x80, 0xBF)),
        ((0xF1, 0xF3), (0x80, 0xBF), (0x80, 0xBF), (0x80, 0xBF)),
        ((0xF4, 0xF4), (0x80, 0x8F), (0x80, 0xBF), (0x80, 0xBF)),
    )
    at = 0
    while at < len(data):
        for row in rows:
            piece = data[at : at + len(row)]
            if len(piece) == len(row) and all(
                [row[i][0] <= piece[i] <= row[i][1] for i in range(len(row))]
            ):
                at += len(row)
                break
        else:
            return False
    return True


def test_agrees_with_the_rfcs_table_on_drawn_bytes_and_cuts():
    chance = Chance("utf8")
    edges = [bytes([b]) for b in (0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1)]
    edges += [bytes([b]) for b in (0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1)]
    edges += [bytes([b]) for b in (0xF3, 0xF4, 0xF5, 0xF8, 0xFF)]
    for _ in range(3000):
        pieces = chance.one_of((WRONG + TRUNCATED + VALID, VALID, edges))
        data = b"".join([chance.one_of(pieces) for _ in range(chance.below(6))])
        cut = chance.below(len(data) + 1)
        wanted = bounds_by_table(data)
        assert is_utf8(data) == wanted, data
        assert is_utf8(data, (cut,)) == wanted, (data, cut)


def test_text_to_be_sent_is_utf8_or_a_value_error():
    for data in VALID:
        check(data)
        assert encoded(data.decode()) == data
    for data in WRONG + TRUNCATED:
        assert raised(ValueError, check, data)
    # A board's str may hold a lone surrogate. CPython's encoder refuses it itself.
    assert raised(ValueError, encoded, "a\ud800b")
