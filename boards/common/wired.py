"""The parts that are wired to these boards: a DS18B20 thermometer and an LED.

The DS18B20's data line needs a resistor of 4.7 kΩ to 3.3 V.
"""

import asyncio

from machine import ADC, Pin

# The DS18B20 needs so long for 12 bits.
_CONVERT_S = 0.75
# Its value before the first measurement, and after it lost its power.
_POWER_UP = 85.0


class Thermometer:
    """A DS18B20 on a GPIO of this number; while none was ever there, the chip's own."""

    def __init__(self, gpio):
        from ds18x20 import DS18X20
        from onewire import OneWire

        self._gpio = gpio
        self._bus = DS18X20(OneWire(Pin(gpio)))
        self._was_there = False

    async def read(self):
        """{name: degrees Celsius}: `temperature`, or `chip_temperature` while no DS18B20 is wired;
        empty if the chip can't tell. OSError: the one that was there does not answer; ValueError:
        what it says is no measurement.
        """
        found = self._bus.scan()
        if not found:
            if self._was_there:
                raise OSError("the DS18B20 on GPIO %d does not answer any more" % self._gpio)
            return chip_temperature()
        self._was_there = True
        self._bus.convert_temp()
        await asyncio.sleep(_CONVERT_S)
        celsius = self._bus.read_temp(found[0])
        if celsius is None or celsius == _POWER_UP:
            raise ValueError("the DS18B20 on GPIO %d lost its power meanwhile" % self._gpio)
        return {"temperature": round(celsius, 2)}


def chip_temperature():
    """What the chip's own thermometer says, a few degrees more than the air; empty without one."""
    try:
        import esp32
    except ImportError:
        return _of_rp2()
    if hasattr(esp32, "mcu_temperature"):
        return {"chip_temperature": esp32.mcu_temperature()}
    # The first ESP32 alone, in degrees Fahrenheit.
    return {"chip_temperature": round((esp32.raw_temperature() - 32) / 1.8, 1)}


def _of_rp2():
    try:
        volts = ADC(ADC.CORE_TEMP).read_u16() * 3.3 / 65535
    except AttributeError:  # an ESP8266
        return {}
    # RP2040 datasheet, 4.9.5; the RP2350's, 12.4.6, says the same.
    return {"chip_temperature": round(27 - (volts - 0.706) / 0.001721, 1)}


class Led:
    """An LED on a GPIO, by its number or the board's name for it. `on`: the level at which it
    lights.
    """

    def __init__(self, gpio, on=1):
        self._pin = Pin(gpio, Pin.OUT)
        self._on = on
        self.set(False)

    def set(self, lit):
        """Switch it; a command's handler. ValueError: `lit` is no bool."""
        if not isinstance(lit, bool):
            raise ValueError("an LED takes true or false, not %r" % (lit,))
        self._lit = lit
        self._pin.value(self._on if lit else 1 - self._on)
        return lit

    def is_lit(self):
        return self._lit
