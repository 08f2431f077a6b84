"""The rules: bytes, ticks and random numbers come in, bytes and deadlines go out."""
