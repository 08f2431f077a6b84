"""The build renames what is internal, and nothing that an application, an example, a board's file
or a part may name.
"""

import ast
import functools

import pytest

from build import built
from library import LIB, PACKAGE, PARTS, PUBLIC_CLASSES, ROOT, files
from test_stubs import OF_THE_ROOM

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
PROGRAMS = sorted(
    path
    for folder in ("examples", "boards")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
)


@pytest.fixture(scope="module")
def trees():
    return {file: ast.parse(text) for file, (text, _) in built().items()}


@functools.cache
def source(name):
    return ast.parse((LIB / PACKAGE / f"{name}.py").read_text(encoding="utf-8"))


def sources(names):
    return [source(name) for name in names]


def of(collect, trees):
    """What all these trees have."""
    return set().union(*map(collect, trees))


@functools.cache
def made(tree):
    """The attributes, and the names at the top, that a tree makes; and texts, by which it may."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Attribute, ast.Name)) and isinstance(node.ctx, ast.Store):
            found.add(node.attr if isinstance(node, ast.Attribute) else node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
    return found


@functools.cache
def parameters(tree):
    """What can be given by keyword: parameters, and the texts that `**options` looks for."""
    texts = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
    found = {text for text in texts if isinstance(text, str)}
    return found | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def stub():
    return ast.parse((LIB / PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))


def members(node):
    """{name: its parameters, or None} of a class of the stub, but for dunders and hints' own."""
    found = {}
    for one in node.body:
        if isinstance(one, FUNCTIONS):
            found[one.name] = [a.arg for a in one.args.args + one.args.kwonlyargs]
        elif isinstance(one, ast.AnnAssign):
            found[one.target.id] = None
        elif isinstance(one, ast.Assign):
            found[one.targets[0].id] = None
    return found


def class_of(trees, name):
    """All classes of this name, in all files."""
    found = [n for t in trees.values() for n in t.body if getattr(n, "name", None) == name]
    return [node for node in found if isinstance(node, ast.ClassDef)]


def test_classes_have_all_that_the_types_say(trees):
    checked = 0
    # Functions outside that are methods, and set what is the object's.
    methods = [n for tree in trees.values() for n in tree.body if isinstance(n, FUNCTIONS)]
    late = of(made, (n for n in methods if n.args.args and n.args.args[0].arg == "self"))
    for node in stub().body:
        if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
            continue
        wanted = {*members(node)} - {"__init__"}
        wanted -= late
        found = class_of(trees, node.name)
        gone = {one: wanted - made(one) - made_below(trees, one) for one in found}
        here = min(gone, key=lambda one: len(gone[one]))  # two files may have a Response
        assert gone[here] == set(), node.name
        chain = [*bases(trees, here), here]
        below = {n.name: n for one in chain for n in one.body if isinstance(n, FUNCTIONS)}
        for name, arguments in members(node).items():
            checked += 1
            if arguments is None or name not in below:
                continue
            has = {a.arg for a in ast.walk(below[name]) if isinstance(a, ast.arg)}
            texts = of(parameters, trees.values())
            gone = [
                a
                for a in arguments
                if a not in has and not (below[name].args.kwarg and a in texts)
            ]
            assert not gone, f"{node.name}.{name}: {gone}"
    assert checked > 50


def bases(trees, node):
    found = []
    for base in node.bases:
        for one in class_of(trees, getattr(base, "id", "")):
            found += [*bases(trees, one), one]
    return found


def made_below(trees, node):
    return of(made, bases(trees, node))


def test_functions_and_options_have_the_names_that_the_types_say(trees):
    every = of(parameters, trees.values())
    tops = {}
    for tree in trees.values():
        tops.update({n.name: n for n in tree.body if hasattr(n, "name")})
    checked = 0
    for node in stub().body:
        if isinstance(node, FUNCTIONS) and not node.name.startswith("_"):
            has = {a.arg for a in ast.walk(tops[node.name].args) if isinstance(a, ast.arg)}
            kwargs = tops[node.name].args.kwarg
            for one in [*node.args.args, *node.args.kwonlyargs]:
                assert one.arg in has or kwargs and one.arg in every, f"{node.name}: {one.arg}"
                checked += 1
        elif isinstance(node, ast.ClassDef) and node.name == "_Options":
            gone = [name for name in members(node) if name not in every]
            assert gone == []
            checked += len(members(node))
    assert [name for name in OF_THE_ROOM if name not in every] == []
    assert checked >= 30


def test_public_classes_and_names_are_where_they_were(trees):
    for name in PUBLIC_CLASSES:
        assert class_of(trees, name), name


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_program_names_of_the_library_is_there(path, trees):
    """Whatever the sources have, and a program uses by that name, the build still has."""
    ours = sources(name for names in files().values() for name in names if name != "net")
    attributes = of(made, ours)
    keywords = of(parameters, ours)
    program = ast.parse(path.read_text(encoding="utf-8"))
    used = {n.attr for n in ast.walk(program) if isinstance(n, ast.Attribute)}
    used |= {a.name for n in ast.walk(program) if isinstance(n, ast.ImportFrom) for a in n.names}
    given = {n.arg for n in ast.walk(program) if isinstance(n, ast.keyword) and n.arg}
    assert (used & attributes) - of(made, trees.values()) == set()
    assert (given & keywords) - of(parameters, trees.values()) == set()


@pytest.mark.parametrize("part", PARTS)
def test_what_a_part_names_of_the_rest_is_there(part, trees):
    own = sources(PARTS[part])
    makes = of(made, own)
    rest = sources(
        n for f, names in files().items() if f not in PARTS for n in names if n != "net"
    )
    others = of(made, rest) - makes
    used = {n.attr for tree in own for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    used |= {
        a.name for t in own for n in ast.walk(t) if isinstance(n, ast.ImportFrom) for a in n.names
    }
    there = of(made, (tree for file, tree in trees.items() if file not in PARTS))
    # `const` values are written out, wherever they stand.
    gone = {name for name in (used & others) - there if not name.strip("_").isupper()}
    assert gone == set()
    # And the part, as it is built, names nothing that nobody has.
    now = {n.attr for n in ast.walk(trees[part]) if isinstance(n, ast.Attribute)}
    assert (now & others) - there == set()
