"""Runs the pure tests on a real MicroPython too.

This folder is not named `micropython`, because CPython would then find it instead of MicroPython's
module of that name.
"""
