"""What CircuitPython's boards do not have, in one place, and a check whether a file uses it.

The modules are those of CircuitPython 9 and 10 on boards with Wi-Fi: from the stubs of its makers
if there are any, otherwise as a Pico W listed them. The syntax and the methods are those that
CircuitPython and MicroPython 1.23 both refuse, but mpy-cross does not. test_mpy.py has the ones
that mpy-cross refuses.
"""

import ast
from pathlib import Path

# For modules whose stubs refer to CPython's documentation. "*": all names.
MODULES = {
    "asyncio": {
        "CancelledError", "Event", "Lock", "TimeoutError", "create_task", "current_task", "gather",
        "get_event_loop", "new_event_loop", "run", "sleep", "sleep_ms", "wait_for", "wait_for_ms",
    },
    "binascii": {"a2b_base64", "b2a_base64", "hexlify", "unhexlify"},
    "collections": {"OrderedDict", "deque", "namedtuple"},
    "errno": {"*"},
    "gc": {"collect", "disable", "enable", "isenabled", "mem_alloc", "mem_free"},
    "io": {"BytesIO", "FileIO", "StringIO", "TextIOWrapper", "open"},
    "json": {"dump", "dumps", "load", "loads"},
    "micropython": {"const", "opt_level"},
    "os": {
        "chdir", "getcwd", "getenv", "listdir", "mkdir", "remove", "rename", "rmdir", "sep",
        "stat", "statvfs", "sync", "uname", "unlink", "urandom", "utime",
    },
    "select": {"POLLERR", "POLLHUP", "POLLIN", "POLLOUT", "poll", "select"},
    "ssl": {"SSLContext", "SSLSocket", "create_default_context"},
    "struct": {"calcsize", "pack", "pack_into", "unpack", "unpack_from"},
    "sys": {
        "argv", "byteorder", "exit", "implementation", "maxsize", "modules", "path", "platform",
        "stdin", "stdout", "version", "version_info",
    },
    "time": {
        "localtime", "mktime", "monotonic", "monotonic_ns", "sleep", "struct_time", "time",
    },
}  # fmt: skip
METHODS = {
    "casefold", "format_map", "isalnum", "isascii", "isidentifier", "ljust", "maketrans",
    "removeprefix", "removesuffix", "rjust", "swapcase", "title", "translate", "zfill",
    "bit_length", "cast", "add_note", "sendall", "makefile",
}  # fmt: skip
# Builtin names.
NAMES = {
    "BlockingIOError", "ConnectionResetError", "ExceptionGroup", "UnicodeDecodeError", "aiter",
    "anext", "ascii", "vars", "breakpoint", "TimeoutError",
}  # fmt: skip
KEYWORDS = {"maxsplit", "sort_keys", "strict", "errors", "encoding", "metaclass"}
# The name of an encoding may be refused.
_BARE = {"encode", "decode"}


def faults(path, stubs, pins=None):
    """A line for each thing in the file that a board does not have. `stubs`: the folder of the
    stubs; `pins`: the board whose pins are used, by its name there.
    """
    tree = ast.parse(Path(path).read_text(encoding="utf-8"), str(path))
    modules = imported(tree)
    found = []

    def look(node, guards):
        found.extend((node.lineno, what) for what in _syntax(node))
        for module, name in _uses(node, modules):
            there = attributes(module, stubs, pins)
            is_there = there is not None and (name is None or there & {name, "*"})
            if not is_there and not guards & {module, f"{module}.{name}", "*"}:
                what = module if name is None or there is None else f"{module}.{name}"
                found.append((node.lineno, f"{what} is not there"))
        for child, added in _children(node):
            look(child, guards | added)

    look(tree, frozenset())
    return [f"{Path(path).name}:{line}: {what}" for line, what in sorted(set(found))]


def attributes(module, stubs, pins=None):
    """The names in a module of a board. None if it has no such module."""
    if module in MODULES:
        return MODULES[module]
    stub = Path(stubs) / f"{module.partition('.')[0]}-stubs" / "__init__.pyi"
    if module == "board" and pins:
        stub = Path(stubs) / "board_definitions" / pins / "__init__.pyi"
    if not stub.is_file():
        return None
    names = set()
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign):
            names.add(node.target.id)
    return names


def imported(tree):
    """{name in this file: module} of plain imports."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }


def _uses(node, modules):
    """(module, name or None) that a node uses of a module that is not the library's."""
    if isinstance(node, ast.Import):
        return [(alias.name, None) for alias in node.names if not _ours(alias.name)]
    if isinstance(node, ast.ImportFrom) and not node.level and not _ours(node.module):
        return [(node.module, alias.name) for alias in node.names]
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        if node.value.id in modules and not _ours(modules[node.value.id]):
            return [(modules[node.value.id], node.attr)]
    return []


def _ours(module):
    return module.partition(".")[0] == "partysocket"


def _children(node):
    """Each child, and what guards it: a caught ImportError, or a hasattr() before."""
    added = frozenset()
    if isinstance(node, (ast.If, ast.IfExp, ast.While)):
        added = frozenset(_asked(node.test))
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST):
                continue
            more = frozenset()
            if isinstance(node, ast.Try) and field == "body" and _catches(node):
                more = frozenset({"*"})
            elif field != "test":
                more = added
            yield child, more


def _asked(test):
    """The names that hasattr() asks for, and whether the system's name is asked for."""
    for node in ast.walk(test):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "hasattr":
            if isinstance(node.args[0], ast.Name) and isinstance(node.args[1], ast.Constant):
                yield f"{node.args[0].id}.{node.args[1].value}"
        elif isinstance(node, ast.Attribute) and node.attr in ("implementation", "platform"):
            yield "*"


def _catches(node):
    names = {n.id for h in node.handlers if h.type for n in ast.walk(h.type) if hasattr(n, "id")}
    return bool(names & {"ImportError", "AttributeError"})


def _syntax(node):
    """The syntax or method in this node that a board refuses."""
    if isinstance(node, ast.Slice) and node.step is not None:
        yield "a slice with a step"
    if isinstance(node, ast.Delete):
        for target in node.targets:
            if isinstance(getattr(target, "slice", None), ast.Slice):
                yield "del of a slice"
    if isinstance(node, ast.AsyncFunctionDef) and any(
        isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in _own(node)
    ):
        yield "an async generator"
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in NAMES:
        yield f"{node.id} is no builtin"
    if isinstance(node, ast.Raise) and node.cause is not None:
        yield "raise ... from: the cause is dropped"
    if isinstance(node, ast.Call):
        yield from _call(node)


def _call(node):
    name = node.func.attr if isinstance(node.func, ast.Attribute) else None
    if name in METHODS:
        yield f".{name}()"
    for keyword in node.keywords:
        if keyword.arg in KEYWORDS:
            yield f"{keyword.arg}="
    if name in _BARE and node.args:
        yield f".{name}() with an encoding"
    if name == "to_bytes" and len(node.args) < 2:
        yield ".to_bytes() without its arguments"
    if name in ("startswith", "endswith") and isinstance(node.args[0], ast.Tuple):
        yield f".{name}() of several"
    if getattr(node.func, "id", None) == "next" and len(node.args) > 1:
        yield "next() with a default"


def _own(function):
    """The nodes of a function, without those of functions inside it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield child
            yield from _own(child)
