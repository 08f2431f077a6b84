"""The modules of `tools/demo.py`."""
