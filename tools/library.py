"""The content of the library on a board: its modules, the parts that are installed separately, and
the forms for different boards.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIB = ROOT / "lib"
PACKAGE = "partysocket"

# The files of the compiled form, and the modules of each, in the order in which they run. Modules
# that always load together are one file; modules that load late are in other files. A file has the
# name of one of its modules, or of the module that replaces it in the sources (`base`, `urls`,
# `tls`). Parts, which are installed separately, use only these names.
FILES = {
    "__init__": ["__init__"],
    "base": """core/ticks core/errors core/retry core/backoff core/keepalive core/lifecycle
        core/mask core/queue core/outgoing core/protocol core/plain_address core/handshake
        net net/tasks net/micropython
        events inbox connection ending dial driver websocket party""".split(),
    # Unloaded before each dial.
    "options": ["presets", "options", "core/local", "place"],
    # What a peer did wrong has room here.
    "text": ["core/utf8", "core/violation"],
    # core/local is in two files: fetch needs `urls`, and should not load `options` for it.
    "urls": ["core/local", "core/address", "core/headers", "query"],
    "wrong": ["wrong"],
    # Rarely needed modules share a file, as long as they fit into its block of 4 KiB.
    "long": ["core/long", "core/seldom", "stream", "core/refusal", "refused"],
    "more": ["delivery", "report", "below", "update", "core/httpdate"],
    "tls": ["net/tls"],
    # The replacement for native code, and for a source of random numbers; and the texts of dials
    # that failed, which have room beside it.
    "soft": ["core/soft", "net/entropy", "causes"],
    "native": ["core/native"],
}
# Parts that not everybody needs. Each is a file of its own.
PARTS = {
    "clock": ["net/udp", "clock"],
    "device": ["net/rssi", "device"],
    "fetch": ["fetch"],
    "hooks": ["hooks"],
    "outbox": ["outbox", "core/records", "net/flash", "outbox_flash", "outbox_courier"],
    "portal": ["portal"],
    "recorder": ["recorder"],
    "roots": ["roots"],
    "wifi": ["net/wlan", "wifi_checks", "wifi_resets", "wifi"],
}
# Parts that every installation has all the same: the first program of most users needs them.
INCLUDED = ["device"]
# What comes with a part, and is loaded when it is needed: {file: (its part, its modules)}.
LATE = {
    "outbox_begin": ("outbox", ["outbox_begin"]),
    "outbox_blocks": ("outbox", ["core/chunks", "net/folder", "outbox_blocks"]),
    "outbox_seldom": ("outbox", ["outbox_seldom"]),
    "outbox_thin": ("outbox", ["outbox_thin"]),
    "outbox_undated": ("outbox", ["outbox_undated"]),
    "outbox_trouble": ("outbox", ["outbox_trouble"]),
    "portal_begin": ("portal", ["net/access", "portal_text", "portal_begin"]),
    "portal_open": ("portal", ["portal_open"]),
    "portal_name": ("portal", ["portal_name"]),
    "portal_read": ("portal", ["portal_read"]),
    "portal_page": ("portal", ["portal_page"]),
    "portal_try": ("portal", ["net/replace", "portal_text", "portal_try"]),
}
# Modules of the sources that replace the joined file of the same name.
FACADES = ["base", "urls", "tls"]
# Classes that become one, the base first: a call through three classes is slow.
FLAT = {
    "Lifecycle": ["Keepalive", "Lifecycle"],
    "Protocol": ["Queue", "Outgoing", "Protocol"],
    "WebSocket": ["Emitter", "Driver", "WebSocket"],
}
# Small functions that are written into their callers: see tools/build/inline.py. A caller that
# runs for each message must not need more locals by it: with more than 11 words its frame would be
# allocated on the heap.
INLINE = {
    "base": """after_close after_status after_end patient_ms asked_ms
        timeout_ms turn_ms share drawn
        stop _leave _wait taken _left_of_stop closed is_decided overdue_ms _prove opened
        answered pinged heard hold stuck tick _watch _watch_anew
        _settled _has_to_ask _note_written _cut_oldest ping open_queue shut reject
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
    "portal_read": ["_fields"],
}
# Classes and names that applications use. Other names that only one file uses are renamed in the
# compiled form.
PUBLIC_CLASSES = """WebSocket PartySocket Event Error HandshakeError ProtocolError QueueFull
    Transport Response Hook WiFi Recorder ResetBudget Outbox
    Device Portal""".split()
PUBLIC_NAMES = """DEVICE PARTYSOCKET use_party_socket use_web_socket fetch certificates sync_clock
    ResetBudget net""".split()
# The only file with native code. Without it `soft` is used.
NATIVE = "native"
NATIVE_SOURCE = "core/native"
# The form without native code.
PORTABLE = "portable"
# Boards with CircuitPython get these from `circup`: see circup_bundle.py.
CIRCUITPYTHON = [
    "net/circuitpython",
    "net/circuitpython_clock",
    "net/circuitpython_crc",
    "net/circuitpython_tls",
    "net/wifi_radio",
]
# Modules of platforms that do not load MicroPython's .mpy.
ELSEWHERE = ["net/cpython", *CIRCUITPYTHON]
# Architectures of native code, and the chips that have them.
ARCHES = {
    "armv6m": "RP2040",
    "armv7emsp": "RP2350, STM32F4 and F7, nRF52",
    "rv32imc": "ESP32-C3 and C6",
    "x64": "the unix port",
    "xtensa": "ESP8266",
    "xtensawin": "ESP32, ESP32-S2 and S3",
}
FORMS = [PORTABLE, *ARCHES]


def modules(root=ROOT):
    """All modules in lib/partysocket, as sorted paths without suffix, relative to it."""
    folder = root / "lib" / PACKAGE
    return sorted(
        path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.py")
    )


def files():
    """{file of the compiled form: its modules}, including the parts."""
    return {**FILES, **PARTS, **{file: modules for file, (_, modules) in LATE.items()}}


def files_of(part):
    """{file: its modules} for a part."""
    late = {file: modules for file, (home, modules) in LATE.items() if home == part}
    return {part: PARTS[part], **late}


def part_of(name):
    """The part to which a module, or a file of the compiled form, belongs. None for the base."""
    for part in PARTS:
        if name in files_of(part) or any(name in names for names in files_of(part).values()):
            return part
    return None


def version_of(root=ROOT):
    """The version in pyproject.toml. It is defined only there."""
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
