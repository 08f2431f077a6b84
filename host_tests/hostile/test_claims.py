"""Each claim of claims_*.py, on both interpreters."""

from pathlib import Path

from api.test_claims import each_claim_of, run

test_claim = each_claim_of(Path(__file__).resolve().parent)


def test_attacks_where_memory_is_short(micropython):
    name = "claim_rounds_of_attacks_and_floods_leave_the_heap_as_it_was"
    results, output = run("hostile.claims_frames", "micropython", name, heap="1M")
    assert results.get(name) == "", output[-3000:]
