"""CircuitPython's `digitalio`. It prints the values to which a pin is set."""


class Direction:
    INPUT = "input"
    OUTPUT = "output"


class DigitalInOut:
    def __init__(self, pin):
        self.pin = pin
        self.direction = Direction.INPUT
        self._value = False

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, value):
        if self.direction != Direction.OUTPUT:
            raise AttributeError("Cannot set value when direction is input.")
        if value != self._value:
            print("pin", self.pin, value)
        self._value = value
