"""Draws how a board's memory is used: boards/*/memory.svg, and the text below the picture.

`make footprint` writes them. The library's share is measured here. The other figures are listed
below with their sources, because no board was available to measure them.
"""

import textwrap
from dataclasses import dataclass
from html import escape

_KIB = 1024


@dataclass(frozen=True)
class Board:
    """Bytes of the memory that Python and the firmware share."""

    total: int
    # What the total is.
    of_what: str
    is_estimate: bool
    # What the firmware takes before Python does anything.
    firmware: int
    # What Wi-Fi takes. 0: it is included in the firmware.
    radio: int
    # An open ws:// room: buffers, tasks, its TCP socket.
    room: int
    # What a wss:// room takes in addition.
    tls: int
    # The sources of all these figures.
    words: str


# Pico W: MicroPython 1.28.0 for RPI_PICO_W in rp2040py, with release 0.1.0 of the library.
_FREE_AT_BOOT = 194_700
_AFTER_IMPORT = _FREE_AT_BOOT - 62_100
_IN_A_ROOM = 120_500
_IN_A_WSS_ROOM = 86_300

# ESP32: from a user's log of MicroPython 1.27.0 for ESP32_GENERIC, micropython/micropython#18859:
# the heaps for data, the free part of them, and Python's heap, which is inside them. The last one
# is inferred from gc_alloc and gc_free, minus the largest free block, which gc_free includes.
_ESP32_HEAPS, _ESP32_FREE, _ESP32_PYTHON = 254_472, 94_256, 112_000

BOARDS = {
    "pico_w": Board(
        total=264 * _KIB,
        of_what="264 KiB of SRAM",
        is_estimate=False,
        firmware=264 * _KIB - _FREE_AT_BOOT,
        radio=0,
        room=_AFTER_IMPORT - _IN_A_ROOM,
        tls=_IN_A_ROOM - _IN_A_WSS_ROOM,
        words=(
            "None of this was measured on a real board. The library was measured for this "
            "version, on a 32-bit MicroPython on a computer, with `wifi` and native code. "
            "Firmware, room and TLS were measured with MicroPython 1.28.0 for the Pico W in an "
            "emulator (rp2040py), with release 0.1.0: 194.7 KB were free at its start, 120.5 KB "
            "in an open `ws://` room, and 86.3 KB in a `wss://` room with its own CA, whose "
            "handshake took about 13 KB more for a moment. What is left for you is the "
            "difference; it was not measured. 1 KB is 1,000 bytes."
        ),
    ),
    "esp32": Board(
        total=_ESP32_HEAPS,
        of_what="254.5 KB of heap",
        is_estimate=True,
        firmware=_ESP32_HEAPS - _ESP32_FREE - _ESP32_PYTHON,
        radio=30 * _KIB + _KIB // 2,
        room=_AFTER_IMPORT - _IN_A_ROOM + 7 * _KIB,
        tls=20 * _KIB,
        words=(
            "**All figures except the library's are estimates**: neither a real ESP32 nor an "
            "emulator was used. The library was measured for this version, on a 32-bit "
            "MicroPython on a computer, with `wifi` and native code, which an ESP32 keeps in "
            "other memory. The heap and the firmware's share are from a report by a user of "
            "MicroPython 1.27.0 "
            "([#18859](https://github.com/micropython/micropython/issues/18859)), for a chip "
            "without PSRAM. Wi-Fi (28 + 2.5 KiB; a connection takes more), a socket of lwIP (4 "
            "to 7 KiB) and TLS (16 + 4 KiB, and about 15 KiB more in the handshake) are from "
            "MicroPython's developers "
            "([#8940](https://github.com/micropython/micropython/issues/8940), 2022). The "
            "room's buffers and tasks are as on the emulated Pico W. The memory consists of "
            "several pieces, and Python's heap grows into them, so there may be no large free "
            "block although much memory is free. 1 KB is 1,000 bytes."
        ),
    ),
}

# Colour-blind people can distinguish these too.
_COLOURS = {
    "firmware": "#7a7a7a",
    "Wi-Fi": "#a8487f",
    "library": "#0072b2",
    "open room": "#009e73",
    "TLS": "#d55e00",
    "left for you": "none",
}
# The width of the picture, and its margins.
_WIDTH, _LEFT, _RIGHT = 720, 64, 16
_TOP, _BAR, _STEP = 52, 40, 56
# A segment with fewer pixels has no figure in it.
_NARROW = 24


def shares(board, library):
    """[(scheme, {name: bytes})] for a ws:// and a wss:// room. Shares of 0 bytes are left out."""
    found = []
    for scheme, tls in (("ws://", 0), ("wss://", board.tls)):
        taken = {
            "firmware": board.firmware,
            "Wi-Fi": board.radio,
            "library": library,
            "open room": board.room,
            "TLS": tls,
        }
        taken["left for you"] = board.total - sum(taken.values())
        found.append((scheme, {name: size for name, size in taken.items() if size}))
    return found


def words(folder, name, library):
    """The Markdown with the picture of boards/FOLDER, and the sources of its figures."""
    told = textwrap.fill(BOARDS[folder].words, 119, break_on_hyphens=False, break_long_words=False)
    return f"![{described(folder, name, library)}](memory.svg)\n\n{told}\n"


def described(folder, name, library):
    """The picture in a sentence, for people who can't see it."""
    board = BOARDS[folder]
    told = [
        f"in a {scheme} room "
        + ", ".join(f"{name} {_kb(size)}" for name, size in parts.items())
        + " KB"
        for scheme, parts in shares(board, library)
    ]
    return f"Memory of {_article(name)} {name}, {_of_what(board)}: " + "; ".join(told) + "."


def picture(folder, name, library):
    """The SVG. It has its own background, so it can be read on a light or dark page."""
    board = BOARDS[folder]
    bars = shares(board, library)
    names = [name for name in _COLOURS if any(name in parts for _, parts in bars)]
    height = _TOP + _STEP * len(bars) + 44
    made = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'width="{_WIDTH}" height="{height}" font-family="system-ui, sans-serif" font-size="14">',
        f"<title>{escape(described(folder, name, library))}</title>",
        "<style>.ground{fill:#fff}.ink{fill:#1f2328}.line{stroke:#57606a}"
        "@media(prefers-color-scheme:dark){.ground{fill:#0d1117}.ink{fill:#e6edf3}"
        ".line{stroke:#9198a1}}</style>",
        f'<rect class="ground" width="{_WIDTH}" height="{height}" rx="8"/>',
        f'<text class="ink" x="16" y="30" font-size="16">{escape(name)}: what takes its '
        f"{escape(_of_what(board))}, in KB</text>",
    ]
    for i, (scheme, parts) in enumerate(bars):
        made += _bar(scheme, parts, board.total, _TOP + _STEP * i)
    made += _legend(names, height - 20)
    return "\n".join([*made, "</svg>"]) + "\n"


def _bar(scheme, parts, total, top):
    yield f'<text class="ink" x="16" y="{top + 25}">{scheme}</text>'
    scale = (_WIDTH - _LEFT - _RIGHT) / total
    x = _LEFT
    for name, size in parts.items():
        wide = size * scale
        colour = colour_of(name)
        yield (
            f'<rect class="line" x="{x:.1f}" y="{top}" width="{wide:.1f}" height="{_BAR}" '
            f'fill="{colour}"/>'
        )
        if wide >= _NARROW:
            ink = 'class="ink"' if colour == "none" else 'fill="#fff"'
            yield (
                f'<text {ink} x="{x + wide / 2:.1f}" y="{top + 25}" text-anchor="middle">'
                f"{_kb(size)}</text>"
            )
        x += wide


def _legend(names, y):
    x = _LEFT
    for name in names:
        yield (
            f'<rect class="line" x="{x}" y="{y - 12}" width="14" height="14" '
            f'fill="{colour_of(name)}"/>'
        )
        yield f'<text class="ink" x="{x + 20}" y="{y}">{name}</text>'
        x += 46 + 8 * len(name)


def colour_of(name):
    return _COLOURS[name]


def _kb(size):
    return f"{size / 1000:.0f}"


def _of_what(board):
    return board.of_what + (" (an estimate)" if board.is_estimate else "")


def _article(name):
    return "an" if name[0] in "AEIOU" else "a"
