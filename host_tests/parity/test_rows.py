"""ROWS.md is whole, and what it says is proved is tested."""

import functools
import re
from pathlib import Path

import pytest

import tables
from parity import test_addresses
from parity.rules import RULES
from parity.scripts import all_scripts

HERE = Path(__file__).resolve().parent
_LAST = 63
_VERDICTS = ("same", "mended", "not on a board")


@functools.cache
def rows():
    """Number -> (what PartySocket does, what is made of it, the proofs)."""
    found = {}
    for line in (HERE / "ROWS.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if re.match(r"\| \d", line):
            number, what, here, proof = cells
            assert int(number) not in found, f"row {number} is there twice"
            found[int(number)] = (what, here, re.findall("`([^`]+)`", proof))
    return found


def is_proof(proof):
    """Whether a test or a script of that name exists."""
    if proof.startswith("trace: "):
        return any(name.startswith(proof[len("trace: ") :]) for name in all_scripts())
    path, _, name = proof.partition("::")
    is_claim = name.startswith(("test_", "claim_", "outside_"))
    return is_claim and name in tables.tests_of(HERE.parent / path)


def verdict(number):
    return next((one for one in _VERDICTS if rows()[number][1].startswith(one)), None)


def test_every_row_is_there():
    assert sorted(rows()) == list(range(1, _LAST + 1))


@pytest.mark.parametrize("number", range(1, _LAST + 1))
def test_row(number):
    what, here, proofs = rows()[number]
    assert len(what) > 20 and verdict(number)
    assert verdict(number) == "same" or len(here) > 30, "how, and why?"
    assert proofs, "nothing proves it"
    assert [proof for proof in proofs if not is_proof(proof)] == []


def address_rows():
    mends = (*test_addresses.MENDS, *test_addresses.REFUSALS, test_addresses.order)
    return {mend.__name__: [int(mend.__doc__.split(":")[0])] for mend in mends}


def test_rules_belong_to_rows_that_are_mended():
    of_rules = {name: numbers for name, (numbers, _) in RULES.items()}
    for name, numbers in {**of_rules, **address_rows()}.items():
        assert numbers and all(verdict(number) == "mended" for number in numbers), name


def test_a_false_proof_is_none():
    for false in (
        "api/claims_retry.py::claim_nothing",
        "api/none.py::test_echo",
        "api",
        "trace: no such script",
        "api/claims_retry.py",
        "api/world.py::in_loop",
    ):
        assert not is_proof(false), false
