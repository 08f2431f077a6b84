"""The modules of `tools/screenshots.py`."""
