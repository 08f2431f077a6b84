"""The build changes names and places, never what the code does; what it can't do so it refuses.

Each case is a small library that shows a trap: it runs as it is and as it is built, on both
interpreters, or the build says what to do.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from build import BuildError, built, identity
from library import ROOT
from made_up import both, say, texts_of
from needs import need

# {what it shows: (functions to write in, methods of a class Box[, what else is in the module])}.
# `run` makes a Box, calls `go`, and looks at what was noted.
_BOX = """
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
{}
"""
RIGHT = {
    "an early return": (
        "step",
        """
    def step(self, x):
        if x > 1:
            if x > 2:
                return "more"
            return "two"
        self.n = x
        return "less"

    def go(self):
        a = self.step(1)
        b = self.step(2)
        c = self.step(3)
        return [a, b, c]
""",
    ),
    "a return of nothing, early": (
        "step",
        """
    def step(self, x):
        if x:
            self.bump()
            return
        self.log.append("no")

    def go(self):
        self.step(0)
        self.step(1)
        y = self.step(1)
        return y
""",
    ),
    "early returns in a loop of the caller": (
        "step",
        """
    def step(self, x):
        if x == 2:
            return None
        self.log.append(x)

    def go(self):
        for i in range(4):
            self.step(i)
        return i
""",
    ),
    "locals of one name": (
        "step",
        """
    def step(self, x):
        y = x * 10
        z = y + 1
        self.log.append(z)
        return z

    def go(self):
        y = 1
        z = self.step(y)
        w = self.step(z)
        return [y, z, w]
""",
    ),
    "a local of the name of a function that the caller calls": (
        "step",
        """
    def step(self, x):
        size = x + 1
        return [size, size]

    def go(self):
        a = size(3)
        b = self.step(1)
        return [a, b]
""",
        "def size(x):\n    return x * 100\n",
    ),
    "handlers of one name": (
        "step",
        """
    def step(self, x):
        try:
            self.log.append([1, 2][x])
        except IndexError as e:
            self.log.append(type(e).__name__)

    def go(self):
        try:
            {}["x"]
        except KeyError as e:
            self.step(5)
            self.step(1)
            return type(e).__name__
""",
    ),
    "a handler of a parameter's name": (
        "step",
        """
    def step(self, error):
        try:
            raise ValueError("v")
        except ValueError as error:
            self.log.append(type(error).__name__)

    def go(self):
        error = "mine"
        self.step(error)
        return error
""",
    ),
    "a parameter that is deleted": (
        "step",
        """
    def step(self, x):
        self.log.append(x)
        del x

    def go(self):
        y = 5
        self.step(y)
        return y
""",
    ),
    "defaults": (
        "step",
        """
    def step(self, x, by=2, word=None):
        self.log.append([x, by, word])

    def go(self):
        self.step(1)
        self.step(1, 3)
        self.step(1, 3, "w")
""",
    ),
    "an argument that is evaluated once, before": (
        "step",
        """
    def step(self, x):
        self.n = 100
        return [x, x, self.n]

    def go(self):
        a = self.step(self.bump())
        return a
""",
    ),
    "an attribute that the body changes itself": (
        "step",
        """
    def step(self, x):
        self.n += 1
        return x + self.n

    def go(self):
        return self.step(self.n)
""",
    ),
    "an attribute that a method changes which the body calls": (
        "step",
        """
    def step(self, x):
        self.bump(10)
        self.log.append(x)
        return x

    def go(self):
        a = self.step(self.n)
        return a
""",
    ),
    "an attribute that another argument changes": (
        "step",
        """
    def step(self, x, y):
        self.log.append([x, y])

    def go(self):
        self.step(self.n, self.bump())
        self.step(self.fixed, self.bump())
""",
    ),
    "what a returned value does, when nobody wants it": (
        "step",
        """
    def step(self, x):
        if x:
            return self.bump(5)
        return self.bump(7)

    def go(self):
        self.step(0)
        self.step(1)
""",
    ),
    "an expression in an expression": (
        "double",
        """
    def double(self, x):
        return x + x if x > 1 else x - 1

    def go(self):
        y = 3
        return [self.double(1), self.double(y), 2 * self.double(self.fixed)]
""",
    ),
    "a test": (
        "has_more",
        """
    def has_more(self):
        self.bump()
        return self.n > 2

    def go(self):
        found = []
        for i in range(3):
            if self.has_more():
                found.append(i)
            elif not self.has_more():
                found.append("no")
        return found
""",
    ),
    "one in another": (
        "inner outer",
        """
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
""",
    ),
    "an import of a name that the caller has": (
        "step",
        """
    def step(self, x):
        from sys import implementation as y

        return x if y else None

    def go(self):
        y = 6
        z = self.step(3)
        return [y, z]
""",
    ),
    "a coroutine": (
        "step",
        """
    async def step(self, x):
        if x > 1:
            return "many"
        self.bump(x)
        return "one"

    async def ask(self):
        a = await self.step(1)
        b = await self.step(2)
        await self.step(1)
        return [a, b]

    def go(self):
        try:
            self.ask().send(None)
        except StopIteration as e:
            return e.value
""",
    ),
    "a coroutine that is an expression": (
        "step",
        """
    async def step(self, x):
        return x + 1

    async def ask(self):
        return [await self.step(1), await self.step(5)]

    def go(self):
        try:
            self.ask().send(None)
        except StopIteration as e:
            return e.value
""",
    ),
    "an argument of the name of a local of the body": (
        "step",
        """
    def step(self, a, b):
        c = a - b
        return [a, b, c]

    def go(self):
        b, a, c = 1, 2, 3
        r = self.step(b, a)
        s = self.step(c, b)
        return [r, s, a, b, c]
""",
    ),
    "a result into what was an argument": (
        "step",
        """
    def step(self, x):
        if x > 3:
            return x - 3
        x += 1
        return x

    def go(self):
        x = 9
        x = self.step(x)
        x = self.step(x)
        self.n = self.step(self.n)
        return x
""",
    ),
    "a return out of a try of the caller": (
        "step",
        """
    def step(self, x):
        if x:
            return self.bump()
        raise ValueError(x)

    def go(self):
        try:
            return self.step(0)
        except ValueError:
            return self.step(1)
        finally:
            self.log.append("end")
""",
    ),
}
# Cases that it has to refuse: {what: (functions, methods, what the error says, [module's rest])}.
REFUSED = {
    "a default that is made once": (
        "step",
        """
    def step(self, seen=[]):
        seen.append(1)
        self.log.append(len(seen))

    def go(self):
        self.step()
        self.step()
""",
        "default that is made once",
    ),
    "a closure": (
        "step",
        """
    def step(self, x):
        self.log.append(lambda: x)

    def go(self):
        for i in range(3):
            self.step(i)
        return [f() for f in self.log]
""",
        "has a Lambda in it",
    ),
    "a lambda with a parameter of the same name": (
        "step",
        """
    def step(self, x):
        return sorted(self.log, key=lambda x: -x)

    def go(self):
        return self.step(1)
""",
        "has a Lambda in it",
    ),
    "a generator": (
        "step",
        """
    def step(self):
        yield 1

    def go(self):
        x = self.step()
        return list(x)
""",
        "has a Yield in it",
    ),
    "a coroutine that nobody awaits at once": (
        "step",
        """
    async def step(self):
        self.bump()

    def go(self):
        later = self.step()
        later.close()
""",
        "1 of its uses can't be written in",
    ),
    "a global": (
        "step",
        """
    def step(self):
        global total
        total = 5

    def go(self):
        self.step()
        return total
""",
        "has a Global in it",
        "total = 1\n",
    ),
    "arguments in another order": (
        "pair",
        """
    def pair(self, x, y):
        return [y, x]

    def go(self):
        return self.pair(self.bump(), self.bump())
""",
        "give it a name",
    ),
    "an argument that nobody reads": (
        "first",
        """
    def first(self, x, y):
        return x

    def go(self):
        return self.first(1, self.bump())
""",
        "give it a name",
    ),
    "an argument that is read perhaps": (
        "either",
        """
    def either(self, x, y):
        return x or y

    def go(self):
        return self.either(1, self.bump())
""",
        "give it a name",
    ),
    "an argument that moves behind what it changes": (
        "added",
        """
    def added(self, x):
        return self.n + x

    def go(self):
        return self.added(self.bump())
""",
        "give it a name",
    ),
    "an argument that moves behind a call": (
        "added",
        """
    def added(self, x):
        return self.bump() + x

    def go(self):
        return self.added(self.n)
""",
        "give it a name",
    ),
    "a local that hides what the body means": (
        "step",
        """
    def step(self):
        self.log.append(size(1))

    def go(self):
        size = 3
        self.step()
        return size
""",
        "go has a local size, which hides what step means by it",
        "def size(x):\n    return x * 100\n",
    ),
    "too few arguments": (
        "step",
        """
    def step(self, x):
        self.log.append(x)

    def go(self):
        self.step()
""",
        "step has other parameters",
    ),
    "too many arguments": (
        "step",
        """
    def step(self, x):
        self.log.append(x)

    def go(self):
        self.step(1, 2)
""",
        "step has other parameters",
    ),
    "the name of a method of Python's": (
        "clear",
        """
    def clear(self):
        self.n = 0

    def go(self):
        self.clear()
        self.log.clear()
""",
        "clear has the name of a method of Python's objects",
    ),
    "a name in a text": (
        "step",
        """
    def step(self):
        self.n = 0

    def go(self):
        self.step()
        getattr(self, "step")()
""",
        'may be meant by the text "step"',
    ),
    "a return in a loop": (
        "step",
        """
    def step(self):
        for i in range(3):
            if i:
                return i

    def go(self):
        x = self.step()
        return x
""",
        "step returns inside a loop or a try",
    ),
    "a function as a value": (
        "step",
        """
    def go(self):
        f = step
        step()
        return f()
""",
        "uses step, which is nowhere",
        "def step():\n    print()\n    return 4\n",
    ),
    "a static method": (
        "step",
        """
    @staticmethod
    def step():
        return 3

    def go(self):
        return self.step()
""",
        "step has a decorator",
    ),
    "super() in it": (
        "step",
        """
    def step(self):
        return super().__repr__()

    def go(self):
        return self.step()
""",
        r"step uses super\(\)",
    ),
    "keyword-only": (
        "step",
        """
    def step(self, *, x=1):
        self.n = x

    def go(self):
        self.step()
""",
        "other parameters than plain ones",
    ),
}


def defined(text):
    """The names of all functions and classes in a text, sorted, each as often as it is there."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return sorted(node.name for node in ast.walk(ast.parse(text)) if isinstance(node, kinds))


def _box(methods, rest=""):
    return {"a": _BOX.format(methods, rest)}


@pytest.mark.parametrize("case", RIGHT)
def test_a_function_that_is_written_in_does_what_it_did(case):
    functions, *source = RIGHT[case]
    both(_box(*source), inlined=functions.split())


@pytest.mark.parametrize("case", REFUSED)
def test_a_function_that_would_do_something_else_is_refused(case):
    functions, methods, says, *rest = REFUSED[case]
    with pytest.raises(BuildError, match=says):
        texts_of(_box(methods, *rest), inlined=functions.split())


# Modules that become one. `a` has `run`; a further item says how it is built.
JOINED = {
    "constants of another module, negative ones too": (
        {
            "b": "from micropython import const\nLOW = const(-3)\nMASK = const(1 << 4 | 3)\n"
            "_OWN = const(7)\nPLAIN = 12\n\ndef own():\n    return _OWN + LOW\n",
            "c": "from .b import LOW, PLAIN as FLAT\n\ndef square():\n    return LOW**2 + FLAT\n",
            "a": "from .b import LOW, MASK, own\nfrom .c import square\n\ndef run(x=2):\n"
            "    return [LOW, MASK, own(), square(), x**LOW, -LOW, LOW.__class__ is int]\n",
        },
    ),
    "a local of a constant's name": (
        {
            "b": "LIMIT = 5\n",
            "a": "from .b import LIMIT\n\ndef f(LIMIT):\n    return LIMIT\n\n"
            "def run():\n    return [LIMIT, f(1)]\n",
        },
    ),
    "imports in functions": (
        {
            "b": "def help(x):\n    return x + 1\n",
            "c": "LATE = 4\n\ndef late(x):\n    return x * LATE\n",
            "a": "from .b import help\n\ndef run():\n    from .c import LATE, late\n\n"
            "    return help(late(2)) + LATE\n",
        },
        {"files": {"base": ["b", "a"], "c": ["c"]}},
    ),
    "an import in a function, by another name": (
        {
            "b": "x = 1\n\ndef own():\n    return x\n",
            "c": "from .d import deep\n",
            "d": "def deep(x):\n    return x * 4\n",
            "a": "from .b import own\n\ndef run():\n    from .c import deep as much\n\n"
            "    return much(own())\n",
        },
        {"files": {"base": ["b", "a"], "c": ["d", "c"]}},
    ),
    "a parameter of a module's name": (
        {
            "a": "from .net import micropython as net\n\ndef f(net):\n    return net.count(1)\n\n"
            "def run():\n    return [f([1, 1]), net is None]\n",
        },
    ),
    "an if and a try at the top": (
        {
            "b": "try:\n    import nowhere\nexcept ImportError:\n    nowhere = 3\n"
            "if nowhere:\n    other = 4\nelse:\n    other = 5\n",
            "a": "from .b import nowhere, other\n\ndef run():\n    return [nowhere, other]\n",
        },
    ),
    "a chain of classes": (
        {
            "b": """
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
""",
            "c": """
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
""",
            "a": """
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
""",
        },
        {"flat": {"High": ["Low", "Middle", "High"]}, "classes": ["High"]},
    ),
}
NOT_JOINED = {
    "one name in two modules": (
        {"b": "def f():\n    pass\n", "a": "def f():\n    pass\n"},
        "f is in b and in a",
    ),
    "one name in two modules, under an if": (
        {"b": "if True:\n    f = 1\n", "a": "try:\n    f = 2\nexcept OSError:\n    pass\n"},
        "f is in b and in a",
    ),
    "a module of Python's and a function": (
        {"b": "import time\n", "a": "def time():\n    pass\n"},
        "time is in a, and imported",
    ),
    "a function of Python's": (
        {"b": "def open():\n    pass\n", "a": "def run():\n    return open('x')\n"},
        "open is in b, and a means Python's",
    ),
    "two constants of one name": (
        {
            "b": "LIMIT = 1\n",
            "c": "LIMIT = 2\n",
            "a": "def f():\n    from .b import LIMIT\n    return LIMIT\n\n"
            "def run():\n    from .c import LIMIT\n    return LIMIT\n",
        },
        "a imports LIMIT from two modules",
    ),
    "a constant that is set again": (
        {"a": "COUNT = 0\n\ndef run():\n    global COUNT\n    COUNT += 1\n    return COUNT\n"},
        "COUNT is a constant, and is set",
    ),
    "a constant that is made twice": (
        {"a": "A = B = 3\n\ndef run():\n    return A + B\n"},
        "a constant is made once",
    ),
    "a constant that a class hides": (
        {"a": "A = 3\n\nclass C:\n    A = 4\n    b = A\n"},
        "A is a constant, and is set",
    ),
    "a constant of what is none": (
        {"a": "from .b import f\nA = f + 3\n", "b": "f = 2.5\n"},
        "is not understood",
    ),
    "all names of a module": (
        {"b": "x = 1\n", "a": "from .b import *\n"},
        "import names from b, not",
    ),
    "what is set in another module": (
        {"a": "from .net import micropython as net\n\ndef run():\n    net.x = 4\n"},
        "a sets net.x",
    ),
    "an import that is set too": (
        {"b": "x = 1\n", "a": "def run():\n    from .b import x\n    x = x + 1\n    return x\n"},
        "x is imported, and set",
    ),
    "a module as a whole": (
        {"b": "x = 1\n", "a": "from . import b\n\ndef run():\n    return f(b)\n"},
        "uses b, f",
    ),
}
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
NOT_FLAT = {
    "a base's method from another one": (
        "    def f(self):\n        return 1\n",
        "    def f(self):\n        return 2\n    def go(self):\n        return super().f()\n",
        r"super\(\).f is left over",
    ),
    "a base's value": (
        "    def go(self):\n        return 1\n",
        "    def go(self):\n        return super().go() + 1\n",
        r"super\(\).go is left over",
    ),
    "locals of one name": (
        "    def go(self):\n        x = 5\n        self.n = x\n",
        "    def go(self):\n        x = 1\n        super().go()\n        return x\n",
        "go of both Low and High has x",
    ),
    "a parameter that the base sets": (
        "    def f(self, x):\n        x += 1\n        self.n = x\n",
        "    def f(self, x):\n        super().f(x)\n        return x\n"
        "    def go(self):\n        return self.f(1)\n",
        "f of both Low and High has x",
    ),
    "a keyword": (
        "    def go(self, *, by=1):\n        self.n += by\n",
        "    def go(self):\n        super().go(by=5)\n        return self.n\n",
        "both need the same names",
    ),
    "a base by its name": (
        "    def f(self):\n        return 1\n",
        "    def go(self):\n        return isinstance(self, Low)\n",
        "uses Low, which is nowhere",
    ),
}


@pytest.mark.parametrize("case", JOINED)
def test_modules_that_become_one_do_what_they_did(case):
    sources, *how = JOINED[case]
    both(sources, **(how[0] if how else {}))


@pytest.mark.parametrize("case", NOT_JOINED)
def test_modules_that_would_do_something_else_as_one_are_refused(case):
    sources, says = NOT_JOINED[case]
    with pytest.raises(BuildError, match=says):
        texts_of(sources)


@pytest.mark.parametrize("case", NOT_FLAT)
def test_classes_that_would_do_something_else_as_one_are_refused(case):
    low, high, says = NOT_FLAT[case]
    with pytest.raises(BuildError, match=says):
        texts_of({"a": _CHAIN.format(low, high)}, flat={"High": ["Low", "High"]})


RENAMED = {
    "a handler of a parameter's name": """
def f(error):
    try:
        raise ValueError(3)
    except ValueError as error:
        return error.args
def run():
    return f(1)
""",
    "a function in a function": """
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
    return [outer(1, 2), (lambda end: outer)(1)(1, 1)]
""",
    "an import of a parameter's name": """
def f(maxsize):
    from sys import maxsize
    return maxsize > 2
def run():
    return f(1)
""",
    "a class's attribute and a function of one name": """
def limit():
    return 1
class C:
    limit = 5
    most = limit + 1
    def get(self):
        return [self.limit, limit(), self.most]
def run():
    return C().get()
""",
    "aliases in a class, and private properties": """
class C:
    def __init__(self):
        self._n = 1
    def _one(self):
        return self._n
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
""",
    "errors with values of their own": """
class Wrong(Exception):
    def __init__(self, _text, _code):
        super().__init__(_text)
        self._code = _code
        self._more = 5
        self._most = 6
    def _tell(self):
        return [self._code, self._more, self._most, self.args]
def run():
    try:
        raise Wrong("t", 4)
    except Wrong as e:
        return e._tell()
""",
    "a class below Python's": """
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
    return row._tell()
""",
    "names of Python's methods, on objects of both": """
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
""",
    "names in texts, and keywords": """
class C:
    def __init__(self, first, second=2):
        self.first = first
        self.second = second
def make(kind, first, **more):
    return kind(first=first, **more)
def run():
    one = make(C, 1, second=3)
    return [getattr(one, "first"), hasattr(one, "second"), one.second]
""",
    "a global that a function sets": """
_count = 1
_other = [1]
def more():
    global _count
    _count += 1
    _other.append(_count)
def run():
    more()
    more()
    return [_count, _other]
""",
    "what a module has, and a class too": """
import json
class C:
    def dumps(self):
        self.loads = 2
        return json.dumps([json.loads("1"), self.loads])
def run():
    return C().dumps()
""",
    "a class's attribute that is given a function's name": """
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
""",
    "names of the build's own": """
class C:
    def __init__(self):
        self._0 = 1
        self._a = 2
        self._hidden = 3
    def _tell(self):
        return [self._0, self._a, self._hidden]
def run():
    return C()._tell()
""",
}


@pytest.mark.parametrize("is_public", [False, True])
@pytest.mark.parametrize("case", RENAMED)
def test_what_has_other_names_does_what_it_did(case, is_public):
    both({"a": RENAMED[case]}, classes=["C", "Wrong", "Row", "Queue"] if is_public else [])


def test_no_two_functions_of_a_file_have_one_name_and_the_map_has_all():
    source = """
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
    assert both({"a": source}, classes=["A", "B"]) == [1, 2, 3]
    ((text, names),) = texts_of({"a": source}, classes=["A", "B"]).values()
    assert sorted(names) == sorted({*defined(text), "<module>", "<lambda>", "<listcomp>"})
    assert names["<lambda>"] == ["a.py, A.size.<lambda>"]
    assert names["<module>"] == ["net/__init__.py", "net/micropython.py", "a.py"]
    found = sorted(first for name, (first, *_) in names.items() if name[0] != "<")
    assert found == sorted(
        ["a.py, A", "a.py, A.__init__", "a.py, A.size", "a.py, A.size", "a.py, B", "a.py, run"]
        + ["a.py, B.__init__", "a.py, B.size", "a.py, B.copy", "a.py, B.copy.inner"]
    )


def test_functions_in_functions_that_have_one_name_are_refused():
    source = "def f():\n    def g(): pass\n\ndef h():\n    def g(): pass\n"
    with pytest.raises(BuildError, match="g is the name of a.py, f.g and of a.py, h.g"):
        texts_of({"a": source})


def test_a_method_that_another_file_calls_is_not_written_in():
    sources = _box(
        "    def step(self):\n        self.n = 5\n    def go(self):\n        self.step()\n"
    )
    sources["late"] = "def late(box):\n    box.step()\n"
    with pytest.raises(BuildError, match="step is used in another file"):
        texts_of(sources, inlined=["step"], files={"base": ["a"], "late": ["late"]})


def test_a_public_method_is_not_written_in():
    sources = _box(
        "    def step(self):\n        self.n = 5\n    def go(self):\n        self.step()\n"
    )
    with pytest.raises(BuildError, match="step is public"):
        texts_of(sources, inlined=["step"], classes=["Box"])


# Drawn: a method that is written in, and one that calls it; all names from one small pool, so that
# they clash, and clash with those that the build gives.

_POOL = ["append", "args", "count", "end", "key", "x", "x1", "value", "e", "e1", "_0", "_a"]


@st.composite
def drawn(draw):
    """The source of a module with `Box._step`, which is called by `Box.go` and `Box.ask`."""
    names = draw(st.permutations(_POOL))
    first, second, local, error, x, y, z = names[:7]
    n, m, log, bump = draw(st.permutations(_POOL[:6]))[:4]
    is_one = draw(st.booleans())  # an expression

    def expression(known, depth=0):
        kinds = ["name", "number", "attribute"] + (["call", "sum", "either"] if depth < 2 else [])
        kind = draw(st.sampled_from(kinds))
        if kind == "name":
            return draw(st.sampled_from(known))
        if kind == "number":
            return str(draw(st.integers(0, 3)))
        if kind == "attribute":
            return "self." + draw(st.sampled_from([n, m]))
        one = expression(known, depth + 1)
        if kind == "call":
            return f"self.{bump}({one})"
        other = expression(known, depth + 1)
        return f"({one} + {other})" if kind == "sum" else f"({one} if {other} else {one})"

    def block(known, indent, depth, returns):
        lines = []
        for _ in range(draw(st.integers(1, 3))):
            kind = draw(
                st.sampled_from(["set", "attribute", "call", "if", "try", "for"][: 6 - depth])
            )
            pad = "    " * indent
            if kind == "set":
                lines.append(f"{pad}{draw(st.sampled_from(known))} = {expression(known)}")
            elif kind == "attribute":
                lines.append(f"{pad}self.{draw(st.sampled_from([n, m]))} = {expression(known)}")
            elif kind == "call":
                lines.append(f"{pad}self.{bump}({expression(known)})")
            elif kind == "if":
                lines.append(f"{pad}if {expression(known)} > 2:")
                lines += block(known, indent + 1, depth + 2, returns)
                if returns and draw(st.booleans()):
                    lines.append(f"{pad}    return {expression(known)}")
            elif kind == "try":
                lines.append(f"{pad}try:")
                lines.append(f"{pad}    [{expression(known)}][{expression(known)}]")
                lines.append(f"{pad}except IndexError as {error}:")
                lines.append(f"{pad}    self.{log}.append(type({error}).__name__)")
            else:
                lines.append(f"{pad}for {local} in range(2):")
                lines.append(f"{pad}    self.{bump}({local})")
        return lines

    def call():
        given = expression([x, y])
        return (
            f"self._step({given}, {expression([x, y])})"
            if draw(st.booleans())
            else f"self._step({given})"
        )

    lines = ["class Box:", "    def __init__(self):"]
    lines += [f"        self.{n} = 1", f"        self.{m} = 2", f"        self.{log} = []"]
    lines += [f"    def {bump}(self, by):", f"        self.{m} += by"]
    lines += [f"        self.{log}.append(self.{m})", f"        return self.{m}"]
    lines.append(f"    def _step(self, {first}, {second}={draw(st.integers(0, 3))}):")
    if not is_one:
        lines.append(f"        {local} = 0")
        lines += block([first, second, local], 2, 0, True)
    lines.append(f"        return {expression([first, second, *([] if is_one else [local])])}")
    for caller in ("go", "ask"):
        lines.append(f"    def {caller}(self, {x}, {y}):")
        lines.append(f"        {z} = 0")
        for _ in range(draw(st.integers(1, 3))):
            kind = draw(st.sampled_from(["set", "alone", "attribute", "loop", "handler"]))
            if kind == "set":
                lines.append(f"        {draw(st.sampled_from([x, y, z]))} = {call()}")
            elif kind == "alone":
                lines.append(f"        {call()}")
            elif kind == "attribute":
                lines.append(f"        self.{n} = {call()}")
            elif kind == "loop":
                lines += [f"        for {z} in range(2):", f"            {x} = {call()}"]
            else:
                lines += [
                    "        try:",
                    "            [][0]",
                    f"        except IndexError as {error}:",
                ]
                lines += [
                    f"            {call()}",
                    f"            {z} = type({error}).__name__ == 'IndexError'",
                ]
        if is_one:
            lines.append(f"        {y} = [{z}, {call()}]")
            lines.append(f"        return [{x}, {y}, {z}]")
        else:
            lines.append(f"        return {draw(st.sampled_from([f'[{x}, {y}, {z}]', call()]))}")
    lines += ["def run():", "    found = []", "    for i in range(4):", "        box = Box()"]
    lines += ["        found.append([box.go(i, 1), box.ask(i, i)])"]
    lines += [f"        found.append([box.{n}, box.{m}, box.{log}])", "    return found", ""]
    return "\n".join(lines)


def _all_of(texts):
    """A program that runs these and prints what they say, for MicroPython."""
    return (
        "import gc, sys\nsys.modules['here'] = sys\nsaid = []\nfor text in " + repr(texts) + ":\n"
        "    names = {'__name__': 'here'}\n    exec(text, names)\n"
        "    said.append(names['run']())\n"
        "    gc.collect()\nprint(said)\n"
    )


def _ran(text):
    names = {"__name__": "here"}  # the platform's module looks itself up
    sys.modules["here"] = sys
    try:
        exec(text, names)
        return names["run"]()
    finally:
        del sys.modules["here"]


def test_drawn_functions_do_what_they_did_or_are_refused():
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
    assert say("exec(open('drawn.py').read())", {"drawn.py": _all_of(texts)}) == repr(results)
    assert count["made"] > 50


def other_pythons():
    """Other versions of Python on this machine, that the tools run on."""
    found = {}
    for path in [*Path.home().glob(".pyenv/versions/3.*/bin/python"), *map(shutil.which, _NAMES)]:
        if path:
            code = "import sys; print(sys.version_info >= (3, 10) and sys.version_info[:2])"
            done = subprocess.run([path, "-c", code], capture_output=True, text=True, timeout=60)
            if done.returncode == 0 and done.stdout[0] == "(":
                found[done.stdout.strip()] = str(path)
    found.pop(str(sys.version_info[:2]), None)
    return found


_NAMES = [f"python3.{minor}" for minor in range(10, 20)]
_BUILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
from build import built, identity
print(json.dumps([identity(), built()]))
"""


def test_every_python_builds_the_same():
    pythons = other_pythons()
    need("another Python, 3.10 or newer", pythons, "pyenv has some")
    right = {file: (plain(text), names) for file, (text, names) in built().items()}
    for seed, (version, python) in enumerate(pythons.items()):
        done = subprocess.run(
            [python, "-S", "-c", _BUILD, ROOT / "tools"],
            # Of the hashes, and so of the order of sets.
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
    """Without the brackets that some Pythons write around what is a tuple anyway."""
    return ast.unparse(ast.parse(text))
