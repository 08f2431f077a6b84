"""CircuitPython's boards, simulated by MicroPython's unix port with fakes: see README.md."""
