"""Runs the pure tests on a real MicroPython as well.

This folder is not called `micropython`: CPython would then find it in place of MicroPython's
module of that name.
"""
