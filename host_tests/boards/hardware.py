"""On MicroPython: fakes of what a board has besides its radio: `machine`, a DS18B20 on its bus,
the chip's thermometer.
"""

import sys


class Hardware:
    """`install()` makes the fakes importable. `now` returns ms."""

    def __init__(self, chip, now):
        self.now = now
        self.chip = chip
        # The pins that were made, by name.
        self.pins = {}
        # How many of the next pins are refused.
        self.bad_pins = 0
        self.has_thermometer = True
        # The ms of each reset.
        self.resets = []
        # The longest time without a feed of the watchdog. None: it does not run.
        self.longest_hunger_ms = None
        self.watchdog_ms = None

    def install(self):
        sys.modules["machine"] = _Module(
            unique_id=lambda: b"\x10\x20\x30\xab\xcd\xef",
            RTC=lambda: _Module(datetime=lambda when: None),
            Pin=_PinOf(self),
            WDT=lambda **options: _Watchdog(self, **options),
            reset=lambda: self.resets.append(self.now()),
            ADC=_Adc if self.chip == "cyw43" else _Module(),
        )
        if self.chip == "esp32":
            sys.modules["esp32"] = _Module(raw_temperature=lambda: 113)
        sys.modules["onewire"] = _Module(OneWire=lambda pin: pin)
        thermometer = _Module(
            scan=lambda: [b"\x28one"] if self.has_thermometer else [],
            convert_temp=lambda: None,
            read_temp=lambda rom: 21.5,
        )
        sys.modules["ds18x20"] = _Module(DS18X20=lambda bus: thermometer)


class _Module:
    def __init__(self, **names):
        for name in names:
            setattr(self, name, names[name])


class _PinOf:
    """The class Pin."""

    IN, OUT = 0, 1

    def __init__(self, hardware):
        self._hardware = hardware

    def __call__(self, name, mode=None):
        if self._hardware.bad_pins:
            self._hardware.bad_pins -= 1
            raise ValueError("invalid pin")
        self._hardware.pins[name] = pin = _Pin()
        return pin


class _Pin:
    level = None

    def value(self, level):
        self.level = level


class _Adc:
    CORE_TEMP = 4

    def __init__(self, channel):
        assert channel == self.CORE_TEMP

    def read_u16(self):
        return 13400


class _Watchdog:
    """It does not reset. It notes the longest time without a feed."""

    def __init__(self, hardware, **options):
        if options and hardware.chip == "esp8266":
            raise TypeError("extra keyword arguments given")
        timeout = options.get("timeout", 5000)
        if hardware.chip == "cyw43" and timeout > 8388:
            raise ValueError("timeout exceeds 8388")
        hardware.watchdog_ms = timeout
        hardware.longest_hunger_ms = 0
        self._hardware = hardware
        self._fed = hardware.now()

    def feed(self):
        now = self._hardware.now()
        hungry = now - self._fed
        self._hardware.longest_hunger_ms = max(hungry, self._hardware.longest_hunger_ms)
        self._fed = now
