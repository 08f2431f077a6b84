"""Starts run.py of this folder on one of the interpreters. Not for MicroPython."""

from functools import partial
from pathlib import Path

from simulation import start

run = partial(start.run, runner=Path(__file__).with_name("run.py"))
