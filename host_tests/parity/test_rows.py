"""ROWS.md is complete, and what it says is proved is tested."""

import re
from pathlib import Path

import pytest

import tables
from parity import test_addresses
from parity.rules import RULES
from parity.scripts import all_scripts

HERE = Path(__file__).resolve().parent
ROWS = tables.rows(HERE / "ROWS.md")
VERDICTS = {int(row[0]): re.match("same|mended|not on a board", row[2])[0] for row in ROWS}


def is_proof(proof):
    """Whether a test or a script of that name exists."""
    if proof.startswith("trace: "):
        return any(name.startswith(proof[len("trace: ") :]) for name in all_scripts())
    path, _, name = proof.partition("::")
    is_claim = name.startswith(("test_", "claim_", "outside_"))
    return is_claim and name in tables.tests_of(HERE.parent / path)


def test_every_row_is_there_once():
    assert [int(row[0]) for row in ROWS] == list(range(1, 64))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_row(row):
    number, what, here, proof = row
    assert len(what) > 20
    assert VERDICTS[int(number)] == "same" or len(here) > 30, "how, and why?"
    proofs = re.findall("`([^`]+)`", proof)
    assert proofs, "nothing proves it"
    assert [proof for proof in proofs if not is_proof(proof)] == []


def test_rules_belong_to_rows_that_are_mended():
    numbers = {name: rows for name, (rows, _) in RULES.items()}
    for mend in (*test_addresses.MENDS, *test_addresses.REFUSALS, test_addresses.order):
        numbers[mend.__name__] = [int(mend.__doc__.split(":")[0])]
    for name, rows in numbers.items():
        assert rows and all(VERDICTS[row] == "mended" for row in rows), name


def test_a_false_proof_is_none():
    for false in ("api/claims_retry.py::claim_nothing", "api/world.py::in_loop", "trace: none"):
        assert not is_proof(false), false
