"""The sizes in the documents are those that tools/footprint.py measures now."""

import pytest

import footprint
from library import ROOT
from needs import need_micropython, need_node, need_wasm


@pytest.fixture(scope="module")
def documents():
    need_micropython()
    need_node()
    need_wasm()
    return footprint.documents()


def test_the_documents_tell_what_is_measured(documents):
    assert len(documents) >= 8
    late = [
        str(path.relative_to(ROOT))
        for path, lines in documents.items()
        if footprint.filled(path.read_text(encoding="utf-8"), lines)
        != path.read_text(encoding="utf-8")
    ]
    assert late == [], "`make footprint` measures and writes anew"


def test_flash_is_of_the_files_and_more_in_a_littlefs(documents):
    count, size, kib = footprint.flash("lib/mpy/recorder.json")
    assert (count, size) == (1, (ROOT / "lib/mpy/partysocket/recorder.mpy").stat().st_size)
    assert kib % 4 == 0 and kib > size / 1024  # whole blocks, and those of two folders


def test_what_is_loaded_besides_takes_more():
    assert footprint.ram("partysocket.wifi") > footprint.ram()


def test_what_is_said_not_to_fit_does_not():
    heap = 38 * 1024  # of Python on ESP8266: ports/esp8266/main.c
    fits = {name for name, board in footprint.boards().items() if board["fits"]}
    assert set(footprint.boards()) - fits == {"esp8266"}
    assert footprint.ram() > heap


def test_a_document_without_markers_is_refused():
    with pytest.raises(ValueError, match="footprint"):
        footprint.filled("no markers here", "lines\n")
