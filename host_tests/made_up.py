"""Small made-up libraries, as sources and as the build makes them, on both interpreters."""

import tempfile
from pathlib import Path

from build import Program, built_of
from e2e.devices import said

# Every program has these. `base` begins with the platform.
_NET = {"net.__init__": "", "net.micropython": "import sys\n"}
_CONST = """import sys
if sys.implementation.name == "cpython":
    sys.modules["micropython"] = type(sys)("micropython")
    sys.modules["micropython"].const = lambda value: value
"""


def texts_of(sources, inlined=(), flat=None, classes=(), files=None, parts=None):
    """Build `sources`, {module: text}. Returns {file: (text, origins)}. All modules go into
    "base", unless `files` says otherwise. `run` in the module `a` is public. `parts`: the files of
    a part.
    """
    table = dict(files or {"base": list(sources)})
    table["base"] = ["net", "net.micropython", *table["base"]]
    program = Program({**_NET, **sources}, table, flat or {})
    return built_of(program, {"base": inlined}, classes, ["run"], parts)


def both(sources, **how):
    """The result of `run` in the module `a` before and after the build, on CPython and on
    MicroPython. All must be the same. Returns it.
    """
    made = {file: text for file, (text, _) in texts_of(sources, **how).items()}
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder, "before"), {**_NET, **sources})
        _write(Path(folder, "after"), made)
        found = {
            (module, python): said(
                f"{_CONST}from {module} import run\nprint(run())", folder, python
            )
            for module in ("before.a", "after.base")
            for python in ("cpython", "micropython")
        }
    assert len(set(found.values())) == 1, f"{found}\n{made['base']}"
    return eval(found.popitem()[1])


def _write(folder, modules):
    for name, text in {"__init__": "", **modules}.items():
        path = folder / (name.replace(".", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
