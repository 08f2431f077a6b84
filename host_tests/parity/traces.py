"""Traces of both libraries, and where they part."""

import functools
import json

from parity import npm, ours
from parity.rules import RULES
from parity.scripts import all_scripts

_AT_ONCE = 500  # scripts in one event loop


def theirs(scripts, jobs):
    """Traces of the npm package. A job: (number of a script, names of rules)."""
    return npm.run("upstream.mjs", scripts=scripts, jobs=jobs)


def under_all_rules(scripts):
    return theirs(scripts, [(n, list(RULES)) for n in range(len(scripts))])


def of_ours(scripts):
    scripts = json.loads(json.dumps(scripts))  # what is shared by mistake is not
    traces = []
    for i in range(0, len(scripts), _AT_ONCE):
        traces += ours.play_all(scripts[i : i + _AT_ONCE])
    return json.loads(json.dumps(traces))


@functools.cache
def by_hand():
    """The scripts written by hand, the package's traces under all rules, and ours."""
    npm.need_partysocket()
    scripts = all_scripts()
    plans = list(scripts.values())
    return scripts, under_all_rules(plans), of_ours(plans)


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
    apart = [
        (name, script, one, other)
        for (name, script), one, other in zip(scripts.items(), npms, own)
        if not are_same(one, other)
    ]
    return len(apart), "\n".join(parting(*one) for one in apart[:most])
