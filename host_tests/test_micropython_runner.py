"""The plugin that runs pure tests on MicroPython too, and the last line of a run. Whatever goes
wrong in a test is a failure, and is reported. The planted tests are in a project of their own.
"""

import shutil
import textwrap
from pathlib import Path

import pytest

from needs import need_micropython

_HERE = Path(__file__).parent
# A fault in a file, the text about it, and the last line.
PLANTED = {
    "fails or crashes": (
        """
        import os
        import sys

        def test_good():
            pass

        def test_bad():
            assert sys.implementation.name == "cpython"

        def test_crash():
            if sys.implementation.name == "micropython":
                os.system("kill -SEGV $PPID")

        def test_after():
            pass
        """,
        [
            '  File "*test_planted.py", line 9, in test_bad',
            '    assert sys.implementation.name == "cpython"',
            "AssertionError:*",
            "MicroPython died of signal 11 in test_crash.",
            "Not run: MicroPython died of signal 11 in test_crash.",
        ],
        "5 passed, 3 failed",
    ),
    "locks the heap": (
        """
        # micropython only
        import micropython

        def test_allocates():
            micropython.heap_lock()
            [1, 2]

        def test_forgets():
            micropython.heap_lock()

        def test_after():
            [1, 2]
        """,
        [
            "    [[]1, 2[]]",
            "MemoryError: memory allocation failed, heap is locked",
            "The test left the heap locked.",
        ],
        "1 passed, 2 failed",
    ),
    "hangs": (
        """
        # micropython only
        def test_before():
            pass

        def test_hang():
            while True:
                pass

        def test_after():
            pass
        """,
        [
            "MicroPython did not end in time in test_hang.",
            "Not run: MicroPython did not end in time in test_hang.",
        ],
        "1 passed, 2 failed",
    ),
    "cannot be imported": (
        """
        # micropython only
        import no_such_module

        def test_a(): pass
        def test_b(): pass
        """,
        ["ImportError: no module named 'no_such_module'"],
        "0 passed, 2 failed",
    ),
}


@pytest.fixture
def run(pytester, monkeypatch):
    """Runs pytest with this project's conftest on a file of pure tests."""
    monkeypatch.delenv("CI", raising=False)
    # It starts three times as fast.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    shutil.copy(_HERE / "conftest.py", pytester.path)
    pytester.makeini(f"""
        [pytest]
        pythonpath = {_HERE}
        pure_tests = pure
        micropython_limit = 2
    """)

    def run(source, *arguments):
        planted = pytester.mkdir("pure").joinpath("test_planted.py")
        planted.write_text(textwrap.dedent(source), encoding="utf-8")
        return pytester.runpytest_subprocess("-p", "pytest_timeout", "-ra", *arguments)

    return run


@pytest.mark.parametrize("source, told, last", PLANTED.values(), ids=PLANTED)
def test_what_goes_wrong_on_micropython_is_a_failure(run, source, told, last):
    need_micropython()
    result = run(source)
    result.stdout.fnmatch_lines(told)
    assert (result.outlines[-1], result.ret) == (last, 1)


@pytest.mark.parametrize("ci, last", [("", "1 passed, 0 failed, 1 skipped"), ("true", None)])
def test_without_micropython_it_skips_but_fails_in_ci(run, monkeypatch, ci, last):
    monkeypatch.setenv("MICROPYTHON", "/no/such/micropython")
    monkeypatch.setenv("CI", ci)
    result = run("def test_x():\n    pass\n")
    result.stdout.fnmatch_lines(["*needs MicroPython: *"])
    assert result.outlines[-1] == (last or "1 passed, 1 failed")
    assert result.ret == (1 if ci else 0)


@pytest.mark.parametrize(
    "body, status", [("raise KeyboardInterrupt", 2), ("import pytest; pytest.exit('x', 3)", 3)]
)
def test_last_line_of_a_run_that_was_interrupted_tells_of_a_failure(run, body, status):
    result = run(f"# cpython only\ndef test_x():\n    {body}\n")
    assert (result.outlines[-1], result.ret) == ("0 passed, 1 failed", status)
