"""Each claim of claims_wifi.py, on both interpreters."""

from pathlib import Path

from api.test_claims import tests_of

test_claim = tests_of(Path(__file__).resolve().parent)
