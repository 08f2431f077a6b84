# ruff: noqa: F821 (MicroPython's build supplies these functions)
"""The whole library with all parts, for the manifest of each board; without line numbers."""

package("partysocket", base_path="../../lib", opt=3)
