"""What a Device takes of flash and of RAM, over the PartySocket that it has."""

from . import sizes

MOST_FLASH = 4096
MOST_RAM = 5120
_SOCKET = "made = PartySocket('127.0.0.1', 'room', start_closed=True)"
_DEVICE = "made = Device('127.0.0.1', 'room', 'porch', units={'a': 'V'}, start_closed=True)"


def flash(bench, client):
    """Bytes of the part's files."""
    return sum(size for module, size in sizes.library_files(client) if module.endswith(".device"))


def ram_32(bench, client):
    """Bytes that a 32-bit heap keeps: the part, and one Device more than one PartySocket."""
    names = [name for name in sizes.modules(bench, client) if not name.endswith(".native")]
    imports = [*names, "from partysocket import PartySocket"]
    device = sizes.import_32(client, ["from partysocket.device import Device", _DEVICE], imports)
    return device - sizes.import_32(client, [_SOCKET], imports)
