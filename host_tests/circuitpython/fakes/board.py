"""CircuitPython's `board`: the pins that boards/circuitpython_* use."""

LED = "LED"
NEOPIXEL = "NEOPIXEL"
