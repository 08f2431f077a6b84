"""The functions of test_wifi.py again, on the real MicroPython; still in virtual time."""

import ast
from pathlib import Path

import pytest

from needs import need_micropython
from on_micropython.collector import run_file

_FILE = Path(__file__).with_name("test_wifi.py")
_LIB = Path(__file__).parents[2] / "lib"
_LIMIT_S = 100  # for all of them, in one process: about 3 s where nothing else runs
_NAMES = [
    node.name
    for node in ast.parse(_FILE.read_text(encoding="utf-8")).body
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")
]


@pytest.fixture(scope="module")
def results(request):
    need_micropython()
    wanted = {
        item.callspec.params["name"]
        for item in request.session.items
        if item.fspath == request.fspath and hasattr(item, "callspec")
    }
    names = [name for name in _NAMES if name in wanted]
    return run_file(_FILE, names, [str(_FILE.parent), str(_FILE.parents[1]), str(_LIB)], _LIMIT_S)


@pytest.mark.parametrize("name", _NAMES)
def test_on_micropython(results, name):
    assert results[name].ok, results[name].text + results[name].output
