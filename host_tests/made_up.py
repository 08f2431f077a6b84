"""Small made-up libraries, as they are and as the build makes them, run on both interpreters."""

import subprocess
import sys
import tempfile
from pathlib import Path

from build import Program, built_of
from needs import need_micropython

# What every program has; `base` begins with the platform.
_NET = {"net.__init__": "", "net.micropython": "import sys\n"}
_CONST = """import sys
if sys.implementation.name == "cpython":
    sys.modules["micropython"] = type(sys)("micropython")
    sys.modules["micropython"].const = lambda value: value
"""


def texts_of(sources, inlined=(), flat=None, classes=(), names=(), files=None, parts=()):
    """What the build makes of `sources`, {module: text}: {file: (text, origins)}. All modules go
    into "base", unless `files` says otherwise; `run` in the module `a` is public.
    """
    table = files or {"base": list(sources)}
    table["base"] = [*_NET_MODULES, *table["base"]]
    program = Program({**_NET, **sources}, table, flat or {})
    return built_of(program, {"base": inlined}, classes, ["run", "WORDS", *names], parts)


_NET_MODULES = [name.removesuffix(".__init__") for name in _NET]


def both(sources, **how):
    """What `run` in the module `a` says before the build, and after it, on CPython and on
    MicroPython: they must all be one, which is returned.
    """
    made = {file: text for file, (text, _) in texts_of(sources, **how).items()}
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder, "before"), {**_NET, **sources})
        _write(Path(folder, "after"), made)
        said = {}
        for which, module in (("before", "a"), ("after", "base")):
            code = f"{_CONST}from {which}.{module} import run\nprint(repr(run()))"
            for python in (sys.executable, need_micropython()):
                options = ["-S"] if python == sys.executable else []
                done = subprocess.run(
                    [python, *options, "-c", code],
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=60,
                )
                said[which, Path(python).name] = done.stdout or done.stdout + done.stderr
    assert len(set(said.values())) == 1, f"{said}\n{made['base']}"
    text = said.popitem()[1]
    assert "Traceback" not in text, text
    return eval(text)


def say(code, files):
    """What MicroPython says to `code`, in a folder with these files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        command = [need_micropython(), "-X", "heapsize=8M", "-c", code]
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def _write(folder, modules):
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    for name, text in modules.items():
        path = folder / (name.replace(".", "/") + ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
