"""The rules of the architecture, checked in the source of lib/partysocket: what each part may
import, and which of the three owners may change what.
"""

import ast
import builtins
from pathlib import Path

import pytest

LIB = Path(__file__).resolve().parent.parent / "lib"

# Modules of the platform, and the parts that may import them.
_OF_NET = {"socket", "ssl", "tls", "select", "hashlib", "binascii", "os", "time"}
_OF_NET |= {"socketpool", "supervisor", "espidf"}  # CircuitPython's
_OF_BOARDS = {  # and those that may import it
    "network": {"net.access", "net.wlan", "net.rssi"},
    "wifi": {"net.wifi_radio", "net.circuitpython", "net.rssi"},
    "machine": {"wifi_resets", "net.udp", "net.entropy", "net.folder"},
    "microcontroller": {"wifi_resets", "net.entropy"},
    "rtc": {"net.circuitpython_clock"},
}
# Attributes of sys. Only net uses them, and the package's `__init__`.
_ASKS_WHERE = {"implementation", "platform"}
_OUTSIDE = {"tools", "boards", "examples", "host_tests"}
_MISSING_ON_BOARDS = "abc contextlib dataclasses enum functools logging random re struct typing"
_MISSING_ON_BOARDS = {"__future__", "urllib", *_MISSING_ON_BOARDS.split()}

# The socket is one object in several files. Functions there whose first parameter is `self` are
# its methods, which are loaded when they are needed.
_SOCKET = {"websocket", "party", "driver", "events", "ending", "dial", "below", "stream"}
_SOCKET |= {"connection", "delivery", "update", "place", "query", "report"}
_SOCKET |= {"refused", "causes"}
# An outbox is another such object,
_OUTBOX = {"outbox", "outbox_begin", "outbox_blocks", "outbox_courier", "outbox_flash"}
_OUTBOX |= {"outbox_seldom", "outbox_thin", "outbox_trouble", "outbox_undated"}
_OBJECTS = (_SOCKET, _OUTBOX)
# and so is the protocol.
_PROTOCOL = {"core.seldom", "core.long", "core.utf8", "core.refusal"}
# Files of the socket that change the lifecycle.
_DRIVER = {"driver", "dial", "connection", "ending", "below", "update"}
# Methods that change nothing.
_ASKS_LIFE = {"wait_ms", "overdue_ms", "uptime_ms", "is_decided"}

# Attributes of other objects that may be set anyway.
_MAY_SET = {
    # A hook is an application of its socket, whose slots are made to be set.
    "hooks": {"socket.onopen", "socket.onmessage", "socket.onclose", "socket.onerror"},
    # The platform's objects have no other interface.
    "net.circuitpython_clock": {"rtc.RTC().datetime"},
    "net.circuitpython_tls": {"made.check_hostname"},
    "net.wifi_radio": {"radio.enabled", "radio.power_management", "self._radio.enabled"},
    "causes": {"sys.modules['partysocket']"},
    "portal": {"package"},
    "net.tasks": {"sys.modules['partysocket']"},
    "net.folder": {"sys.modules['partysocket']"},
    "__init__": {"sys.modules['micropython'].const"},
    # The awaitable that a transport gives to the driver. A method call would cost each wait a
    # frame, and the exception that ends it is made only once.
    "net.micropython": {"turn.sock", "self._done.__traceback__"},
}

# Methods that only assign and are called on another object, but mean more than an assignment
# there.
_MAY_ONLY_ASSIGN = {
    "Lifecycle.stop": "an edge: which state that is, and what its name is, the lifecycle knows",
    "Keepalive.hold": "an event with its time: the silence is counted by what follows",
    "Outgoing.open_queue": "an event: what may go out then, the protocol knows",
    "Outgoing.ping": "an order: the protocol decides when, and what goes before",
    "Outgoing.shut": "an event: what may still go out, the protocol knows",
    "Protocol.clear": "an order: what came in and isn't parsed is forgotten",
    "Inbox.keep_view": "an event: whose bytes a view shows, the inbox knows",
    "Inbox.stop_asking": "the other half of ask(), which checks",
    "Utf8.reset": "called by itself alone; others of that name are called from outside",
}

_MASKS = {"core.queue", "core.outgoing", "core.mask"}
# Places where `|` makes a byte with its highest bit, and the reason.
_HEADER_BYTES = {
    "core.records": "numbers of 7 bits a byte, of which the last has no such bit",
    "core.queue": "client frames of messages, and the headers of all others",
    "core.outgoing": "the first bytes of control frames and fragments",
    "place": "a UUID's variant (RFC 9562)",
}


def parsed(lib):
    """The tree of each module in lib/partysocket, by its name, such as "core.mask"."""
    folder = lib / "partysocket"
    return {
        ".".join(path.relative_to(folder).with_suffix("").parts): ast.parse(
            path.read_text(encoding="utf-8"), str(path)
        )
        for path in sorted(folder.rglob("*.py"))
    }


# Imports.


def forbidden_imports(lib):
    """Return a line for each forbidden import in lib/partysocket."""
    broken = []
    for name, tree in parsed(lib).items():
        parts = ("partysocket", *name.split("."))
        for imported, line in imports(tree, parts):
            why = forbidden(parts[1:], imported)
            if why:
                broken.append(f"{name}:{line}: imports {imported}: {why}")
        if parts[1] not in ("net", "__init__"):
            broken += [
                f"{name}:{line}: asks for sys.{asked}: only net does"
                for asked, line in asks_where(tree)
            ]
    return broken


def forbidden(parts, name):
    """Why the module at `parts` below partysocket may not import `name`. None if it may."""
    top = name.partition(".")[0]
    # MicroPython's older names: usocket, uos.
    plain = top[1:] if top.startswith("u") else top
    inside = name.split(".")[1:] if top == "partysocket" else None
    if parts[0] == "core":
        if name == "micropython.const" or (inside and inside[0] == "core"):
            return None
        return "core imports core and micropython.const, nothing else"
    if top in _OUTSIDE:
        return "lib never imports from there"
    if plain in _MISSING_ON_BOARDS:
        return "lib does without it"
    if plain in _OF_NET and parts[0] != "net":
        return "only net does"
    if plain in _OF_BOARDS and ".".join(parts) not in _OF_BOARDS[plain]:
        return "only " + " and ".join(sorted(_OF_BOARDS[plain])) + " do"
    return None


def imports(tree, parts):
    """Yield (absolute dotted name, line) for each import of the module, also in functions."""
    # Also for a package's __init__, whose last part is that name.
    package = parts[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            base += node.module.split(".") if node.module else []
            for alias in node.names:
                yield ".".join([*base, alias.name]), node.lineno
        elif isinstance(node, ast.Call) and getattr(node.func, "id", None) == "__import__":
            yield dynamic_import(node.args[0]), node.lineno


def asks_where(tree):
    """Yield (attribute, line) where the module asks `sys` which system it runs on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) == "sys":
            if node.attr in _ASKS_WHERE:
                yield node.attr, node.lineno


def dynamic_import(argument):
    """The name given to `__import__`: a constant, or the constant at the start of a sum."""
    while isinstance(argument, ast.BinOp):
        argument = argument.left
    return argument.value if isinstance(argument, ast.Constant) else "?"


# No code assigns to an attribute of another object.


def foreign_stores(lib):
    """Return {module: attributes} that are set or deleted on an object that is neither the
    method's own nor one that the function has just made.
    """
    found = {}
    for module, tree in parsed(lib).items():
        for functions, node in with_functions(tree):
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                target, owner = ast.unparse(node), node.value
            elif isinstance(node, ast.Call) and is_named(node.func, "setattr", "delattr"):
                target = ast.unparse(node.args[0])
                owner = node.args[0]
            else:
                continue
            if is_named(owner, "self") and is_method(functions, module):
                continue
            if isinstance(owner, ast.Name) and functions and is_new(functions[-1], owner.id):
                continue
            found.setdefault(module, set()).add(target)
    return found


def with_functions(node, functions=()):
    """Yield (the functions around it, outermost first, node) for all nodes below `node`. Functions
    directly in a class have `is_in_class`.
    """
    for child in ast.iter_child_nodes(node):
        yield functions, child
        inner = functions
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            child.is_in_class = isinstance(node, ast.ClassDef)
            inner = (*functions, child)
        yield from with_functions(child, inner)


def is_method(functions, module):
    """Whether `self` there is the object of the method: the nearest function that has it
    decides.
    """
    for function in reversed(functions):
        if takes_self(function):
            return function.is_in_class or module in _SOCKET | _OUTBOX | _PROTOCOL
    return False


def takes_self(function):
    return bool(function.args.args) and function.args.args[0].arg == "self"


def is_named(node, *names):
    return isinstance(node, ast.Name) and node.id in names


def is_new(function, name):
    """Whether `name` is always bound to the result of calling a class in this function."""
    made = bound = 0
    for node in ast.walk(function):
        if isinstance(node, ast.arg) and node.arg == name:
            return False
        if is_named(node, name) and isinstance(node.ctx, ast.Store):
            bound += 1
        if isinstance(node, ast.Assign) and is_named(node.targets[0], name):
            made += isinstance(node.value, ast.Call) and is_class(node.value.func)
    return 0 < made == bound


def is_class(function):
    name = getattr(function, "id", None) or getattr(function, "attr", "")
    return name.lstrip("_")[:1].isupper()


def strange_selves(lib):
    """Return a line for each call that passes another object as `self` to a function of the
    socket, or of an outbox; and for each other file that imports such a function.
    """
    trees = parsed(lib)
    return [line for files in _OBJECTS for line in strange_selves_of(files, trees)]


def strange_selves_of(files, trees):
    # Module -> its functions that are methods.
    own = {}
    for module in files & set(trees):
        functions = [node for node in trees[module].body if hasattr(node, "args")]
        own[module] = {function.name for function in functions if takes_self(function)}
    broken = []
    for module, tree in trees.items():
        known = set(own.get(module, ()))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                for alias in node.names:
                    if alias.name in own.get(node.module, ()):
                        known.add(alias.asname or alias.name)
                        if module not in files:
                            broken.append(f"{module}:{node.lineno}: imports {alias.name}")
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and is_named(node.func, *known):
                if not (node.args and is_named(node.args[0], "self")):
                    broken.append(f"{module}:{node.lineno}: {ast.unparse(node)}")
    return broken


# No method exists only to assign an attribute for another object.


def setters(lib):
    """Return "Class.method" for each method that only assigns its arguments to attributes, and
    that is called on another object.
    """
    trees = parsed(lib).values()
    calls = [node.func for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = {
        func.attr
        for func in calls
        if isinstance(func, ast.Attribute) and not is_named(func.value, "self")
    }
    return [
        f"{owner.name}.{method.name}"
        for tree in trees
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef)
        for method in owner.body
        if isinstance(method, ast.FunctionDef)
        if method.name in called - {"__init__"} and only_assigns(method)
    ]


def only_assigns(method):
    """Whether the method only sets its own attributes, to values that do not depend on the object:
    arguments, constants, and results of built-ins.
    """
    body = method.body[1:] if ast.get_docstring(method) is not None else method.body
    for line in body:
        if not isinstance(line, (ast.Assign, ast.AnnAssign)):
            return False
        targets = getattr(line, "targets", None) or [line.target]
        for target in targets:
            for one in getattr(target, "elts", [target]):
                if not (isinstance(one, ast.Attribute) and is_named(one.value, "self")):
                    return False
        for node in ast.walk(line.value):
            is_work = isinstance(node, ast.Call) and not is_named(node.func, *dir(builtins))
            if is_work or is_named(node, "self"):
                return False
    return bool(body)


# Only the driver changes the lifecycle.


def strange_moves(lib):
    """Return a line for each place outside the driver that could change a lifecycle."""
    trees = parsed(lib)
    edges = edges_of(trees["core.lifecycle"], "Lifecycle")
    edges |= edges_of(trees["core.keepalive"], "Keepalive")
    broken = []
    for module, tree in trees.items():
        if module in ("core.lifecycle", "core.keepalive"):
            continue
        is_driver = module in _DRIVER
        # Node -> the node whose value it is.
        inside = {}
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                inside[child] = node
        for node in ast.walk(tree):
            if not is_life(node) or not isinstance(node.ctx, ast.Load):
                continue
            around = inside[node]
            if isinstance(around, ast.Attribute):
                if is_driver or around.attr not in edges:
                    continue
            elif isinstance(around, ast.Assign) and is_named(around.targets[0], "life"):
                # So that it keeps its name.
                continue
            broken.append(f"{module}:{node.lineno}: {ast.unparse(around)}")
    return broken


def edges_of(tree, name):
    """The methods of the Lifecycle, or of its Keepalive, that change it."""
    owner = next(node for node in tree.body if getattr(node, "name", "") == name)
    methods = {node.name for node in owner.body if isinstance(node, ast.FunctionDef)}
    return {name for name in methods - _ASKS_LIFE if not name.startswith("_")}


def is_life(node):
    return is_named(node, "life") or (isinstance(node, ast.Attribute) and node.attr == "_life")


def ticking(lib):
    """The places where the lifecycle is asked what is due."""
    return [
        module
        for module, tree in parsed(lib).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "tick" and is_life(node.value)
    ]


# Client frames are made in one place.


def strange_frames(lib):
    """Return a line for each mask, and for each byte with its highest bit (as in a client's
    header), that is made elsewhere.
    """
    broken = []
    for module, tree in parsed(lib).items():
        constants = constants_of(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and module not in _MASKS:
                for alias in node.names:
                    if alias.name in ("mask", "native", "soft"):
                        broken.append(f"{module}:{node.lineno}: imports {alias.name}")
            is_or = isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.BitOr)
            if is_or and module not in _HEADER_BYTES:
                sides = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.value,)
                if any(value_of(side, constants) & 0x80 for side in sides):
                    broken.append(f"{module}:{node.lineno}: {ast.unparse(node)}")
    return broken


def constants_of(tree):
    """The module's names for ints: X = 1, X = const(1)."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value
            if isinstance(value, ast.Call) and is_named(value.func, "const"):
                value = value.args[0]
            if isinstance(value, ast.Constant) and isinstance(value.value, int):
                found[node.targets[0].id] = value.value
    return found


def value_of(node, constants):
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    return constants.get(node.id, 0) if isinstance(node, ast.Name) else 0


# The present library.


@pytest.mark.parametrize(
    "wall, found",
    [
        (forbidden_imports, []),
        (foreign_stores, _MAY_SET),
        (strange_selves, []),
        (lambda lib: sorted(setters(lib)), sorted(_MAY_ONLY_ASSIGN)),
        (strange_moves, []),
        (ticking, ["driver"]),
        (strange_frames, []),
    ],
)
def test_the_library_keeps_within_its_walls(wall, found):
    assert LIB.joinpath("partysocket/core").is_dir()
    assert wall(LIB) == found


# Each rule finds a violation that is planted in a file, one in each case.

_METHOD = "class D:\n    def f(self):\n        "
_FUNCTION = "def f(self):\n    "
_PLANTED = {
    forbidden_imports: [
        ("core/mask.py", "import time"),
        ("core/mask.py", "def f():\n    import json"),
        ("core/mask.py", "import sys"),
        ("core/mask.py", "from . import mask\nfrom .. import net"),
        ("core/mask.py", "from ..net import ticks_ms"),
        ("core/mask.py", "import partysocket.driver"),
        ("core/mask.py", "from micropython import heap_lock"),
        ("core/mask.py", "__import__('asyncio')"),
        ("core/__init__.py", "from .. import driver"),
        ("driver.py", "import socket"),
        ("driver.py", "async def f():\n    import ssl"),
        ("driver.py", "import usocket"),
        ("driver.py", "from os import urandom"),
        ("driver.py", "import json, binascii"),
        ("driver.py", "from socketpool import SocketPool"),
        ("driver.py", "from typing import Any"),
        ("driver.py", "import tools.demo"),
        ("net/cpython.py", "from host_tests import fakes"),
        ("net/cpython.py", "import machine"),
        ("net/cpython.py", "import random"),
        ("wifi.py", "import network"),
        ("net/wlan.py", "import wifi"),
        ("clock.py", "import microcontroller"),
        ("net/udp.py", "import rtc"),
        ("wifi.py", "import sys\nif sys.implementation.name == 'x':\n    pass"),
        ("driver.py", "import sys\nNAME = sys.platform"),
        ("hooks/__init__.py", "import functools"),
    ],
    foreign_stores: [
        ("driver.py", _METHOD + "self._life.state = 0"),
        ("driver.py", _METHOD + "del self._life.state"),
        ("driver.py", _METHOD + "life = self._life\n        life.x += 1"),
        ("driver.py", _METHOD + "self.x, self._life.state = 1, 2"),
        ("driver.py", _METHOD + "for self._life.x in 'ab':\n            pass"),
        ("driver.py", "class D:\n    def f(self, event):\n        event.data = 1"),
        ("driver.py", _FUNCTION + "event = self.take()\n    event.data = 1"),
        ("driver.py", _FUNCTION + "e = Event()\n    e = self.e\n    e.data = 1"),
        ("driver.py", "def f(self, other):\n    setattr(other, 'x', 1)"),
        ("driver.py", "def f(self, other):\n    delattr(other, 'x')"),
        ("inbox.py", _FUNCTION + "self.x = 1"),
        ("core/protocol.py", _FUNCTION + "self.x = 1"),
        ("core/protocol.py", "class P:\n    def f(this):\n        this.x = 1"),
        ("hooks.py", "def f(socket):\n    socket._is_over = True"),
    ],
    strange_selves: [
        ("driver.py", "from .dial import dial\ndef f(self, other):\n    dial(other)"),
        ("driver.py", _FUNCTION + "from .dial import dial as d\n    d(self._life)"),
        ("dial.py", _FUNCTION + "_send(self.x)\nasync def _send(self): 0"),
        ("hooks.py", "from .dial import dial"),
    ],
    strange_moves: [
        ("websocket.py", _FUNCTION + "self._life.stop()"),
        ("websocket.py", _FUNCTION + "life = self._life\n    life.close(0, True)"),
        ("websocket.py", _FUNCTION + "stop = self._life.stop\n    stop()"),
        ("websocket.py", _FUNCTION + "other = self._life\n    other.stop()"),
        ("driver.py", _FUNCTION + "self.move(self._life)"),
        ("driver.py", _FUNCTION + "return self._life"),
        ("stream.py", _FUNCTION + "self._life.tick(0)"),
        ("hooks.py", "def f(socket):\n    socket._life.stop()"),
    ],
    ticking: [
        ("ending.py", _FUNCTION + "life = self._life\n    life.tick(0)"),
    ],
    strange_frames: [
        ("stream.py", "from .core.mask import mask"),
        ("core/protocol.py", "from .mask import is_ascii, mask"),
        ("core/protocol.py", "from . import native"),
        ("core/protocol.py", "from .soft import mask as m"),
        ("core/protocol.py", "def f(opcode):\n    return 0x80 | opcode"),
        ("core/protocol.py", "_FIN = const(0x80)\ndef f(a):\n    return a | _FIN"),
        ("core/protocol.py", "_FIN = 0x80\ndef f(first):\n    first |= _FIN"),
    ],
}
# Code that is allowed.
_ALLOWED = {
    forbidden_imports: [
        ("core/mask.py", "from micropython import const\nfrom .soft import mask"),
        ("core/mask.py", "from . import soft\nfrom partysocket.core import soft"),
        ("core/__init__.py", "from .mask import mask"),
        ("net/cpython.py", "import socket, os\nfrom ..core.ticks import TICKS_MASK"),
        ("net/__init__.py", "from .cpython import Transport"),
        ("driver.py", "import asyncio\nfrom . import net\nfrom .core import retry"),
        ("__init__.py", "__import__('partysocket.' + 'party')"),
        ("net/wifi_radio.py", "import wifi, os"),
        ("wifi_resets.py", "import machine, microcontroller"),
        ("net/circuitpython.py", "import supervisor, sys\nNAME = sys.platform"),
    ],
    foreign_stores: [
        ("core/protocol.py", _METHOD + "self.x, self.y = 1, 2"),
        ("dial.py", "async def dial(self):\n    self.x = 1\n    del self.y"),
        ("driver.py", _FUNCTION + "event = Event('open', self)\n    event.data = 1"),
        ("driver.py", _FUNCTION + "e = net._Alarm()\n    setattr(e, 'x', 1)"),
        ("driver.py", _METHOD + "def g():\n            self.x = 1"),
    ],
    strange_moves: [
        ("websocket.py", _FUNCTION + "life = self._life\n    return life.state"),
        ("dial.py", _FUNCTION + "return self._life.wait_ms(0)"),
        ("ending.py", _FUNCTION + "self._life.stop()"),
    ],
    strange_frames: [
        ("core/protocol.py", "_FIN = const(0x80)\ndef f(a):\n    return a & _FIN | 1 << 8"),
    ],
    setters: [
        ("dial.py", "class A:\n    def f(self, x):\n        self._x = self._y + x\nA().f(1)"),
        ("dial.py", "class B:\n    def f(self):\n        self._x = 1\n        h()\nB().f()"),
    ],
}


@pytest.mark.parametrize(
    "wall, file, source, count",
    [
        (wall, *row, count)
        for table, count in ((_PLANTED, 1), (_ALLOWED, 0))
        for wall in table
        for row in table[wall]
    ],
)
def test_what_is_planted_is_found_and_what_is_allowed_is_not(tmp_path, wall, file, source, count):
    if wall is strange_moves:
        for name in ("core/lifecycle.py", "core/keepalive.py"):
            plant(tmp_path, name, (LIB / "partysocket" / name).read_text())
    elif wall is strange_selves:
        plant(tmp_path, "dial.py", "async def dial(self):\n    pass")
    plant(tmp_path, file, source)
    assert len(wall(tmp_path)) == count


@pytest.mark.parametrize(
    "method",
    [
        "def set_x(self, x):\n        self._x = x",
        "def set_x(self, x):\n        'Another x.'\n        self._x = self._y = x",
        "def set_x(self, x):\n        self._x = bool(x)\n        self._is_set = True",
        "def set_x(self, x, y):\n        self._x, self._y = x, y",
        "def set_x(self):\n        self.is_x = True",
    ],
)
def test_a_planted_setter_is_found(tmp_path, method):
    plant(tmp_path, "core/lifecycle.py", f"class Lifecycle:\n    {method}")
    # It is not called.
    assert setters(tmp_path) == []
    plant(tmp_path, "driver.py", "def f(self):\n    self.set_x(1)")
    # Only on itself.
    assert setters(tmp_path) == []
    plant(tmp_path, "update.py", "def f(self):\n    self._life.set_x(1)")
    assert setters(tmp_path) == ["Lifecycle.set_x"]


def plant(lib, file, source):
    path = lib / "partysocket" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source + "\n", encoding="utf-8")
