"""Each claim of claims_*.py, on both interpreters and with the compiled form."""

from pathlib import Path

from api.test_claims import each_claim_of

test_claim = each_claim_of(Path(__file__).resolve().parent)
