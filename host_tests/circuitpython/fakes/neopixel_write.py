"""CircuitPython's `neopixel_write`. It prints the bytes when they change."""

_last = None


def neopixel_write(digitalinout, buf):
    global _last
    if not isinstance(buf, (bytes, bytearray)) or digitalinout.direction != "output":
        raise TypeError("object with buffer protocol required")
    if bytes(buf) != _last:
        print("pin", digitalinout.pin, any(buf))
    _last = bytes(buf)
