"""The library does not become larger by accident, and the documents have the right figures. `make
footprint` prints the figures and their limits. The bounds here are a little above the measured
values, and may only go down. If a limit is not reached yet, the bound is the present value.
"""

import xml.dom.minidom

import pytest

import footprint
import memory_picture
import musts
from bench import clients, late, memory, outbox_flash, sizes
from bench.clients import PARTYSOCKET
from bench.devices import Missing, node_folder, server
from library import ROOT
from needs import need, need_micropython, need_node, need_wasm

# Figures of `make footprint`, by their names in musts.py.
_MOST = {
    "flash": 26_000,
    "littlefs": 76,
    "littlefs of an ESP32": 80,
    "RAM32": 36_750,
    "RAM32 from ROMFS": 14_400,
    "flash of a device": 3_600,
    "RAM32 of a device": 4_950,
    "RAM32 of an outbox": 7_104,
    "RAM32 of an outbox in use": 1_824,
    "RAM32 of a portal": 6_048,
    # Counts, which are the same in each run: erases by 1,000 readings, bytes programmed by each.
    "erases: outbox, few, 32 B": 58,
    "erases: outbox, few, 256 B": 118,
    "erases: outbox, filling, 32 B": 78,
    "erases: outbox, filling, 256 B": 130,
    "programmed: outbox, few, 32 B": 230,
    "programmed: outbox, few, 256 B": 480,
    "programmed: outbox, filling, 32 B": 255,
    "programmed: outbox, filling, 256 B": 470,
    "flash of readings": 57_344,
    "flash of readings that share nothing": 94_208,
}
# A full outbox, by the bytes that flash programs at once: erases by 1,000 readings, and bytes
# programmed by each.
_MOST_WHEN_FULL = {32: (84, 280), 256: (131, 480)}
# Of a heap: (form, what is done in it).
_MOST_KIB = {
    ("mpy", "echoes"): 88,
    ("mpy", "reconnects"): 88,
    ("rom", "echoes"): 62,
    ("rom", "reconnects"): 62,
}
# Of the 64-bit heap, after import.
_MOST_RAM_64 = {"files": 48_400, "ROMFS": 23_900}
# The .mpy bytes of any late load,
_MOST_LATE_BYTES = 7_200
_MOST_OUTBOX_BYTES = 5_900
# and of any file except the base's.
_MOST_FILE_BYTES = 5_300


@pytest.fixture(scope="module")
def bench():
    """A bench without a table, and its echo server."""
    need_micropython()
    try:
        with server() as (ports, root):
            yield musts.bench_of(ports, root, quick=True)
    finally:
        clients.remove_trees()


def need_wasm_with_rom():
    need_node()
    try:
        node_folder()
    except Missing:
        need("the bench's MicroPython in WebAssembly", None, "npm installs it for the bench")


@pytest.mark.parametrize("name", _MOST)
def test_what_a_board_has_to_give_is_bounded(bench, name):
    if "RAM32" in name:
        need_wasm_with_rom()
    found = musts.MUSTS[name].measure(bench, PARTYSOCKET)
    print(found)
    assert found <= _MOST[name]


@pytest.mark.parametrize(("form", "what"), _MOST_KIB)
def test_it_runs_in_a_heap_that_is_bounded(bench, form, what):
    memory.once(bench, PARTYSOCKET, _MOST_KIB[form, what], form, what=what, limit_s=60)


@pytest.mark.parametrize("program_bytes", _MOST_WHEN_FULL)
def test_what_a_full_outbox_does_to_flash_is_bounded(bench, program_bytes):
    told = outbox_flash.writes(bench, PARTYSOCKET, program_bytes, outbox_flash.FULL)
    print(told)
    most_erases, most_bytes = _MOST_WHEN_FULL[program_bytes]
    assert told["erases"] * 1000 / told["count"] <= most_erases
    assert told["programmed"] / told["count"] <= most_bytes


def test_an_outbox_keeps_to_its_size_when_it_is_full(bench):
    for program_bytes in _MOST_WHEN_FULL:
        used, most = outbox_flash.taken_when_full(bench, PARTYSOCKET, program_bytes)
        assert used <= most


def test_a_heap_that_is_too_small_is_not_enough(bench):
    with pytest.raises(Missing, match="memory allocation failed"):
        memory.once(bench, PARTYSOCKET, 40, "mpy", limit_s=60)


def test_ram_after_import_is_bounded(bench):
    from_files, from_rom = sizes.ram_64(bench, PARTYSOCKET), sizes.rom_64(bench, PARTYSOCKET)
    print(from_files, from_rom)
    assert from_files <= _MOST_RAM_64["files"]
    assert from_rom <= _MOST_RAM_64["ROMFS"] < from_files


def test_every_must_is_held_here():
    assert {*_MOST, "echoes", "reconnects", "echoes from ROMFS"} == set(musts.MUSTS)


def test_what_few_need_is_loaded_only_when_used(bench):
    """It is also small: a late load blocks the loop."""
    first = sizes.modules(bench, PARTYSOCKET)
    assert first == [f"partysocket{more}" for more in (".base", "", ".native")]
    loads = late.loads(bench, PARTYSOCKET)
    names = {load["module"].removeprefix("partysocket.") for load in loads}
    expected = set("fetch long more options roots soft text tls urls wrong".split())
    assert names == expected
    assert max(load["flash"] for load in loads) <= _MOST_LATE_BYTES, loads
    files = dict(clients.library_files(PARTYSOCKET))
    del files["partysocket.base"]
    # It is not a late load: the application itself imports it when it begins.
    assert files.pop("partysocket.outbox") <= _MOST_OUTBOX_BYTES
    assert max(files.values()) <= _MOST_FILE_BYTES, files


def test_the_documents_tell_what_is_measured():
    need_micropython()
    need_wasm()
    documents = footprint.documents()
    assert len(documents) >= 8
    late = footprint.out_of_date(documents)
    assert late == [], "`make footprint` measures and writes anew"
    with pytest.raises(ValueError, match="footprint"):
        footprint.filled("no markers here", "lines\n")


@pytest.mark.parametrize("folder", memory_picture.BOARDS)
def test_a_picture_of_memory_adds_up_to_all_of_it(folder):
    """It is also XML, and the text beside it has the same figures."""
    board = memory_picture.BOARDS[folder]
    for _, parts in memory_picture.shares(board, 40_000):
        assert sum(parts.values()) == board.total and min(parts.values()) > 0
    drawn = memory_picture.picture(folder, "Board & Co", 40_000)
    bars = xml.dom.minidom.parseString(drawn).getElementsByTagName("rect")
    colours = [bar.getAttribute("fill") for bar in bars]
    # Two bars and the legend.
    assert colours.count(memory_picture.colour_of("library")) == 3
    assert "library 40, " in memory_picture.words(folder, "Board & Co", 40_000)


def test_flash_is_of_the_files_and_more_in_a_littlefs():
    count, size, kib = footprint.flash("rp2", "lib/mpy/recorder.json")
    assert (count, size) == (1, (ROOT / "lib/mpy/partysocket/recorder.mpy").stat().st_size)
    # Whole blocks, including those of a folder.
    assert kib % 4 == 0 and kib > size / 1024


def test_what_is_said_not_to_fit_does_not():
    need_wasm()
    # Python's heap on ESP8266: ports/esp8266/main.c.
    heap = 38 * 1024
    fits = {name for name, board in footprint.boards().items() if board["fits"]}
    assert set(footprint.boards()) - fits == {"esp8266"}
    assert footprint.heap(footprint.boards()["esp8266"]) > heap
