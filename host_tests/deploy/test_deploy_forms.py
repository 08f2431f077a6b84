"""deploy/forms.py: which board it is, and which form of the library fits it. It never guesses."""

import json

import pytest

from deploy import forms
from deploy.board import Facts
from deploy.words import UNFIT, Failure
from library import FORMS, NATIVE

# MP_NATIVE_ARCH_* in MicroPython's py/persistentcode.h, in order from 0.
NAMES = "none x86 x64 armv6 armv6m armv7m armv7em armv7emsp armv7emdp xtensa xtensawin rv32imc"
NUMBERS = {name: number for number, name in enumerate([*NAMES.split(), "rv64imc"])}
# The version of .mpy files in MicroPython 1.19 to 1.29. Native code has sub-version 3 since 1.23.
VERSION = 6


def facts(arch="none", mpy_version=VERSION, sub_version=3, **others):
    told = {
        "name": "micropython",
        "version": (1, 29, 0),
        "platform": "rp2",
        "machine": "Raspberry Pi Pico W with RP2040",
        "mpy": mpy_version | sub_version << 8 | NUMBERS[arch] << 10,
        "path": ["", ".frozen", "/lib"],
        "folder": "/",
    }
    return Facts(**{**told, **others})


def refused(text, call, *arguments):
    with pytest.raises(Failure, match=text) as failure:
        call(*arguments)
    assert failure.value.status == UNFIT


# The forms for architectures without code of their own.
ELSE = {
    "none": "portable",
    "x86": "portable",
    # It has more than Thumb code.
    "armv6": "portable",
    # A Cortex-M3 runs the code of an M0,
    "armv7m": "armv6m",
    # and so does an M4 without floating point.
    "armv7em": "armv6m",
    "armv7emdp": "armv7emsp",
    "rv64imc": "portable",
}


@pytest.mark.parametrize("arch", NUMBERS)
def test_a_board_gets_the_code_that_its_architecture_runs(arch):
    assert forms.form_for(facts(arch)) == ELSE.get(arch, arch)
    # Native code of another sub-version is not used.
    for sub_version in (0, 1, 2):
        assert forms.form_for(facts(arch, sub_version=sub_version)) == "portable"


def test_what_nobody_knew_gets_portable_code_and_bytecode_of_another_version_none():
    assert forms.form_for(facts(mpy=VERSION | 3 << 8 | 15 << 10)) == "portable"
    for version in (5, 7):
        text = f"of version {version}, and those .* version 6"
        refused(text, forms.form_for, facts(mpy_version=version))
    refused("loads no .mpy files", forms.form_for, facts(mpy=0))


@pytest.mark.parametrize("form", FORMS)
def test_a_form_has_the_parts_and_a_native_module_of_its_architecture(form):
    files, version = forms.library_files(form, ["wifi"])
    assert "partysocket/wifi.mpy" in files and all(files.values()) and version
    code = files.get(f"partysocket/{NATIVE}.mpy")
    assert form == "portable" if code is None else code[2] >> 2 & 0xF == NUMBERS[form]


# Which board.

MACHINES = {
    "pico_w": ("rp2", "Raspberry Pi Pico W with RP2040"),
    "pico2_w": ("rp2", "Raspberry Pi Pico 2 W with RP2350"),
    "esp32": ("esp32", "Generic ESP32 module with ESP32"),
    "esp32_s3": ("esp32", "Generic ESP32S3 module with ESP32S3"),
    "esp32_c3": ("esp32", "Generic ESP32C3 module with ESP32C3"),
    "unix": ("linux", "linux [GCC 14.2.1] version"),
}


def decided(name=None, **said):
    """The kind of a board that reports this. `name`: what the user called it, or None."""
    return forms.decide(name and forms.load(name), facts(**said), "port")


@pytest.mark.parametrize("name", MACHINES)
def test_a_board_says_which_it_is(name):
    platform, machine = MACHINES[name]
    for called in (None, name):
        assert decided(called, platform=platform, machine=machine).folder.name == name
    # The oldest firmware.
    assert decided(version=(1, 25, 0)).name == "Raspberry Pi Pico W"


SMALL = {"platform": "esp8266", "machine": "ESP module with ESP8266"}
REFUSED = {
    "a board .nrf.*BOARD=esp32, .*BOARD=pico_w": {"platform": "nrf", "machine": "a board"},
    "is 1.24.9; 1.25 or newer.*/download/RPI_PICO_W/": {"version": (1, 24, 9)},
    "runs circuitpython, not MicroPython: .*circup": {"name": "circuitpython"},
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_board_that_will_not_do_is_refused_with_a_remedy(text):
    refused(text, forms.decide, None, facts(**REFUSED[text]), "port")


def test_a_board_is_refused_that_is_another_and_one_that_is_too_small_but_for_a_romfs():
    said = facts(platform="esp32", machine=MACHINES["esp32_s3"][1])
    for name in ("esp32", "pico_w"):
        refused("ESP32S3.*BOARD=esp32_s3", forms.decide, forms.load(name), said, "port")
    said = facts(**SMALL)
    refused("too large for a ESP8266; .*esp8266/README.md", forms.decide, None, said, "port")
    assert forms.decide(None, said, "port", romfs=True).folder.name == "esp8266"


def test_a_folder_of_ones_own(tmp_path):
    (tmp_path / "board.json").write_text(json.dumps({"name": "mine", "platform": "rp2"}))
    with pytest.raises(ValueError, match="lacks oldest, files"):
        forms.load(str(tmp_path))
    about = {"name": "mine", "platform": "rp2", "oldest": "1.26", "files": {"main.py": "m.py"}}
    (tmp_path / "board.json").write_text(json.dumps(about))
    (tmp_path / "m.py").write_bytes(b"pass")
    assert decided(str(tmp_path)).own_files() == {"main.py": b"pass"}


def test_libraries_go_to_the_first_lib_folder_that_is_imported_from():
    assert facts().lib == "/lib"
    assert facts(path=["", "/flash", "/flash/lib"], folder="/flash").lib == "/flash/lib"
    assert facts(path=["", "/rom/lib", "/lib"]).lib == "/lib"
    assert facts(path=["", ".frozen"], folder="/").lib == "/lib"
