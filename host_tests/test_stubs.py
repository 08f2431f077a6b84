"""The types in __init__.pyi are those of the library: same names, same parameters."""

import ast
import inspect
from pathlib import Path

import pytest

import partysocket
from partysocket.fetch import Response
from partysocket.hooks import Hook

STUB = Path(partysocket.__file__).with_suffix(".pyi")
BESIDE = {"Response": Response, "Hook": Hook}  # what public functions return


def parsed(text=None):
    return ast.parse(text or STUB.read_text(encoding="utf-8"))


def public(body):
    """The (name, node) pairs of a module's or a class's own names."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, node
        elif isinstance(node, ast.AnnAssign):
            yield node.target.id, node


def parameters(node):
    """A stubbed function's parameters as (name, kind, default) triples."""
    a = node.args
    given = [None] * (len(a.args) - len(a.defaults)) + a.defaults
    found = [(arg.arg, "plain", value(d)) for arg, d in zip(a.args, given)]
    if a.vararg:
        found.append((a.vararg.arg, "rest", "none"))
    found += [(arg.arg, "keyword", value(d)) for arg, d in zip(a.kwonlyargs, a.kw_defaults)]
    if a.kwarg:
        found.append((a.kwarg.arg, "options", "none"))
    return found


def value(node):
    return "none" if node is None else repr(ast.literal_eval(node))


_KINDS = {
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "plain",
    inspect.Parameter.VAR_POSITIONAL: "rest",
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_KEYWORD: "options",
}


def real_parameters(function):
    return [
        (p.name, _KINDS[p.kind], "none" if p.default is p.empty else repr(p.default))
        for p in inspect.signature(function).parameters.values()
    ]


def differences(tree):
    """What the stub says that isn't so, and what it does not say, a line each."""
    found = []
    stubbed = {name: node for name, node in public(tree.body) if not name.startswith("_")}
    for name in partysocket._HOMES:
        if name not in stubbed:
            found.append(f"{name} is not in the stub")
    for name, node in stubbed.items():
        real = BESIDE.get(name) or getattr(partysocket, name, None)
        if real is None:
            found.append(f"{name} is not in the library")
        elif isinstance(node, ast.ClassDef):
            found += of_class(name, node, real)
        elif isinstance(node, ast.FunctionDef):
            found += of_function(name, node, real)
    return found


def of_class(name, node, real):
    stubbed = dict(public(node.body))
    for member, what in stubbed.items():
        there = inspect.getattr_static(real, member, None)
        if isinstance(what, ast.AnnAssign):
            continue  # many are set in __init__; test_attributes looks
        if there is None:
            yield f"{name}.{member} is not in the library"
        elif isinstance(there, property):
            if not any(getattr(d, "id", "") == "property" for d in what.decorator_list):
                yield f"{name}.{member} is a property"
        else:
            yield from of_function(f"{name}.{member}", what, there)
    for cls in real.__mro__:
        if not cls.__module__.startswith("partysocket"):
            continue
        for member in vars(cls):
            named = [dict(public(c.body)) for c in parsed().body if isinstance(c, ast.ClassDef)]
            if not member.startswith("_") and not any(member in names for names in named):
                yield f"{name}.{member} is not in the stub"


def of_function(name, node, real):
    if isinstance(real, staticmethod):
        real = real.__func__
    if parameters(node) != real_parameters(real):
        yield f"{name}: {parameters(node)} in the stub, {real_parameters(real)} in the library"
    if isinstance(node, ast.AsyncFunctionDef) != inspect.iscoroutinefunction(real):
        yield f"{name} is async in one of the two only"


def test_the_stub_has_the_librarys_names_and_parameters():
    assert differences(parsed()) == []


def test_attributes_are_there():
    ws = partysocket.PartySocket("localhost", "r", start_closed=True)
    for node in parsed().body:
        if isinstance(node, ast.ClassDef) and node.name in ("WebSocket", "PartySocket"):
            for name, _ in public(node.body):
                assert hasattr(ws, name), name


def test_options_are_the_presets():
    (options,) = [n for n in parsed().body if getattr(n, "name", "") == "_Options"]
    assert {name for name, _ in public(options.body)} == set(partysocket.DEVICE)


@pytest.mark.parametrize(
    "old,new,expected",
    [
        ("def send(self, data:", "def send(self, what:", "WebSocket.send: "),
        ("code: int = 1000", "code: int = 1001", "WebSocket.close: "),
        ("    def stats(self)", "    def statistics(self)", "WebSocket.statistics is not in"),
        ("async def recv", "def recv", "WebSocket.recv is async"),
        ("class QueueFull", "class QueueEmpty", "QueueFull is not in the stub"),
        ("        path: str | None = None,\n", "", "PartySocket.__init__: "),
    ],
)
def test_a_wrong_stub_is_noticed(old, new, expected):
    text = STUB.read_text(encoding="utf-8")
    assert old in text
    assert any(line.startswith(expected) for line in differences(parsed(text.replace(old, new))))
