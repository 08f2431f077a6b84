"""The plugin that runs pure tests on MicroPython too, with tests planted for it."""

import shutil
import textwrap
from pathlib import Path

import pytest

from needs import need_micropython

_HERE = Path(__file__).parent


@pytest.fixture
def project(pytester, monkeypatch):
    """An empty project whose pure tests are in `pure`, with this project's conftest."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # starts three times as fast
    pytester.mkdir("pure")
    shutil.copy(_HERE / "conftest.py", pytester.path)
    pytester.makeini(f"""
        [pytest]
        pythonpath = {_HERE}
        pure_tests = pure
        micropython_limit = 2
    """)
    return pytester


def plant(project, source, name="test_planted.py"):
    project.path.joinpath("pure", name).write_text(textwrap.dedent(source), encoding="utf-8")


def run(project, *arguments):
    return project.runpytest_subprocess("-p", "pytest_timeout", *arguments)


@pytest.fixture
def runs(project):
    need_micropython()

    def plant_and_run(source, *arguments):
        plant(project, source)
        return run(project, *arguments)

    return plant_and_run


def test_each_test_runs_on_both(runs):
    result = runs(
        """
        import sys

        def test_where():
            print("here:", sys.implementation.name)
            assert sys.implementation.name in ("cpython", "micropython")
        """,
        "-v",
        "-rP",
    )
    result.stdout.fnmatch_lines_random(
        [
            "pure/test_planted.py::test_where PASSED*",
            "pure/test_planted.py::test_where?micropython? PASSED*",
            "here: cpython",
            "here: micropython",
        ]
    )
    assert result.outlines[-1] == "2 passed, 0 failed"
    assert result.ret == 0


def test_failure_is_reported_with_its_traceback(runs):
    result = runs(
        """
        import sys

        def test_good():
            pass

        def test_bad():
            assert sys.implementation.name == "cpython"
        """
    )
    result.stdout.fnmatch_lines(
        [
            "*test_bad?micropython?*",
            '  File "*test_planted.py", line 8, in test_bad',
            '    assert sys.implementation.name == "cpython"',
            "AssertionError:*",
        ]
    )
    assert result.outlines[-1] == "3 passed, 1 failed"
    assert result.ret == 1


def test_crash_fails_the_test_that_crashed_alone(runs):
    result = runs(
        """
        # micropython only
        import os

        def test_before():
            pass

        def test_crash():
            os.system("kill -SEGV $PPID")

        def test_after():
            pass
        """,
        "-v",
    )
    result.stdout.fnmatch_lines(
        [
            "*::test_before?micropython? PASSED*",
            "*::test_crash?micropython? FAILED*",
            "*::test_after?micropython? PASSED*",
            "MicroPython died of signal 11 in test_crash.",
        ]
    )
    assert result.outlines[-1] == "2 passed, 1 failed"


def test_hang_fails_it_and_what_would_follow(runs):
    result = runs(
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
        "-v",
    )
    result.stdout.fnmatch_lines(
        [
            "*::test_before?micropython? PASSED*",
            "MicroPython did not end in time in test_hang.",
            "Not run: MicroPython did not end in time in test_hang.",
        ]
    )
    assert result.outlines[-1] == "1 passed, 2 failed"


def test_file_that_cannot_be_imported_fails_all_its_tests(runs):
    result = runs(
        """
        # micropython only
        import no_such_module

        def test_a():
            pass

        def test_b():
            pass
        """
    )
    result.stdout.fnmatch_lines(["ImportError: no module named 'no_such_module'"])
    assert result.outlines[-1] == "0 passed, 2 failed"


def test_one_test_by_its_id_runs_alone(runs):
    source = """
        print("imported")

        def test_first():
            print("first ran")

        def test_second():
            print("second ran")
        """
    result = runs(source, "-rP", "pure/test_planted.py::test_second[micropython]")
    assert result.outlines[-1] == "1 passed, 0 failed"
    result.stdout.fnmatch_lines(["second ran"])
    result.stdout.no_fnmatch_line("first ran")
    assert runs(source, "pure/test_planted.py::test_second").outlines[-1] == "2 passed, 0 failed"
    assert runs(source, "-k", "first and micropython").outlines[-1] == "1 passed, 0 failed"


def test_collect_only_lists_and_runs_nothing(runs):
    result = runs("def test_x():\n    assert False\n", "--collect-only", "-q")
    assert "pure/test_planted.py::test_x" in result.outlines
    assert "pure/test_planted.py::test_x[micropython]" in result.outlines
    assert result.ret == 0


@pytest.mark.parametrize(
    "vm, name", [("cpython", "test_x"), ("micropython", "test_x[micropython]")]
)
def test_file_for_one_of_them_is_collected_once(runs, vm, name):
    result = runs(f"# {vm} only\ndef test_x():\n    pass\n", "--collect-only", "-q")
    collected = [line for line in result.outlines if "::" in line]
    assert collected == ["pure/test_planted.py::" + name]


def test_locked_heap_is_unlocked_and_reported(runs):
    result = runs(
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
        """
    )
    result.stdout.fnmatch_lines(
        [
            "    [[]1, 2[]]",
            "MemoryError: memory allocation failed, heap is locked",
            "The test left the heap locked.",
        ]
    )
    assert result.outlines[-1] == "1 passed, 2 failed"


@pytest.mark.parametrize("ci, last", [("", "1 passed, 0 failed, 1 skipped"), ("true", None)])
def test_without_micropython_it_skips_but_fails_in_ci(project, monkeypatch, ci, last):
    monkeypatch.setenv("MICROPYTHON", "/no/such/micropython")
    monkeypatch.setenv("CI", ci)
    plant(project, "def test_x():\n    pass\n")
    result = run(project, "-ra")
    result.stdout.fnmatch_lines(["*needs MicroPython: *"])
    assert result.outlines[-1] == (last or "1 passed, 1 failed")
    assert result.ret == (1 if ci else 0)


def test_last_line_counts_errors_as_failures(project):
    project.makepyfile(
        test_errors="""
        import pytest

        @pytest.fixture
        def broken():
            raise OSError

        def test_error(broken):
            pass

        def test_skip():
            pytest.skip("why not")
        """
    )
    result = run(project)
    assert result.outlines[-1] == "0 passed, 1 failed, 1 skipped"
    assert result.ret == 1


def test_last_line_of_a_run_that_was_interrupted_tells_of_a_failure(project):
    project.makepyfile(test_interrupt="def test_x():\n    raise KeyboardInterrupt\n")
    result = run(project)
    assert result.outlines[-1] == "0 passed, 1 failed"
    assert result.ret == 2
