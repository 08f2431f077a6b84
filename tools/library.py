"""What the library on a board consists of: its modules, the parts that are installed apart, and
the forms in which boards take them.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIB = ROOT / "lib"
PACKAGE = "partysocket"

# Parts that not everybody needs, with the modules of each; all others are the base.
PARTS = {
    "clock": ["clock", "net/udp"],
    "fetch": ["fetch"],
    "hooks": ["hooks"],
    "recorder": ["recorder"],
    "roots": ["roots"],
    "wifi": ["wifi", "net/wlan"],
}
NATIVE = "core/native"  # the one module with native code; without it a fallback does
PORTABLE = "portable"  # the form without it
CIRCUITPYTHON = [  # its boards get them from `circup`: see circup_bundle.py
    "net/circuitpython",
    "net/circuitpython_clock",
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


def part_of(module):
    """The part that a module belongs to; None for the base."""
    return next((part for part, names in PARTS.items() if module in names), None)


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
