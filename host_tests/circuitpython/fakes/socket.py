"""A module that CircuitPython does not have."""

raise ImportError("no module named 'socket'")
