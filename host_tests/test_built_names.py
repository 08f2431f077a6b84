"""The build renames internal names, but no name in the types, and none that an application, an
example, a board's file or a part may use.
"""

import ast
import functools

import pytest

from build import built
from library import LATE, LIB, PACKAGE, PARTS, ROOT, files, files_of

STUB = LIB / PACKAGE / "__init__.pyi"
# The types import it.
TYPING = {"Protocol"}
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
    """Names of a tree that others may use: attributes, names at the top level, and `x=` for
    parameters that may be passed by keyword. Each may also be in a text.
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
    """Names of others that a tree uses, in the same form."""
    nodes = list(ast.walk(tree))
    found = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    found |= {a.name for node in nodes if isinstance(node, ast.ImportFrom) for a in node.names}
    return found | {f"{n.arg}=" for n in nodes if isinstance(n, ast.keyword) and n.arg}


def of(collect, trees):
    """The names in all these trees."""
    return set().union(*map(collect, trees))


def sources(chosen):
    """The trees of the sources of these compiled files."""
    names = {name for file in chosen for name in files()[file]} - {"net"}
    return [parsed(LIB / PACKAGE / f"{name}.py") for name in names]


@pytest.fixture(scope="module")
def trees():
    return {file: ast.parse(text) for file, (text, _) in built().items()}


@pytest.mark.parametrize("path", [STUB, *PROGRAMS], ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_named_of_the_library_is_there(path, trees):
    """Names that are in the sources, and that a program or the types use, are in the build too."""
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
    # `const` values replace their names everywhere.
    gone = (of(used, sources(own)) & others) - there
    assert {name for name in gone if not name.strip("_").isupper()} == set()
    # The built part uses no name that is not defined.
    ours = [trees[file] for file in own]
    assert (of(used, ours) & others) - there - of(made, ours) == set()
