"""The rules, free of sockets, clocks and chance: bytes, ticks and random numbers come in, bytes and deadlines go out."""
