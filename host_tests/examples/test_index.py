"""Checks of every example, and of the table of examples in examples/README.md."""

import ast
import re

import pytest

from e2e.devices import ROOT

FOLDER = ROOT / "examples"
TABLE = (FOLDER / "README.md").read_text(encoding="utf-8")
EXAMPLES = sorted(path.relative_to(FOLDER) for path in FOLDER.glob("*.py"))
MOST_LINES = 59


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_is_short_and_says_what_it_is(example):
    source = (FOLDER / example).read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MOST_LINES
    doc = ast.get_docstring(ast.parse(source))
    assert doc.splitlines()[0].endswith(".")
    assert re.search(rf"(?:^ *|: )(micropython|mpremote|python3) .*{example.name}", doc, re.M), (
        "how to run it"
    )


def test_the_table_names_every_example_and_the_test_that_runs_it():
    rows = dict(re.findall(r"^\| \[([\w./]+)\]\(\1\) .*\| `([\w/.]+)` \|$", TABLE, re.M))
    assert {str(example) for example in EXAMPLES} <= set(rows)
    for example, test in rows.items():
        assert (FOLDER / example).exists()
        assert example in (ROOT / "host_tests" / test).read_text(encoding="utf-8")
