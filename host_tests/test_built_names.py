"""The build renames what is internal, and nothing that the types say, or that an application, an
example, a board's file or a part may name.
"""

import ast
import functools

import pytest

from build import built
from library import LATE, LIB, PACKAGE, PARTS, ROOT, files, files_of

STUB = LIB / PACKAGE / "__init__.pyi"
TYPING = {"Protocol"}  # what the types import
PROGRAMS = sorted(
    path
    for folder in ("examples", "boards")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
)


@functools.cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def made(tree):
    """What others may name of a tree: attributes and names at the top, and `x=` for what they may
    give by keyword. A text may stand for either.
    """
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg + "=")
        elif isinstance(node, (ast.Attribute, ast.Name)) and isinstance(node.ctx, ast.Store):
            found.add(node.attr if isinstance(node, ast.Attribute) else node.id)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value, node.value + "="}
    return found


def used(tree):
    """What a tree names of others, in the same words."""
    nodes = list(ast.walk(tree))
    found = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    found |= {a.name for node in nodes if isinstance(node, ast.ImportFrom) for a in node.names}
    return found | {f"{n.arg}=" for n in nodes if isinstance(n, ast.keyword) and n.arg}


def of(collect, trees):
    """What all these trees have."""
    return set().union(*map(collect, trees))


def sources(chosen):
    """The trees of what these files of the compiled form are made of."""
    names = {name for file in chosen for name in files()[file]} - {"net"}
    return [parsed(LIB / PACKAGE / f"{name}.py") for name in names]


@pytest.fixture(scope="module")
def trees():
    return {file: ast.parse(text) for file, (text, _) in built().items()}


@pytest.mark.parametrize("path", [STUB, *PROGRAMS], ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_named_of_the_library_is_there(path, trees):
    """Whatever the sources have, and a program or the types name, the build still has."""
    named = made(parsed(path)) - TYPING if path == STUB else used(parsed(path))
    named &= of(made, sources(files()))
    assert path != STUB or named >= {"HandshakeError", "recv", "data=", "max_retries"}
    assert named - of(made, trees.values()) == set()


@pytest.mark.parametrize("part", PARTS)
def test_what_a_part_names_of_the_rest_is_there(part, trees):
    own = files_of(part)
    base = [file for file in files() if file not in PARTS and file not in LATE]
    others = of(made, sources(base)) - of(made, sources(own))
    there = of(made, (trees[file] for file in base))
    # `const` values are written out, wherever they stand.
    gone = (of(used, sources(own)) & others) - there
    assert {name for name in gone if not name.strip("_").isupper()} == set()
    # And the part, as it is built, names nothing that nobody has.
    ours = [trees[file] for file in own]
    assert (of(used, ours) & others) - there - of(made, ours) == set()
