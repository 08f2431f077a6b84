"""Each claim of claims_*.py, on both interpreters, and once with little memory."""

from pathlib import Path

from api.test_claims import each_claim_of, run_process

HERE = Path(__file__).resolve().parent

test_claim = each_claim_of(HERE)


def test_attacks_where_memory_is_short(micropython):
    name = "claim_rounds_of_attacks_and_floods_leave_the_heap_as_it_was"
    output = run_process(HERE / "claims_frames.py", "micropython", [name], heap="1M")
    assert '"text": ""' in output, output[-3000:]
