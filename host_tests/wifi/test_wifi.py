"""Each claim of claims_wifi.py, on both interpreters."""

from pathlib import Path

from api.test_claims import each_claim_of

test_claim = each_claim_of(Path(__file__).resolve().parent)
