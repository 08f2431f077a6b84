"""What a unit tells Home Assistant about a number: its device class and its state class.

A device class allows only some units, and only some state classes. A unit that may be several
things, as `%` or `ppm`, needs a word in the value's name; without it there is no device class.
"""

MEASUREMENT = "measurement"
# A count that may begin again at 0.
INCREASING = "total_increasing"

_BY_UNIT = {
    "temperature": ("°C", "°F", "K"),
    "atmospheric_pressure": ("hPa", "mbar"),
    "pressure": ("Pa", "kPa", "bar", "psi", "mmHg", "inHg"),
    "voltage": ("V", "mV"),
    "current": ("A", "mA"),
    "power": ("W", "kW"),
    "apparent_power": ("VA",),
    "energy": ("Wh", "kWh", "MWh"),
    "frequency": ("Hz", "kHz", "MHz", "GHz"),
    "illuminance": ("lx",),
    "irradiance": ("W/m²",),
    "signal_strength": ("dBm",),
    "sound_pressure": ("dBA",),
    "speed": ("m/s", "km/h", "mph"),
    "distance": ("mm", "cm", "m", "km"),
    "weight": ("g", "kg"),
    "duration": ("ms", "s", "min", "h", "d"),
    "data_size": ("B", "kB", "MB", "GB", "KiB", "MiB", "GiB"),
    "precipitation_intensity": ("mm/h",),
}
_CLASS_OF = {unit: name for name, units in _BY_UNIT.items() for unit in units}
# (word in the value's name, unit): the device class.
_BY_WORD = {
    ("humidity", "%"): "humidity",
    ("moisture", "%"): "moisture",
    ("battery", "%"): "battery",
    ("co2", "ppm"): "carbon_dioxide",
    ("pm25", "µg/m³"): "pm25",
    ("pm10", "µg/m³"): "pm10",
    ("wind", "m/s"): "wind_speed",
    ("wind", "km/h"): "wind_speed",
    ("wind", "mph"): "wind_speed",
}


def classes_of(name, unit):
    """Return (device class or None, state class) of the number `name` with a unit or None."""
    lower = name.lower()
    for (word, of_word), device_class in _BY_WORD.items():
        if word in lower and unit == of_word:
            return device_class, MEASUREMENT
    device_class = _CLASS_OF.get(unit)
    return device_class, INCREASING if device_class == "energy" else MEASUREMENT
