"""The parts that are wired to these boards: a DS18B20 thermometer and an LED.

The DS18B20's data line needs a resistor of 4.7 kΩ to 3.3 V.
"""

import asyncio

from machine import Pin

# The DS18B20 needs so long for 12 bits.
_CONVERT_S = 0.75
# Its value before the first measurement, and after it lost its power.
_POWER_UP = 85.0


class Thermometer:
    """A DS18B20 on a GPIO of this number."""

    def __init__(self, gpio):
        from ds18x20 import DS18X20
        from onewire import OneWire

        self._gpio = gpio
        self._bus = DS18X20(OneWire(Pin(gpio)))

    async def read(self):
        """Degrees Celsius. Raises OSError if no sensor answers, and ValueError if the answer is
        not a measurement.
        """
        found = self._bus.scan()
        if not found:
            raise OSError(
                "no DS18B20 answers on GPIO %d: look at its wiring, and the 4.7 k resistor"
                % self._gpio
            )
        self._bus.convert_temp()
        await asyncio.sleep(_CONVERT_S)
        celsius = self._bus.read_temp(found[0])
        if celsius is None or celsius == _POWER_UP:
            raise ValueError("the DS18B20 on GPIO %d lost its power meanwhile" % self._gpio)
        return round(celsius, 2)


class Led:
    """An LED on a GPIO, by its number or the board's name for it. `on`: the level at which it
    lights.
    """

    def __init__(self, gpio, on=1):
        self._pin = Pin(gpio, Pin.OUT)
        self._on = on
        self.set(False)

    def set(self, lit):
        if not isinstance(lit, bool):
            raise ValueError("an LED takes true or false, not %r" % (lit,))
        self._lit = lit
        self._pin.value(self._on if lit else 1 - self._on)
        return lit

    def is_lit(self):
        return self._lit
