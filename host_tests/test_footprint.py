"""What the library costs a board does not grow by accident, and the documents tell what it is.
`make bench` has the figures; these bounds lie a little above them, and come down with them.
"""

import pytest

import footprint
from e2e.devices import said
from library import LIB, ROOT
from needs import need_micropython, need_wasm
from strict_server import StrictServer

_MOST_FLASH_BYTES = 40_000  # .mpy of all that a ws dial loads, without native code
_MOST_RAM_BYTES = 87_000  # of the 64-bit heap, after import of the same
_MOST_PART_BYTES = 6_000  # .mpy of any one part that is loaded when it is first used

CONNECT = """
import asyncio, sys
from partysocket import PartySocket
async def main():
    await PartySocket("{address}", "home").wait_open()
    print(" ".join(sorted(name for name in sys.modules if name.startswith("partysocket"))))
asyncio.run(main())
"""
IMPORT = """
import asyncio, binascii, gc, hashlib, io, os, select, socket, sys, time
gc.collect()
before = gc.mem_alloc()
from partysocket import PartySocket
import {modules}
gc.collect()
print(gc.mem_alloc() - before)
"""


@pytest.fixture(scope="module")
def sizes():
    """{module: bytes} of the portable form."""
    folder = LIB / "mpy"
    names = {path: path.relative_to(folder).with_suffix("") for path in folder.rglob("*/*.mpy")}
    return {
        ".".join(name.parts).removesuffix(".__init__"): path.stat().st_size
        for path, name in names.items()
        if name.parts[0] == "partysocket"
    }


@pytest.fixture(scope="module")
def loaded():
    """The modules that a dial loads."""
    with StrictServer() as server:
        return said(CONNECT.replace("{address}", server.address), LIB / "mpy").split()


def test_flash_of_a_dial_is_bounded(sizes, loaded):
    total = sum(sizes[name] for name in loaded)
    print(total)
    assert total <= _MOST_FLASH_BYTES


def test_ram_after_import_is_bounded(loaded):
    total = int(said(IMPORT.replace("{modules}", ", ".join(loaded)), LIB / "mpy"))
    print(total)
    assert total <= _MOST_RAM_BYTES


def test_what_few_need_is_loaded_only_when_used(sizes, loaded):
    lazy = {name: size for name, size in sizes.items() if name not in loaded}
    for name in ("fetch", "hooks", "update", "stream", "delivery", "recorder", "wifi", "net.tls"):
        assert f"partysocket.{name}" in lazy
    assert max(lazy.values()) <= _MOST_PART_BYTES, lazy


def test_the_documents_tell_what_is_measured():
    need_micropython()
    need_wasm()
    documents = footprint.documents()
    assert len(documents) >= 8
    texts = {path: path.read_text(encoding="utf-8") for path in documents}
    late = [
        path for path in texts if footprint.filled(texts[path], documents[path]) != texts[path]
    ]
    assert late == [], "`make footprint` measures and writes anew"


def test_flash_is_of_the_files_and_more_in_a_littlefs():
    count, size, kib = footprint.flash("lib/mpy/recorder.json")
    assert (count, size) == (1, (ROOT / "lib/mpy/partysocket/recorder.mpy").stat().st_size)
    assert kib % 4 == 0 and kib > size / 1024  # whole blocks, and those of two folders


def test_what_is_said_not_to_fit_does_not():
    need_wasm()
    heap = 38 * 1024  # of Python on ESP8266: ports/esp8266/main.c
    fits = {name for name, board in footprint.boards().items() if board["fits"]}
    assert set(footprint.boards()) - fits == {"esp8266"}
    assert footprint.ram("partysocket.wifi") > footprint.ram() > heap


def test_a_document_without_markers_is_refused():
    with pytest.raises(ValueError, match="footprint"):
        footprint.filled("no markers here", "lines\n")
