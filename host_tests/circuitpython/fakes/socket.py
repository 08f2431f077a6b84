"""A module that CircuitPython lacks."""

raise ImportError("no module named 'socket'")
