"""The flash and RAM of a Device, over its PartySocket; and of examples/sensor.py as a whole."""

from library import ROOT

from . import sizes
from .clients import PARTYSOCKET

MOST_FLASH = 4096
MOST_RAM = 5120
_SOCKET = "made = PartySocket('127.0.0.1', 'room', start_closed=True)"
_DEVICE = "made = Device('127.0.0.1', 'room', 'porch', units={'a': 'V'}, start_closed=True)"

_SENSOR = ROOT / "examples/sensor.py"


def measure(bench):
    ours = [PARTYSOCKET]
    bench.row("flash of a Device, .mpy", "B", ours, lambda c: flash(bench, c))
    bench.row("RAM of a Device, 32-bit", "B", ours, lambda c: ram_32(bench, c))
    bench.row("flash of examples/sensor.py", "B", ours, lambda _: _SENSOR.stat().st_size)
    bench.row("RAM of examples/sensor.py, 32-bit", "B", ours, lambda c: sensor_ram_32(bench, c))
    bench.note(
        "Device: over the PartySocket that it has. sensor.py: its code, compiled on the board, "
        "its Device and the socket's buffers, over what a dial loads."
    )


def flash(bench, client):
    """Bytes of the part's files."""
    return sum(size for module, size in sizes.library_files(client) if module.endswith(".device"))


def ram_32(bench, client):
    """Bytes that a 32-bit heap keeps: the part, and one Device more than one PartySocket."""
    imports = [*_dial(bench, client), "from partysocket import PartySocket"]
    device = sizes.import_32(client, ["from partysocket.device import Device", _DEVICE], imports)
    return device - sizes.import_32(client, [_SOCKET], imports)


def sensor_ram_32(bench, client):
    """Bytes that a 32-bit heap keeps of the example, with its Device made but not started."""
    code = _SENSOR.read_text(encoding="utf-8").replace("asyncio.run(main())", "")
    code = code.replace("sys.argv[1:]", "()")
    made = "made = Device(HOST, ROOM, NAME, controls=[SLIDER, SWITCH], start_closed=True)"
    return sizes.import_32(client, [code, made], _dial(bench, client))


def _dial(bench, client):
    """The modules that a dial loads, but for native code, which is not for WebAssembly."""
    return [name for name in sizes.modules(bench, client) if not name.endswith(".native")]
