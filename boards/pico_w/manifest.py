# ruff: noqa: F821 (MicroPython's build supplies these functions)
"""Freezes the library into a firmware: see README.md here."""

include("$(BOARD_DIR)/manifest.py")  # the board's own: mip, ntptime, requests
include("../common/manifest.py")
