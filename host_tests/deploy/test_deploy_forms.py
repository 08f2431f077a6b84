"""deploy/forms.py: which board it is, and which form of the library fits it; no guesses."""

import json

import pytest

from deploy import forms
from deploy.board import Facts
from deploy.words import UNFIT, Failure
from library import ARCHES, ELSEWHERE, FORMS, NATIVE, modules, part_of

# MP_NATIVE_ARCH_* of MicroPython's py/persistentcode.h, in its order from 0.
NUMBERS = "none x86 x64 armv6 armv6m armv7m armv7em armv7emsp armv7emdp xtensa xtensawin"
NUMBERS = {name: number for number, name in enumerate((NUMBERS + " rv32imc rv64imc").split())}
VERSION = 6  # of .mpy files, in MicroPython 1.19 to 1.29; native code has sub-version 3 since 1.23


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


@pytest.mark.parametrize("arch", ARCHES)
def test_a_board_gets_the_code_of_its_architecture(arch):
    assert forms.form_for(facts(arch)) == arch


@pytest.mark.parametrize(
    "arch, form",
    [
        ("none", "portable"),
        ("x86", "portable"),
        ("armv6", "portable"),  # not a Thumb alone
        ("armv7m", "armv6m"),  # a Cortex-M3 runs the code of an M0
        ("armv7em", "armv6m"),  # and an M4 without floating point
        ("armv7emdp", "armv7emsp"),
        ("rv64imc", "portable"),
    ],
)
def test_a_board_whose_architecture_has_no_code_gets_what_it_can_run(arch, form):
    assert forms.form_for(facts(arch)) == form


def test_an_architecture_that_nobody_knew_gets_portable_code():
    assert forms.form_for(facts(mpy=VERSION | 3 << 8 | 15 << 10)) == "portable"


@pytest.mark.parametrize("sub_version", [0, 1, 2])
@pytest.mark.parametrize("arch", ARCHES)
def test_native_code_of_another_sub_version_is_not_taken(arch, sub_version):
    assert forms.form_for(facts(arch, sub_version=sub_version)) == "portable"


@pytest.mark.parametrize("version", [5, 7])
def test_bytecode_of_another_version_is_refused(version):
    with pytest.raises(Failure, match=f"of version {version}, and those .* version 6") as failure:
        forms.form_for(facts(mpy_version=version))
    assert failure.value.status == UNFIT


def test_a_board_that_loads_no_bytecode_is_refused():
    with pytest.raises(Failure, match="loads no .mpy files"):
        forms.form_for(facts(mpy=0))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_whole(form):
    files, version = forms.library_files(form, ["wifi"])
    base = {f"partysocket/{name}" for name in modules() if part_of(name) is None}
    missing = base - {path.removesuffix(".mpy") for path in files}
    expected = {*ELSEWHERE, NATIVE} if form == "portable" else set(ELSEWHERE)
    assert missing == {f"partysocket/{name}" for name in expected}
    assert "partysocket/wifi.mpy" in files and all(files.values()) and version


def test_the_native_module_of_a_form_is_of_its_architecture():
    for arch in ARCHES:
        code = forms.library_files(arch, [])[0]["partysocket/core/native.mpy"]
        assert code[2] >> 2 & 0xF == NUMBERS[arch], arch


# Which board.

MACHINES = {
    "pico_w": ("rp2", "Raspberry Pi Pico W with RP2040"),
    "pico2_w": ("rp2", "Raspberry Pi Pico 2 W with RP2350"),
    "esp32": ("esp32", "Generic ESP32 module with ESP32"),
    "esp32_s3": ("esp32", "Generic ESP32S3 module with ESP32S3"),
    "esp32_c3": ("esp32", "Generic ESP32C3 module with ESP32C3"),
    "unix": ("linux", "linux [GCC 14.2.1] version"),
}


@pytest.mark.parametrize("name, told", MACHINES.items())
def test_a_board_says_which_it_is(name, told):
    platform, machine = told
    said = facts(platform=platform, machine=machine)
    assert forms.decide(None, said, "port").folder.name == name
    assert forms.decide(forms.load(name), said, "port").folder.name == name


@pytest.mark.parametrize("name", ["esp32", "pico_w"])
def test_another_board_than_was_said_is_refused(name):
    platform, machine = MACHINES["esp32_s3"]
    with pytest.raises(Failure, match="ESP32S3.*BOARD=esp32_s3") as failure:
        forms.decide(forms.load(name), facts(platform=platform, machine=machine), "port")
    assert failure.value.status == UNFIT


def test_a_board_that_nobody_knows_is_asked_for():
    said = facts(platform="nrf", machine="a board")
    with pytest.raises(Failure, match="a board .nrf.*BOARD=esp32, .*BOARD=pico_w"):
        forms.decide(None, said, "port")


@pytest.mark.parametrize("version", [(1, 19, 1), (1, 24, 9)])
def test_old_firmware_is_refused_with_a_remedy(version):
    with pytest.raises(Failure) as failure:
        forms.decide(None, facts(version=version), "port")
    assert failure.value.status == UNFIT
    assert f"MicroPython is {'.'.join(map(str, version))}; 1.25 or newer" in str(failure.value)
    assert "https://micropython.org/download/RPI_PICO_W/" in str(failure.value)


def test_the_oldest_firmware_will_do():
    assert forms.decide(None, facts(version=(1, 25, 0)), "port").name == "Raspberry Pi Pico W"


def test_circuitpython_is_another_matter():
    with pytest.raises(Failure, match="runs circuitpython, not MicroPython: .*circup"):
        forms.decide(None, facts(name="circuitpython"), "port")


def test_a_board_that_is_too_small_is_refused():
    said = facts(platform="esp8266", machine="ESP module with ESP8266")
    with pytest.raises(Failure, match="too large for a ESP8266; .*esp8266/README.md"):
        forms.decide(forms.load("esp8266"), said, "port")


def test_an_unknown_name_tells_the_known_ones():
    with pytest.raises(ValueError, match="no board 'pico'; there are: .*pico_w"):
        forms.load("pico")


def test_a_folder_of_ones_own(tmp_path):
    (tmp_path / "board.json").write_text(json.dumps({"name": "mine", "platform": "rp2"}))
    with pytest.raises(ValueError, match="lacks oldest, files"):
        forms.load(str(tmp_path))
    about = {"name": "mine", "platform": "rp2", "oldest": "1.26", "files": {"main.py": "m.py"}}
    (tmp_path / "board.json").write_text(json.dumps(about))
    (tmp_path / "m.py").write_bytes(b"pass")
    kind = forms.load(str(tmp_path))
    assert forms.decide(kind, facts(), "port").own_files() == {"main.py": b"pass"}


def test_libraries_go_to_the_first_lib_folder_that_is_imported_from():
    assert facts().lib == "/lib"
    assert facts(path=["", "/flash", "/flash/lib"], folder="/flash").lib == "/flash/lib"
    assert facts(path=["", "/rom/lib", "/lib"]).lib == "/lib"
    assert facts(path=["", ".frozen"], folder="/").lib == "/lib"
