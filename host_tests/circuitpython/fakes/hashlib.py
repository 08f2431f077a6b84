"""CircuitPython's `hashlib`: only `new`."""

import uhashlib


def new(name, data=b""):
    if name not in ("sha1", "sha256"):
        raise ValueError("Unsupported hash algorithm")
    return getattr(uhashlib, name)(data)
