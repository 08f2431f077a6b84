"""A board's traceback in the names of the sources, for every function that the build makes."""

import ast
import importlib.util
import json
import re
import subprocess
import sys

import mpy
from build import built, identity
from e2e.devices import said
from library import ELSEWHERE, FACADES, LIB, NATIVE, PACKAGE, ROOT, files, modules, version_of

# By its path, because Python has a module of this name.
_SPEC = importlib.util.spec_from_file_location("trace_back", ROOT / "tools/trace.py")
trace_back = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(trace_back)

MAP = json.loads((LIB / "mpy/names.map").read_text(encoding="utf-8"))
ID = MAP["build"]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def source_functions():
    """The functions of all built modules, as "events.py, Emitter._call" and so on."""
    found = set()

    def read(node, where):
        for one in ast.iter_child_nodes(node):
            if isinstance(one, FUNCTIONS):
                found.add(where + one.name)
            is_named = isinstance(one, (*FUNCTIONS, ast.ClassDef))
            read(one, f"{where}{one.name}." if is_named else where)

    for name in modules():
        if name not in (*FACADES, *ELSEWHERE):
            text = (LIB / PACKAGE / f"{name}.py").read_text(encoding="utf-8")
            read(ast.parse(text), f"{name}.py, ")
    return found


SOURCES = source_functions()


def test_the_map_has_each_function_of_the_sources():
    assert set(MAP["files"]) == set(files())
    origins = [one for known in MAP["files"].values() for one in known.values()]
    assert SOURCES - set().union(*origins) == set()


def test_every_name_of_the_map_is_told_as_the_sources_have_it():
    for file, known in MAP["files"].items():
        for name, origins in known.items():
            line = f'  File "{file}@{ID}", line 1, in {name}\n'
            told, *further = trace_back.translated(line, MAP).splitlines()
            path = re.match(r'  File "([^"]*)", in (\S+)$', told)
            assert path, told
            if name[0] == "<":
                assert path[2] == name
                sources = {origin.partition(",")[0] for origin in origins}
                assert all((LIB / PACKAGE / source).is_file() for source in sources)
                assert all(source in told + "".join(further) for source in sources)
                continue
            source, _, function = origins[0].partition(", ")
            assert path.groups() == (f"lib/{PACKAGE}/{source}", function)
            assert origins[0] in SOURCES or f"class {function}" in (ROOT / path[1]).read_text()
            for origin in origins[1:]:
                source, _, function = origin.partition(", ")
                assert f"{function} ({source})" in further[0]


# Each function is called with empty objects. Its error has its name.
_PROVOKE = """
import sys

class Nothing:
    def __getattr__(self, name):
        raise ValueError(name)

for label, module, path, count in wanted:
    print("###", label)
    try:
        one = __import__(module, None, None, ("x",))
        for name in path:
            one = getattr(one, name)
    except (ImportError, AttributeError) as e:
        print("absent", e)
        continue
    try:
        result = one(*[Nothing() for _ in range(count)])
        if hasattr(result, "send"):
            result.send(None)
            result.close()
    except Exception as e:
        sys.print_exception(e)
"""
# The interpreter itself crashes when it polls something that is not a socket, or initialises
# something that is not an error as one.
_NEVER = (
    "net/__init__.py, _poll",
    "net/micropython.py, Transport",
    "portal_open.py, serve",
    "core/errors.py",
)


def provoked(wanted, lib):
    """{label: text of the traceback} of MicroPython's errors, with the library in `lib`."""
    wanted = [one for one in wanted if not one[0].startswith(_NEVER)]
    text = said(f"wanted = {wanted}\n{_PROVOKE}", lib, heap="8M")
    return dict(block.split("\n", 1) for block in text.split("### ")[1:])


def frames(text, prefix):
    """[(file below the package, last part of the name)] of our lines."""
    found = re.findall(rf'File "{prefix}/([^"]+)"(?:, line \d+)?, in (\S+)', text)
    return [(path, name.rpartition(".")[2]) for path, name in found]


def test_real_tracebacks_are_those_of_the_sources():
    in_build, in_sources = [], []
    for file, (text, names) in built().items():
        tree = ast.parse(text)
        module = PACKAGE if file == "__init__" else f"{PACKAGE}.{file}"
        for owner in [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]:
            for node in owner.body:
                if not isinstance(node, FUNCTIONS) or node.decorator_list or file == NATIVE:
                    continue
                origin = names[node.name][0]
                source, _, path = origin.partition(", ")
                count = len(node.args.args) - len(node.args.defaults)
                there = [node.name] if owner is tree else [owner.name, node.name]
                in_build.append([origin, module, there, count])
                dotted = f"{PACKAGE}.{source[:-3]}".replace("/", ".").removesuffix(".__init__")
                in_sources.append([origin, dotted, path.split("."), count])
    ours, theirs = provoked(in_build, LIB / "mpy"), provoked(in_sources, LIB)
    # A function that is written into its callers has no line of its own.
    firsts = {o[0] for known in MAP["files"].values() for o in known.values()}
    firsts = {(one.partition(", ")[0], re.split("[. ]", one)[-1]) for one in firsts}
    compared = 0
    for origin, text in ours.items():
        right = [one for one in frames(theirs[origin], PACKAGE) if one in firsts]
        if f"@{ID}" in text and right:
            told = trace_back.translated(text, MAP)
            assert "@" not in told
            assert frames(told, f"lib/{PACKAGE}") == right, f"{origin}\n{told}\n{theirs[origin]}"
            compared += 1
    print(f"{compared} tracebacks of {len(in_build)} functions")
    assert compared > 200


def test_what_is_not_ours_stays_byte_by_byte():
    before = 'Traceback (most recent call last):\r\n  File "main.py", line 9, in <module>\r\n'
    after = 'ValueError: File "base", line 1, in x; ü\r\n\r\nOSError: 5'
    known = MAP["files"]["options"].items()
    name, origins = next(one for one in known if one[1][0] in SOURCES)
    line = f'I (12) app:   File "options@{ID}", line 1, in {name}\r\n'
    told = trace_back.translated(before + line + after, MAP)
    assert told.startswith(before) and told.endswith(after)
    first, *_ = told[len(before) :].split("\r\n")
    path, _, function = origins[0].partition(", ")
    assert first == f'I (12) app:   File "lib/{PACKAGE}/{path}", in {function}'
    assert told.count("\n") == told.count("\r\n")
    name = next(n for n, o in MAP["files"]["base"].items() if len(o) == 1)
    assert not trace_back.translated(f'File "base@{ID}", line 1, in {name}', MAP).endswith("\n")


def run(*args, stdin=""):
    command = [sys.executable, str(ROOT / "tools/trace.py"), *map(str, args)]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=60
    )


LINE = '  File "base@{}", line 1, in _00\n'


def test_a_traceback_of_another_build_is_refused_with_both_ids_and_what_to_do(tmp_path):
    other = "00000000"
    done = run(stdin=LINE.format(ID) + LINE.format(other))
    assert (done.returncode, done.stdout) == (1, "")
    (said_,) = done.stderr.splitlines()
    for word in (ID, other, version_of(), "check out the release", "--map"):
        assert word in said_
    # With the map of that build it works.
    path = tmp_path / "its.map"
    path.write_text(json.dumps({**MAP, "build": other}), encoding="utf-8")
    done = run("--map", path, stdin=LINE.format(other))
    assert done.returncode == 0 and f"lib/{PACKAGE}/" in done.stdout
    done = run("--map", path, stdin=LINE.format(ID))
    assert done.returncode == 1
    assert f"is of build {ID}, and the map of build {other}" in done.stderr


def test_bad_input_is_told(tmp_path):
    no_map = tmp_path / "no.map"
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    ours = tmp_path / "ours.txt"
    ours.write_text(LINE.format(ID), encoding="utf-8")
    for args, stdin, says in [
        ([], "", "no line of the compiled library"),
        ([], 'File "main.py", line 3, in f\nValueError: 3\n', "no line of the compiled library"),
        ([binary], "", "is no text in UTF-8"),
        ([tmp_path / "absent"], "", "absent can't be read: No such file"),
        ([tmp_path], "", "can't be read: Is a directory"),
        ([ours, "--map", no_map], "", "no.map can't be read: No such file"),
        ([ours, "--map", ours], "", "ours.txt is no names.map"),
        ([ours, "--map", ROOT / "package.json"], "", "package.json is no names.map"),
        ([], f'File "base@{ID}", line 1, in nobody', "the map has no nobody in base"),
        ([], f'File "nothing@{ID}", line 1, in _00', "the map has no _00 in nothing"),
    ]:
        done = run(*args, stdin=stdin)
        assert (done.returncode, done.stdout) == (1, ""), args
        assert says in done.stderr and "Traceback (most" not in done.stderr, done.stderr


def test_make_traceback_reads_a_file_and_stdin(tmp_path):
    text = LINE.format(ID)
    path = tmp_path / "a file.txt"
    path.write_text(text, encoding="utf-8")
    words = ["--no-print-directory", "traceback", f"PYTHON={sys.executable}"]
    for more, stdin in ([f"FILE={path}"], ""), ([], text):
        make = ["make", "-C", ROOT, *words, *more]
        done = subprocess.run(make, input=stdin, capture_output=True, text=True, timeout=60)
        assert done.stdout == trace_back.translated(text, MAP), done.stderr


def test_the_version_on_a_board_and_each_file_show_the_id_of_the_map():
    code = f"import {PACKAGE}\nprint({PACKAGE}.__version__)"
    assert said(code, LIB / "mpy") == f"{version_of()}+{ID}\n"
    assert ID == identity() and MAP["version"] == version_of()
    for path in sorted((LIB / "mpy").rglob("*.mpy")):
        name = NATIVE if path.parent.name == "native" else path.stem
        assert f"{name}@{ID}".encode() in path.read_bytes(), path
    assert mpy.NAMES == trace_back.MAP.name
