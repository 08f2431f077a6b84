"""A pytest plugin: each pure test file is collected again for each MicroPython, and runs there.

`host_tests/core/test_mask.py` gives the usual `test_mask.py::test_x`, run by CPython;
`test_mask.py::test_x[micropython]`, run by MicroPython's unix port; and
`test_mask.py::test_x[wasm]`, run by a 32-bit MicroPython without native code in node. All selected
tests of a file run in one process. A file that starts with the comment `# cpython only` or `#
micropython only` (which means both ports) is collected only for that.
"""

import ast
import collections
import json
import linecache
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from needs import find_micropython, find_node, find_wasm, need_micropython, need_wasm

_RUNNER = Path(__file__).with_name("run_file.py")
_WASM_RUNNER = Path(__file__).parents[1] / "on_wasm" / "run_file.mjs"
# The same as in run_file.py.
_MARK = "@test "
_HEAP = "2M"
# `# cpython only` must be in these lines.
_FIRST_LINES = 5


def pytest_addoption(parser):
    parser.addini("pure_tests", "folders of the pure tests", type="paths", default=[])
    parser.addini("micropython_path", "MicroPython's sys.path", type="paths", default=[])
    parser.addini("micropython_limit", "seconds for one file on MicroPython", default="120")
    parser.addini("micropython_ports", "micropython, wasm", type="args", default=["micropython"])


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    collectors = yield
    if not _is_pure_test(file_path, parent.config):
        return collectors
    only = _only(file_path)
    if only == "micropython":
        collectors = [one for one in collectors if not isinstance(one, pytest.Module)]
    if only != "cpython":
        # The same node id as the module's, so that `FILE::test_x` selects all.
        for port in parent.config.getini("micropython_ports"):
            collectors.append(MicroPythonFile.from_parent(parent, path=file_path, port=port))
    return collectors


def _is_pure_test(path, config):
    is_test = path.name.startswith("test_") and path.suffix == ".py"
    return is_test and path.parent in config.getini("pure_tests")


def _only(path):
    first_lines = path.read_text(encoding="utf-8").splitlines()[:_FIRST_LINES]
    for vm in ("cpython", "micropython"):
        if f"# {vm} only" in first_lines:
            return vm
    return None


class MicroPythonFile(pytest.File):
    """The tests of one file, and their results after one of them was asked for."""

    def __init__(self, *, port, **arguments):
        super().__init__(**arguments)
        self.port = PORTS[port]
        # Name -> Result.
        self._results = None

    def collect(self):
        """Find the functions by parsing, because CPython may be unable to import a MicroPython
        file.
        """
        body = ast.parse(self.path.read_text(encoding="utf-8"), str(self.path)).body
        # A dict, because a second definition replaces the first.
        lines = {
            node.name: node.lineno
            for node in body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        }
        for name, line in lines.items():
            yield MicroPythonTest.from_parent(
                self, name=f"{name}[{self.port.name}]", function_name=name, line=line
            )

    def result(self, item):
        if self._results is None:
            selected = [one.function_name for one in self.session.items if one.parent is self]
            limit_s = float(self.config.getini("micropython_limit"))
            path = [str(self.path.parent), *map(str, self.config.getini("micropython_path"))]
            self._results = run_file(self.path, selected, path, limit_s, self.port)
        return self._results[item.function_name]


class MicroPythonTest(pytest.Item):
    """One test function that MicroPython runs."""

    def __init__(self, *, function_name, line, **arguments):
        super().__init__(**arguments)
        self.function_name = function_name
        self._line = line
        # The first test waits for the whole file, whose process has its own time limit.
        self.add_marker(pytest.mark.timeout(0))

    def setup(self):
        self.parent.port.need()

    def runtest(self):
        result = self.parent.result(self)
        if result.output:
            self.add_report_section("call", "stdout", result.output)
        if not result.ok:
            # The text is MicroPython's own traceback.
            pytest.fail(result.text, pytrace=False)

    def reportinfo(self):
        return self.path, self._line - 1, self.name


class UnixPort:
    """MicroPython's unix port, which compiles native code."""

    name = "micropython"
    need = staticmethod(need_micropython)

    @staticmethod
    def command(module, names, search_path):
        command = [find_micropython(), "-X", f"heapsize={_HEAP}", str(_RUNNER), module, *names]
        return command, {"MICROPYPATH": ":".join([*search_path, ".frozen"])}


class WasmPort:
    """MicroPython in node: 32 bits, no native code, no sockets, and a heap that grows."""

    name = "wasm"
    need = staticmethod(need_wasm)

    @staticmethod
    def command(module, names, search_path):
        path = ":".join(search_path)
        return [find_node(), str(_WASM_RUNNER), find_wasm(), path, module, *names], {}


PORTS = {port.name: port for port in (UnixPort, WasmPort)}


Result = collections.namedtuple("Result", "ok text output", defaults=("",))  # of one test


def run_file(path, names, search_path, limit_s, port=UnixPort):
    """Run the functions `names` of `path` in one process. Returns a Result for each. After a crash
    or a hang the functions that had not run yet fail too.
    """
    command, variables = port.command(path.stem, names, search_path)
    output, ended = _run_process(command, variables, limit_s)
    running, results = _parse(output)
    if running is None:
        text = f"MicroPython {ended} and gave no result.\n{output}"
    elif running:
        results[running] = Result(False, f"MicroPython {ended} in {running}.\n{output[-2000:]}")
        text = f"Not run: MicroPython {ended} in {running}.\n"
    # The file could not be imported.
    elif "" in results:
        text = results[""].text
    else:
        text = f"{path.name} {ended} while it was imported.\n{output}"
    return {name: results.get(name) or Result(False, text) for name in names}


def _run_process(command, variables, timeout_s):
    """Returns the output of the process, and a text about how it ended."""
    with tempfile.TemporaryFile() as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, **variables},
        )
        try:
            code = process.wait(timeout_s)
            ended = f"ended with exit code {code}" if code >= 0 else f"died of signal {-code}"
        except subprocess.TimeoutExpired:
            ended = "did not end in time"
        finally:
            process.kill()
            process.wait()
        file.seek(0)
        return _with_sources(file.read().decode("utf-8", "replace")), ended


def _parse(output):
    """Returns the name of the test without a result (or None), and the results by name."""
    running = None
    results = {}
    printed = []
    for line in output.splitlines():
        if not line.startswith(_MARK):
            printed.append(line)
            continue
        fields = json.loads(line[len(_MARK) :])
        if "start" in fields:
            running = fields["start"]
        else:
            text = _with_sources(fields["text"])
            printed_text = "\n".join(printed).strip()
            results[fields["name"]] = Result(fields["ok"], text, printed_text)
            running = None if fields["name"] else ""
        printed.clear()
    return running, results


def _with_sources(text):
    """Add to each line of a traceback its source line, as CPython does."""
    lines = []
    for line in text.splitlines():
        lines.append(line)
        place = re.match(r' +File "(.+)", line (\d+)', line)
        source = place and linecache.getline(place.group(1), int(place.group(2))).strip()
        if source:
            lines.append("    " + source)
    return "\n".join(lines) + "\n"
