"""Traces of both libraries, and where they part."""

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
ALL = (*INTERPRETERS, "compiled")
_OURS = Path(__file__).with_name("ours.py")


def theirs(scripts, jobs):
    """Traces of the npm package. A job: (number of a script, names of rules)."""
    return npm.run("upstream.mjs", scripts=scripts, jobs=jobs)


def under_all_rules(scripts):
    return theirs(scripts, [(n, list(RULES)) for n in range(len(scripts))])


def of_ours(scripts, interpreter, lib=""):
    """Traces of our library, of the copy in `lib` if there is one."""
    command, env = command_of(interpreter, "16M")
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
        for script in scripts:
            file.write(json.dumps(_in_order(script), ensure_ascii=False) + "\n")
        file.flush()
        done = subprocess.run(
            [*command, str(_OURS), file.name],
            env={**env, "LIB": str(lib or lib_of(interpreter)), "PYTHONPATH": ""},
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    assert done.returncode == 0, (done.stdout[-2000:] + done.stderr).decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def _in_order(script):
    """`script` with its query's mappings as lists of pairs: not all interpreters keep an order."""
    query = script.get("query")
    if not query:
        return script
    if "gives" in query:
        gifts = [{**gift, "value": _pairs(gift.get("value"))} for gift in query["gives"]]
        return {**script, "query": {"gives": gifts}}
    return {**script, "query": _pairs(query)}


def _pairs(query):
    return list(query.items()) if isinstance(query, dict) else query


@functools.cache
def by_hand():
    """The scripts written by hand, and the package's traces under all rules."""
    npm.need_partysocket()
    scripts = all_scripts()
    return scripts, under_all_rules(list(scripts.values()))


@functools.cache
def by_hand_of_ours(interpreter):
    return of_ours(by_hand()[0].values(), interpreter)


def are_same(one, other):
    return all(one[part] == other[part] for part in ("trace", "dials", "uncaught", "discards"))


def parting(name, script, npms, own):
    """Where two traces part, told for a reader."""
    lines = [f"{name}: {json.dumps(script)}"]
    for at in range(max(len(npms["trace"]), len(own["trace"]))):
        pair = [trace["trace"][at : at + 1] for trace in (npms, own)]
        if pair[0] != pair[1]:
            lines += [
                f"   both {json.dumps(entry)}" for entry in own["trace"][max(0, at - 6) : at]
            ]
            lines += [f"    npm {json.dumps(entry)}" for entry in npms["trace"][at : at + 3]]
            lines += [f"   ours {json.dumps(entry)}" for entry in own["trace"][at : at + 3]]
            break
    for part in ("dials", "uncaught", "discards"):
        if npms[part] != own[part]:
            lines.append(f"    npm {part} {json.dumps(npms[part])}")
            lines.append(f"   ours {part} {json.dumps(own[part])}")
    return "\n".join(lines)


def partings(scripts, npms, own, most=5):
    """A text for each of the scripts (a dict) whose traces part, `most` at most; and their
    count.
    """
    assert len(scripts) == len(npms) == len(own)
    apart = [
        (name, script, one, other)
        for (name, script), one, other in zip(scripts.items(), npms, own)
        if not are_same(one, other)
    ]
    return len(apart), "\n".join(parting(*one) for one in apart[:most])
