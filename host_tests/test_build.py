"""The build changes names and places, but never what the code does. It refuses what it can't do.

Each case is a small library with a trap. It runs as sources and as built, on both interpreters, or
the build says what to do.
"""

import ast
import json
import os
import re
import subprocess
import sys
import textwrap

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bootstrap.pythons import others
from build import BuildError, built, identity
from e2e.devices import said
from library import ROOT
from made_up import both, texts_of


def cases(text):
    """{title: source} of a text in which a line `== title` begins each case."""
    parts = re.split(r"^== (.+)\n", text, flags=re.M)[1:]
    return dict(zip(parts[::2], parts[1::2]))


# Methods of a class Box. `run` makes one, calls its `go`, and compares what was noted. All methods
# except `go` and `ask` are written into their callers.
_BOX = """
total = 1.0

def size(x):
    return x * 100

class Box:
    def __init__(self):
        self.n = 1
        self.fixed = 7
        self.log = []

    def bump(self, by=1):
        self.n += by
        self.log.append(self.n)
        return self.n

{}
def run():
    box = Box()
    return [box.go(), box.n, box.log]
"""
RIGHT = cases("""
== early returns, of something and of nothing
def step(self, x):
    if x > 1:
        if x > 2:
            return "more"
        return "two"
    self.n = x
    return "less"
def note(self, x):
    if x == 2:
        self.bump()
        return
    if x == 3:
        return None
    self.log.append(x)
def go(self):
    a = self.step(1)
    b = self.step(2)
    c = self.step(3)
    for i in range(4):
        self.note(i)
    d = self.note(2)
    return [a, b, c, d, i]

== locals, arguments and functions of one name
def step(self, x, y):
    z = x * 10 - y
    size = [x, y, z]
    return size
def go(self):
    y, x, z = 1, 2, 3
    a = size(3)
    b = self.step(y, x)
    w = self.step(z, y)
    return [a, b, w, x, y, z]

== handlers of one name, and of a parameter's
def step(self, x):
    try:
        self.log.append([1, 2][x])
    except IndexError as e:
        self.log.append(type(e).__name__)
def fail(self, error):
    try:
        raise ValueError("v")
    except ValueError as error:
        self.log.append(type(error).__name__)
def go(self):
    error = "mine"
    self.fail(error)
    try:
        {}["x"]
    except KeyError as e:
        self.step(5)
        self.step(1)
        return [error, type(e).__name__]

== a parameter that is deleted, and an import of a name that the caller has
def step(self, x):
    from sys import implementation as y
    self.log.append(x if y else None)
    del x
def go(self):
    x = y = 6
    self.step(y)
    return [x, y]

== defaults, and what a returned value does when nobody wants it
def step(self, x, by=2, word=None):
    if x:
        return self.bump(by)
    return self.log.append([by, word])
def go(self):
    self.step(0)
    self.step(1)
    self.step(1, 3)
    self.step(0, 3, "w")

== arguments that are evaluated once, before what changes them
def once(self, x):
    self.n = 100
    return [x, x, self.n]
def added(self, x):
    self.n += 1
    return x + self.n
def later(self, x):
    self.bump(10)
    self.log.append(x)
    return x
def noted(self, x, y):
    self.log.append([x, y])
def go(self):
    a = self.once(self.bump())
    b = self.added(self.n)
    c = self.later(self.n)
    self.noted(self.n, self.bump())
    self.noted(self.fixed, self.bump())
    return [a, b, c]

== expressions, and tests
def double(self, x):
    return x + x if x > 1 else x - 1
def has_more(self):
    self.bump()
    return self.n > 2
def go(self):
    y = 3
    found = [self.double(1), self.double(y), 2 * self.double(self.fixed)]
    for i in range(3):
        if self.has_more():
            found.append(i)
        elif not self.has_more():
            found.append("no")
    return found

== one in another
def inner(self, x):
    y = x + 1
    self.n = y
    return y
def outer(self, x):
    y = self.inner(x * 2)
    return [x, y]
def go(self):
    y = 4
    a = self.outer(y)
    b = self.outer(self.n)
    return [a, b, y]

== coroutines
async def step(self, x):
    if x > 1:
        return "many"
    self.bump(x)
    return "one"
async def more(self, x):
    return x + 1
async def ask(self):
    a = await self.step(1)
    b = await self.step(2)
    await self.step(1)
    return [a, b, await self.more(1), await self.more(5)]
def go(self):
    try:
        self.ask().send(None)
    except StopIteration as e:
        return e.value

== a result into what was an argument, and out of a try
def less(self, x):
    if x > 3:
        return x - 3
    x += 1
    return x
def step(self, x):
    if x:
        return self.bump()
    raise ValueError(x)
def go(self):
    x = 9
    x = self.less(x)
    x = self.less(x)
    self.n = self.less(self.n)
    try:
        return self.step(0)
    except ValueError:
        return self.step(x)
    finally:
        self.log.append(x)
""")
_TWO = "return self.step(self.bump(), self.bump())"
_SECOND = "return self.step(1, self.bump())"
_BY_TEXT = 'self.step()\n    getattr(self, "step")()'
# A method that can't be written into `go`, its call there, and the text of the error.
NOT_WRITTEN_IN = [
    ("def step(self, seen=[]): seen.append(1)", "self.step()", "default that is made once"),
    ("def step(self, x): return sorted(x, key=lambda x: -x)", "self.step([])", "a Lambda in it"),
    ("def step(self): yield 1", "x = self.step()", "has a Yield in it"),
    ("def step(self):\n    global total\n    total = 5", "self.step()", "has a Global in it"),
    ("async def step(self): self.bump()", "x = self.step()", "1 of its uses can't be written in"),
    ("def step(self, x, y): return [y, x]", _TWO, "with self.bump() in go: give it a name"),
    ("def step(self, x, y): return x", _SECOND, "with self.bump() in go: give it a name"),
    ("def step(self, x, y): return x or y", _SECOND, "with self.bump() in go: give it a name"),
    ("def step(self, x): return self.n + x", "return self.step(self.bump())", "give it a name"),
    ("def step(self, x): return self.bump() + x", "return self.step(self.n)", "give it a name"),
    ("def step(self): self.n = size(1)", "size = self.step()", "go has a local size, which hides"),
    ("def step(self, x): self.n = x", "self.step()", "step has other parameters"),
    ("def step(self, x): self.n = x", "self.step(1, 2)", "step has other parameters"),
    ("def step(self, *, x=1): self.n = x", "self.step()", "other parameters than plain ones"),
    ("def clear(self): self.n = 0", "self.clear()", "name of a method of Python's objects"),
    ("def step(self): self.n = 0", _BY_TEXT, 'may be meant by the text "step"'),
    ("def step(self):\n    while self.n: return 3", "self.step()", "inside a loop or a try"),
    ("@staticmethod\ndef step(): return 3", "return self.step()", "step has a decorator"),
    ("def step(self): return super().__repr__()", "return self.step()", "step uses super()"),
]


def box(methods):
    """A module with this Box, and the list of functions to write into their callers."""
    names = re.findall(r"^(?:async )?def (\w+)", methods, re.M)
    inlined = [name for name in names if name not in ("go", "ask")]
    return {"a": _BOX.replace("{}\n", textwrap.indent(methods, "    "))}, {"inlined": inlined}


_LOW = """
class Low:
    kind = "low"
    def __init__(self, options):
        self.options = options
        self.noted = []
        self._make()
    def _make(self):
        self.noted.append("low")
    def tell(self):
        return [self.kind, self.noted]
"""
_MIDDLE = """
from .b import Low
class Middle(Low):
    kind = "middle"
    def __init__(self, options):
        self.early = True
        super().__init__(options)
        self.noted.append(options)
    def _make(self):
        self.noted.append("middle")
    def both(self):
        return self.tell()
"""
_HIGH = """
from .c import Middle
class High(Middle):
    def __init__(self, options):
        super().__init__(options)
        self.noted.append(self.early)
    @property
    def level(self):
        return len(self.noted)
    @level.setter
    def level(self, value):
        self.noted.append(value)
class Higher(High):
    def tell(self):
        return ["higher", super().tell()]
def run():
    one = Higher("o")
    one.level = 9
    return [one.both(), one.level, isinstance(one, High)]
"""
# Names that two files use on one object: an attribute and a method of both, one that a text names,
# one that a class's body names, and a property.
_SHARED = {
    "late": "def grow(self):\n    self._count += self._step\n    self._told = self._count\n"
    "    self._size = 7\n    return self._double() + self._kind\n",
    "a": """
class Box:
    _step = 2
    _kind = _step * 100
    def __init__(self):
        self._count = 1
        self._real = 0
    def _double(self):
        return self._count * 2
    @property
    def _size(self):
        return self._real
    @_size.setter
    def _size(self, value):
        self._real = value
    def grow(self):
        from .late import grow
        return grow(self)
def run():
    box = Box()
    return [box.grow(), box.grow(), getattr(box, "_told"), box._size, box._count]
""",
}
_IN_TWO = {"base": ["a"], "late": ["late"]}
# Modules that become one, and how they are built. `a` has `run`.
JOINED = {
    "an object in two files of the base": ({"files": _IN_TWO}, _SHARED),
    "an object in two files of a part": (
        {"files": _IN_TWO, "parts": {"base": "box", "late": "box"}},
        _SHARED,
    ),
    "constants of another module, negative ones too": (
        {},
        {
            "b": "from micropython import const\nLOW = const(-3)\nMASK = const(1 << 4 | 3)\n"
            "_OWN = const(7)\nPLAIN = 12\ndef own(): return _OWN + LOW\n",
            "c": "from .b import LOW, PLAIN as FLAT\ndef square(): return LOW**2 + FLAT\n",
            "a": "from .b import LOW, MASK, own\nfrom .c import square\ndef run(x=2):\n"
            "    return [LOW, MASK, own(), square(), x**LOW, -LOW, LOW.__class__ is int]\n",
        },
    ),
    "a local of a constant's name, and a parameter of a module's": (
        {},
        {
            "b": "LIMIT = 5\n",
            "a": "from .b import LIMIT\nfrom .net import micropython as net\n"
            "def f(LIMIT): return LIMIT\ndef g(net): return net.count(1)\n"
            "def run(): return [LIMIT, f(1), g([1, 1]), net is None]\n",
        },
    ),
    "imports in functions, one by another name": (
        {"files": {"base": ["b", "a"], "c": ["d", "c"]}},
        {
            "b": "x = 1\ndef own(): return x\n",
            "c": "from .d import deep\nLATE = 4\ndef late(x): return x * LATE\n",
            "d": "def deep(x): return x * 4\n",
            "a": "from .b import own\ndef run():\n    from .c import LATE, late, deep as much\n"
            "    return [much(own()), late(2) + LATE]\n",
        },
    ),
    "an if and a try at the top": (
        {},
        {
            "b": "try:\n    import nowhere\nexcept ImportError:\n    nowhere = 3\n"
            "if nowhere:\n    other = 4\nelse:\n    other = 5\n",
            "a": "from .b import nowhere, other\ndef run(): return [nowhere, other]\n",
        },
    ),
    "a chain of classes": (
        {"flat": {"High": ["Low", "Middle", "High"]}, "classes": ["High"]},
        {"b": _LOW, "c": _MIDDLE, "a": _HIGH},
    ),
}
_TWICE = """
def f():
    from .b import LIMIT
    return LIMIT
def run():
    from .c import LIMIT
    return LIMIT
"""
_SET = """
def run():
    from .b import x
    x = x + 1
    return x
"""
_INNER = """
def f():
    def g(): pass
def h():
    def g(): pass
"""
# The text of the error, and modules that can't become one.
NOT_JOINED = [
    ("f is in b and in a", {"b": "def f(): pass", "a": "def f(): pass"}),
    ("f is in b and in a", {"b": "if True: f = 1", "a": "try: f = 2\nexcept OSError: pass"}),
    ("time is in a, and imported", {"b": "import time", "a": "def time(): pass"}),
    ("a means Python's", {"b": "def open(): pass", "a": "def run(): return open('x')"}),
    ("a imports LIMIT from two modules", {"b": "LIMIT = 1", "c": "LIMIT = 2", "a": _TWICE}),
    ("COUNT is a constant, and is set", {"a": "COUNT = 0\ndef run():\n    global COUNT"}),
    ("A is a constant, and is set", {"a": "A = 3\nclass C:\n    A = 4\n    b = A"}),
    ("a constant is made once", {"a": "A = B = 3\ndef run(): return A + B"}),
    ("is not understood", {"a": "from .b import f\nA = f + 3", "b": "f = 2.5"}),
    ("import names from b, not", {"b": "x = 1", "a": "from .b import *"}),
    ("a sets net.x", {"a": "from .net import micropython as net\ndef run(): net.x = 4"}),
    ("x is imported, and set", {"b": "x = 1", "a": _SET}),
    ("uses b, f", {"b": "x = 1", "a": "from . import b\ndef run(): return f(b)"}),
    ("g is the name of a.py, f.g and of a.py, h.g", {"a": _INNER}),
]
_CHAIN = """
class Low:
    def __init__(self):
        self.n = 1
{}
class High(Low):
{}
def run():
    return High().go()
"""
_CALLS_ANOTHER = "def f(self): return 2\ndef go(self): return super().f()"
# The text of the error, and methods of Low and of High, which can't become one class.
NOT_FLAT = [
    ("super().f is left over", "def f(self): return 1", _CALLS_ANOTHER),
    ("super().go is left over", "def go(self): return 1", "def go(self): return super().go() + 1"),
    (
        "go of both Low and High has x",
        "def go(self):\n    x = 5\n    self.n = x",
        "def go(self):\n    x = 1\n    super().go()\n    return x",
    ),
    (
        "f of both Low and High has x",
        "def f(self, x):\n    x += 1\n    self.n = x",
        "def f(self, x):\n    super().f(x)\n    return x\ndef go(self): return self.f(1)",
    ),
    (
        "both need the same names",
        "def go(self, *, by=1): self.n += by",
        "def go(self):\n    super().go(by=5)\n    return self.n",
    ),
    ("uses Low", "def f(self): return 1", "def go(self): return isinstance(self, Low)"),
]
# Programs with names that clash after renaming, or that must stay.
RENAMED = cases("""
== names of parameters
def f(error):
    try:
        raise ValueError(3)
    except ValueError as error:
        return error.args
def g(maxsize):
    from sys import maxsize
    return maxsize > 2
def outer(data, more):
    count = 0
    def inner(end):
        nonlocal count, more
        count += end
        more = more + data
    inner(2)
    inner(3)
    return [count, more]
def run():
    return [f(1), g(1), outer(1, 2), (lambda end: outer)(1)(1, 1)]

== a class's attribute and a function of one name, aliases, and private properties
def limit():
    return 1
class C:
    limit = 5
    most = limit + 1
    def __init__(self):
        self._n = 1
    def _one(self):
        return [self._n, self.limit, limit(), self.most]
    two = _one
    __call__ = _one
    @property
    def _size(self):
        return self._n * 10
    @_size.setter
    def _size(self, value):
        self._n = value
def run():
    c = C()
    c._size = 4
    return [c.two(), c(), c._size]

== classes below Python's
class Wrong(Exception):
    def __init__(self, _text, _code):
        super().__init__(_text)
        self._code = _code
        self._more = 5
        self._most = 6
    def _tell(self):
        return [self._code, self._more, self._most, self.args]
class Row(list):
    def _add(self, x):
        self._last = x
        self.append(x)
        self.insert(0, self.count(x))
    def _tell(self):
        return [self._last, len(self), self.pop(), self.index(1)]
def run():
    row = Row()
    row._add(1)
    try:
        raise Wrong("t", 4)
    except Wrong as e:
        return [row._tell(), e._tell()]

== names of Python's methods, on objects of both
class Queue:
    def __init__(self):
        self._items = []
        self._taken = 0
    def put(self, one):
        self._items.append(one)
    def take(self):
        self._taken += 1
        return self._items.pop(0)
    def find(self, what):
        return "".join(self._items).find(what)
def run():
    queue = Queue()
    queue.put("a")
    queue.put("b")
    return [queue.find("b"), queue.take(), queue._taken]

== names in texts, keywords, and names of the build's own
class C:
    def __init__(self, first, second=2):
        self.first = first
        self.second = second
        self._0 = 1
        self._a = 2
        self._hidden = 3
    def _tell(self):
        return [self._0, self._a, self._hidden]
def make(kind, first, **more):
    return kind(first=first, **more)
def run():
    one = make(C, 1, second=3)
    return [getattr(one, "first"), hasattr(one, "second"), one.second, one._tell()]

== a global that a function sets, and what a module has, and a class too
import json
_count = 1
_other = [1]
def more():
    global _count
    _count += 1
    _other.append(_count)
class C:
    def dumps(self):
        self.loads = 2
        return json.dumps([json.loads("1"), self.loads])
def run():
    more()
    more()
    return [_count, _other, C().dumps()]

== a class's attribute that is given a function's name
def end():
    return 1
def write():
    return 2
def little():
    return 3
class C:
    _a, _b, _c, _d, _e, _f, _g, _h, _i, _j, _k, _l = range(12)
    def go(self):
        return [self._a, self._b, self._c, self._d, self._e, self._f, self._g, self._h, self._i,
            self._j, self._k, self._l, end(), write(), little()]
def run():
    return C().go()
""")


def right():
    """Parameters: sources, and how they are built."""
    for title, methods in RIGHT.items():
        yield pytest.param(*box(methods), id=title)
    for title, (how, sources) in JOINED.items():
        yield pytest.param(sources, how, id=title)
    for title, source in RENAMED.items():
        yield pytest.param({"a": source}, {}, id=title)
        # Classes that applications may subclass.
        how = {"classes": ["C", "Wrong", "Row", "Queue"]}
        yield pytest.param({"a": source}, how, id=title + ", public")


def refused():
    """Parameters: the text of the error, sources, and how they are built."""
    for method, call, says in NOT_WRITTEN_IN:
        yield says, *box(f"{method}\ndef go(self):\n    {call}\n")
    for says, sources in NOT_JOINED:
        yield says, sources, {}
    for says, low, high in NOT_FLAT:
        classes = _CHAIN.format("", textwrap.indent(high, "    "))
        classes = classes.replace("self.n = 1\n", "self.n = 1\n" + textwrap.indent(low, "    "))
        yield says, {"a": classes}, {"flat": {"High": ["Low", "High"]}}
    sources, how = box("def step(self): self.n = 5\ndef go(self): self.step()\n")
    yield "step is public", sources, {**how, "classes": ["Box"]}
    more = {"late": "def late(box): box.step()\n"}
    how = {**how, "files": {"base": ["a"], "late": ["late"]}}
    yield "step is used in another file", {**sources, **more}, how
    source = "def step():\n    print()\n    return 4\n\ndef run():\n    f = step\n    step()\n"
    yield "uses step, which is nowhere", {"a": source + "    return f()\n"}, {"inlined": ["step"]}


@pytest.mark.parametrize(("sources", "how"), [*right()])
def test_what_is_built_does_what_it_did(sources, how):
    both(sources, **how)


@pytest.mark.parametrize(("says", "sources", "how"), [*refused()])
def test_what_would_do_something_else_is_refused(says, sources, how):
    with pytest.raises(BuildError) as error:
        texts_of(sources, **how)
    assert says in str(error.value)


_OF_ONE_NAME = """
class A:
    def __init__(self):
        self.n = [x for x in (1, 2)]
    @property
    def size(self):
        return (lambda: 1)()
    @size.setter
    def size(self, value):
        pass
class B:
    def __init__(self):
        pass
    @property
    def size(self):
        return 2
    def copy(self):
        def inner():
            return 3
        return inner()
def run():
    a = A()
    a.size = 3
    return [a.size, B().size, B().copy()]
"""


def test_no_two_functions_of_a_file_have_one_name_and_the_map_has_all():
    assert both({"a": _OF_ONE_NAME}, classes=["A", "B"]) == [1, 2, 3]
    ((text, names),) = texts_of({"a": _OF_ONE_NAME}, classes=["A", "B"]).values()
    kinds = (ast.FunctionDef, ast.ClassDef)
    defined = sorted(node.name for node in ast.walk(ast.parse(text)) if isinstance(node, kinds))
    assert sorted(name for name in names if name[0] != "<") == defined
    assert names.pop("<module>") == ["net/__init__.py", "net/micropython.py", "a.py"]
    origins = "A A.__init__ A.size A.size B B.__init__ B.size B.copy B.copy.inner run"
    origins = [*origins.split(), "A.size.<lambda>", "A.__init__.<listcomp>"]
    assert sorted(names.values()) == sorted([f"a.py, {origin}"] for origin in origins)


# Random: a method that is written into another one that calls it. All names are from one small
# pool, so that they clash with each other and with the names of the build.

_POOL = ["append", "args", "count", "end", "key", "x", "x1", "value", "e", "e1", "_0", "_a"]
_DRAWN = """
class Box:
    def __init__(self):
        self.{n} = 1
        self.{m} = 2
        self.{log} = []
    def {bump}(self, by):
        self.{m} += by
        self.{log}.append(self.{m})
        return self.{m}
    def _step(self, {first}, {second}={default}):
{step}
    def go(self, {x}, {y}):
{go}
    def ask(self, {x}, {y}):
{ask}
def run():
    found = []
    for i in range(4):
        box = Box()
        found.append([box.go(i, 1), box.ask(i, i)])
        found.append([box.{n}, box.{m}, box.{log}])
    return found
"""


@st.composite
def drawn(draw):
    """The source of a module with `Box._step`, which `Box.go` and `Box.ask` call."""
    first, second, local, error, x, y, z = draw(st.permutations(_POOL))[:7]
    n, m, log, bump = draw(st.permutations(_POOL[:6]))[:4]
    is_expression = draw(st.booleans())

    def one_of(*what):
        return draw(st.sampled_from(what))

    def expression(*known, depth=0):
        kind = one_of("leaf", "leaf", "leaf", *(["call", "sum", "either"] if depth < 2 else []))
        if kind == "leaf":
            return one_of(one_of(*known), one_of(*"0123"), "self." + one_of(n, m))
        one = expression(*known, depth=depth + 1)
        if kind == "call":
            return f"self.{bump}({one})"
        other = expression(*known, depth=depth + 1)
        return f"({one} + {other})" if kind == "sum" else f"({one} if {other} else {one})"

    def caught(*lines):
        return ["try:", *lines, f"except IndexError as {error}:"]

    def body_lines(depth=0):
        """The body of a method that is written into its caller."""
        known = (first, second, local)
        lines = []
        for _ in range(draw(st.integers(1, 3))):
            kind = one_of(*["set", "attribute", "call", "if", "try", "for"][: 6 - depth])
            if kind == "set":
                lines.append(f"{one_of(*known)} = {expression(*known)}")
            elif kind == "attribute":
                lines.append(f"self.{one_of(n, m)} = {expression(*known)}")
            elif kind == "call":
                lines.append(f"self.{bump}({expression(*known)})")
            elif kind == "if":
                lines.append(f"if {expression(*known)} > 2:")
                lines += ["    " + line for line in body_lines(depth + 2)]
                if draw(st.booleans()):
                    lines.append(f"    return {expression(*known)}")
            elif kind == "try":
                lines += caught(f"    [{expression(*known)}][{expression(*known)}]")
                lines.append(f"    self.{log}.append(type({error}).__name__)")
            else:
                lines += [f"for {local} in range(2):", f"    self.{bump}({local})"]
        return lines

    def call():
        given = [expression(x, y) for _ in range(one_of(1, 2))]
        return f"self._step({', '.join(given)})"

    def caller():
        lines = [f"{z} = 0"]
        for _ in range(draw(st.integers(1, 3))):
            kind = one_of("set", "alone", "attribute", "loop", "handler")
            if kind == "set":
                lines.append(f"{one_of(x, y, z)} = {call()}")
            elif kind == "alone":
                lines.append(call())
            elif kind == "attribute":
                lines.append(f"self.{n} = {call()}")
            elif kind == "loop":
                lines += [f"for {z} in range(2):", f"    {x} = {call()}"]
            else:
                lines += [*caught("    [][0]"), f"    {call()}"]
                lines.append(f"    {z} = type({error}).__name__ == 'IndexError'")
        if is_expression:
            lines += [f"{y} = [{z}, {call()}]", f"return [{x}, {y}, {z}]"]
        else:
            lines.append(f"return {one_of(f'[{x}, {y}, {z}]', call())}")
        return method(lines)

    def method(lines):
        return textwrap.indent("\n".join(lines), " " * 8)

    step = [f"return {expression(first, second)}"]
    if not is_expression:
        step = [f"{local} = 0", *body_lines(), f"return {expression(first, second, local)}"]
    default, step, go, ask = one_of(0, 1, 2, 3), method(step), caller(), caller()
    return _DRAWN.format_map(locals())


# Runs programs on MicroPython, and prints their results.
_ALL = """
import gc, json, sys
sys.modules["here"] = sys
with open("programs.json") as file:
    texts = json.load(file)
said = []
for text in texts:
    names = {"__name__": "here"}
    exec(text, names)
    said.append(names["run"]())
    gc.collect()
print(said)
"""


def _ran(text):
    # The platform's module looks itself up.
    names = {"__name__": "here"}
    sys.modules["here"] = sys
    try:
        exec(text, names)
        return names["run"]()
    finally:
        del sys.modules["here"]


def test_drawn_functions_do_what_they_did_or_are_refused(tmp_path):
    count = {"refused": 0, "made": 0}
    texts, results = [], []

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(source=drawn(), is_public=st.booleans())
    def one(source, is_public):
        expected = _ran(source)
        try:
            made = texts_of({"a": source}, inlined=["_step"], classes=["Box"] * is_public)
        except BuildError as e:
            assert "give it a name" in str(e) or "returns in" in str(e), f"{e}\n{source}"
            count["refused"] += 1
            return
        text = made["base"][0]
        assert "_step" not in text
        assert _ran(text) == expected, f"{source}\n{text}"
        count["made"] += 1
        texts.append(text)
        results.append(expected)

    one()
    print(count)
    (tmp_path / "programs.json").write_text(json.dumps(texts), encoding="utf-8")
    assert said(_ALL, tmp_path, heap="8M").strip() == repr(results)
    assert count["made"] > 50


_BUILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
from build import built, identity
print(json.dumps([identity(), built()]))
"""


@pytest.mark.parametrize("which", ["oldest", pytest.param("all", marks=pytest.mark.soak)])
def test_every_python_builds_the_same(which):
    pythons = others()
    if pythons and which == "oldest":
        pythons = dict([min(pythons.items())])
    if not pythons:  # in CI too: a Debian has one, which test_mpy.py holds beside lib/mpy
        pytest.skip("needs another Python, 3.10 or newer, from pyenv or on PATH")
    right = {file: (plain(text), names) for file, (text, names) in built().items()}
    for seed, (version, python) in enumerate(pythons.items()):
        done = subprocess.run(
            [python, "-S", "-c", _BUILD, ROOT / "tools"],
            # The seed of hashes, and so of the order of sets.
            env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": ""},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
        its_id, made = json.loads(done.stdout)
        assert its_id == identity(), version
        for file, (text, names) in made.items():
            assert (plain(text), names) == right[file], f"{file} by Python {version}"


def plain(text):
    """Without the parentheses that some Pythons write around a tuple."""
    return ast.unparse(ast.parse(text))
