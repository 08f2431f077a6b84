"""Reads tables of claims and of the tests for them: PAINS.md and similar files."""

import ast
import functools
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent


def rows(path):
    """The rows of the first table in a Markdown file, as lists of cells, without its head."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def tests_in(cell):
    """The `path::name` pairs that a cell names: tests, and claims of api/."""
    return re.findall(r"([\w/]+\.py)::((?:test|claim|outside)_\w+)", cell)


@functools.cache
def tests_of(path):
    """The names of the tests in a file, or none if there is no such file."""
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, kinds))


def unproved(table, root=HERE):
    """The problems in the last cells of a table's rows, one line each."""
    found = []
    for row in table:
        named = tests_in(row[-1])
        if not named:
            found.append(f"row {row[0]} has no test")
        for path, name in named:
            if name not in tests_of(root / path):
                found.append(f"row {row[0]}: there is no {path}::{name}")
    return found
