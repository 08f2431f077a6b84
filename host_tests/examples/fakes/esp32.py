"""A module `esp32` whose temperature is in the folder BOARD."""

import os


def mcu_temperature():
    with open(os.getenv("BOARD") + "/temperature") as file:
        return float(file.read())
