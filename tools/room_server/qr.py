"""A QR code for a terminal, in colours of its own: some phones read no light code on dark."""

# Black on bright white, and the terminal's own colours again.
_COLOURS, _OWN = "\x1b[30;107m", "\x1b[0m"
# Each character is two modules: (the upper one is dark, the lower one is dark).
_PAIRS = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
# Modules of light around the code.
_BORDER = 2


def lines_of(text):
    """Return the lines that show `text` as a QR code."""
    # Only --lan needs the package.
    import segno

    rows = [list(row) for row in segno.make(text, error="l", micro=False).matrix_iter(1, _BORDER)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2])
    drawn = ("".join(_PAIRS[bool(a), bool(b)] for a, b in zip(*pair)) for pair in pairs)
    return [f"{_COLOURS}{line}{_OWN}" for line in drawn]


def can_show(terminal):
    """Whether the characters can be written there."""
    try:
        "".join(_PAIRS.values()).encode(terminal.encoding or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True
