# ruff: noqa: F821 (MicroPython's build supplies these functions)
"""Freezes the library into a firmware: see README.md here."""

include("$(PORT_DIR)/boards/manifest.py")  # the port's own modules
include("../common/manifest.py")
