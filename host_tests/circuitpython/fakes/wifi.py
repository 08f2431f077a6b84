"""CircuitPython's `wifi`, joined as the firmware joins by settings.toml."""


class _Radio:
    connected = True
    enabled = True
    ipv4_address = "127.0.0.1"


radio = _Radio()
