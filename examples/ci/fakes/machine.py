"""A `machine` without a board: an output pin prints its new state."""


class Pin:
    OUT = 1

    def __init__(self, number, mode, value=0):
        self.number = number
        self.level = value

    def value(self, level):
        self.level = int(level)
        print("pin", self.number, "is", self.level)
