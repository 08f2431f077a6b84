"""The modules of `tools/deploy.py`."""
