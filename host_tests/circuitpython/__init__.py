"""CircuitPython's boards, played by MicroPython's unix port under fakes: see README.md."""
