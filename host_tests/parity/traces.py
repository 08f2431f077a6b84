"""Traces of both libraries, and where they differ."""

import functools
import json
import subprocess
import tempfile
from pathlib import Path

from interpreters import command_of, lib_of
from parity import npm
from parity.rules import RULES
from parity.scripts import all_scripts

INTERPRETERS = ("cpython", "micropython")
_PARTS = ("trace", "dials", "uncaught", "discards")
_OURS = Path(__file__).with_name("ours.py")


def theirs(scripts, jobs):
    """Traces of the npm package. A job: (number of a script, names of rules)."""
    return npm.run("upstream.mjs", scripts=list(scripts.values()), jobs=jobs)


def under_all_rules(scripts):
    return theirs(scripts, [(n, list(RULES)) for n in range(len(scripts))])


def of_ours(scripts, interpreter, lib=""):
    """Traces of our library, or of the copy in `lib`."""
    command, env = command_of(interpreter, "16M")
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
        for script in scripts.values():
            file.write(json.dumps(script, ensure_ascii=False) + "\n")
        file.flush()
        done = subprocess.run(
            [*command, str(_OURS), file.name],
            env={**env, "LIB": str(lib or lib_of(interpreter)), "PYTHONPATH": ""},
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    assert done.returncode == 0, (done.stdout[-2000:] + done.stderr).decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


@functools.cache
def by_hand():
    """The scripts written by hand, and the package's traces with all rules."""
    npm.need_partysocket()
    scripts = all_scripts()
    return scripts, under_all_rules(scripts)


@functools.cache
def by_hand_of_ours(interpreter):
    return of_ours(by_hand()[0], interpreter)


def are_same(one, other):
    return all(one[part] == other[part] for part in _PARTS)


def partings(scripts, npms, own):
    """How many of the scripts (a dict) have traces that differ, and a text about the first few."""
    assert len(scripts) == len(npms) == len(own)
    apart = [each for each in zip(scripts.items(), npms, own) if not are_same(*each[1:])]
    return len(apart), "\n".join(_parting(*each) for each in apart[:5])


def _parting(script, npms, own):
    """A text about the place where two traces differ."""
    lines = [json.dumps(script)]
    theirs, ours = npms["trace"], own["trace"]
    at = next((n for n, (one, other) in enumerate(zip(theirs, ours)) if one != other), None)
    if at is None and len(theirs) != len(ours):
        at = min(len(theirs), len(ours))
    if at is not None:
        for who, entries in (
            ("both", ours[max(0, at - 6) : at]),
            ("npm", theirs[at : at + 3]),
            ("ours", ours[at : at + 3]),
        ):
            lines += [f"{who:>7} {json.dumps(entry)}" for entry in entries]
    for part in _PARTS[1:]:
        if npms[part] != own[part]:
            lines.append(f"    npm {part} {json.dumps(npms[part])}")
            lines.append(f"   ours {part} {json.dumps(own[part])}")
    return "\n".join(lines)
