"""What the library on a board consists of: its modules, the parts that are installed apart, and
the forms in which boards take them.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIB = ROOT / "lib"
PACKAGE = "partysocket"

# The files of the compiled form, and the modules that each is made of, in the order in which they
# run. What always loads together is one file; what loads late has files of its own. A file is
# called like one of its modules, or like the module that stands for it in the sources (`base`,
# `urls`, `tls`): parts, which are installed apart, know those names alone.
FILES = {
    "__init__": ["__init__"],
    "base": """core/ticks core/errors core/retry core/backoff core/lifecycle core/mask
        core/outgoing core/protocol core/plain_address core/handshake net net/tasks net/micropython
        events inbox connection ending dial driver websocket party""".split(),
    # Let go of before each dial.
    "options": ["presets", "options", "core/local", "place"],
    # And what a peer did wrong, which has room here.
    "text": ["core/utf8", "core/violation"],
    # core/local is in two: fetch needs `urls`, and shall not load `options` for it.
    "urls": ["core/local", "core/address", "core/headers", "query"],
    "wrong": ["wrong"],
    # Seldom needed, where a block of 4 KiB has room for it.
    "long": ["core/long", "core/seldom", "stream", "core/refusal", "refused"],
    "more": ["delivery", "report", "below", "update", "core/httpdate"],
    "tls": ["net/tls"],
    # What stands in for native code, and for a source of chance; and the words of a dial that
    # failed, which have room beside it.
    "soft": ["core/soft", "net/entropy", "causes"],
    "native": ["core/native"],
}
# Parts that not everybody needs: each is a file of its own.
PARTS = {
    "clock": ["net/udp", "clock"],
    "fetch": ["fetch"],
    "hooks": ["hooks"],
    "outbox": ["outbox", "core/records", "net/flash", "outbox_flash", "outbox_courier"],
    "recorder": ["recorder"],
    "roots": ["roots"],
    "wifi": ["net/wlan", "wifi"],
}
# What comes with a part, and is loaded when it is needed: {file: (its part, its modules)}.
LATE = {
    "outbox_begin": ("outbox", ["outbox_begin"]),
    "outbox_blocks": ("outbox", ["core/chunks", "net/folder", "outbox_blocks"]),
    "outbox_seldom": ("outbox", ["outbox_seldom"]),
    "outbox_thin": ("outbox", ["outbox_thin"]),
    "outbox_undated": ("outbox", ["outbox_undated"]),
    "outbox_trouble": ("outbox", ["outbox_trouble"]),
}
# Modules of the base that older versions had, in both forms: nothing is made of them any more.
OLDER = """core/connection core/frames core/ring
    chance engine face flush link names parts""".split()
FACADES = ["base", "urls", "tls"]  # of the sources: each stands for the file of its name
# Classes that become one, from the base up: a call through three is dear.
FLAT = {
    "Protocol": ["Outgoing", "Protocol"],
    "WebSocket": ["Emitter", "Driver", "WebSocket"],
}
# Small functions that are written where they are called: see tools/build/inline.py. Not into what
# runs for each message, unless it needs no more locals: there a frame of more than 11 words is
# taken from the heap.
INLINE = {
    "base": """after_close after_status after_end patient_ms asked_ms
        timeout_ms turn_ms share drawn
        stop _leave _wait taken _left_of_stop closed is_decided overdue_ms _prove opened
        answered pinged heard hold stuck tick
        _settled _has_to_ask _note_written ping open_queue shut reject
        request accepted_key stop_asking ask take keep_view
        has_view
        sha1 base64 is_cancelled _numeric _connected
        next_line confirm _take_close
        message_of hear_close deliver
        _forget_ended_handlers _make_events _rest _new_close_event _has_begun _has_no_more
        _is_current _check_loop _check_close
        park _context _known_address _doubted _send tell_discards fail _wants_more
        _is_at_rest _feed _guard""".split(),
    "outbox": ["hear_word"],
}
# Classes and names that applications use. What is neither of theirs nor of another file's is
# renamed in the compiled form.
PUBLIC_CLASSES = """WebSocket PartySocket Event Error HandshakeError ProtocolError QueueFull
    Transport Response Hook WiFi Recorder ResetBudget Outbox""".split()
PUBLIC_NAMES = """DEVICE PARTYSOCKET use_party_socket use_web_socket fetch certificates sync_clock
    ResetBudget net""".split()
NATIVE = "native"  # the one file with native code; without it a fallback does
NATIVE_SOURCE = "core/native"
PORTABLE = "portable"  # the form without it
CIRCUITPYTHON = [  # its boards get them from `circup`: see circup_bundle.py
    "net/circuitpython",
    "net/circuitpython_clock",
    "net/circuitpython_crc",
    "net/circuitpython_tls",
    "net/wifi_radio",
]
ELSEWHERE = ["net/cpython", *CIRCUITPYTHON]  # of platforms that load no .mpy of MicroPython
ARCHES = {  # of native code, and who has it
    "armv6m": "RP2040",
    "armv7emsp": "RP2350, STM32F4 and F7, nRF52",
    "rv32imc": "ESP32-C3 and C6",
    "x64": "the unix port",
    "xtensa": "ESP8266",
    "xtensawin": "ESP32, ESP32-S2 and S3",
}
FORMS = [PORTABLE, *ARCHES]


def modules(root=ROOT):
    """All modules under lib/partysocket, as paths without suffix below it, sorted."""
    folder = root / "lib" / PACKAGE
    return sorted(
        path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.py")
    )


def files():
    """{file of the compiled form: its modules}, the parts too."""
    return {**FILES, **PARTS, **{file: modules for file, (_, modules) in LATE.items()}}


def files_of(part):
    """{file: its modules} of a part."""
    late = {file: modules for file, (home, modules) in LATE.items() if home == part}
    return {part: PARTS[part], **late}


def part_of(name):
    """The part that a module, or a file of the compiled form, belongs to; None for the base."""
    for part in PARTS:
        if name in files_of(part) or any(name in names for names in files_of(part).values()):
            return part
    return None


def version_of(root=ROOT):
    """The version in pyproject.toml, the one place where it is written."""
    return _value(root, "version")


def address_of(root=ROOT):
    """The repository as mip names it, "github:OWNER/NAME", from pyproject.toml."""
    host, _, path = _value(root, "Repository").removeprefix("https://").partition("/")
    if host != "github.com" or path.strip("/").count("/") != 1:
        raise ValueError(
            f"Repository in pyproject.toml is https://github.com/OWNER/NAME, not {host}/{path}"
        )
    return "github:" + path.strip("/")


def _value(root, wanted):
    for line in (root / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if name.strip() == wanted:
            return value.strip().strip('"')
    raise ValueError(f"pyproject.toml has no {wanted}")
