"""The same lives in the npm package and in ours, on CPython and on MicroPython. The traces are
equal, except for the rules.

SEEDS=20000 draws so many scripts. SEED=1234 runs one of them and prints it.
"""

import functools
import json
import os

import pytest

from needs import need_micropython
from parity import traces
from parity.drawn import draw
from parity.npm import need_partysocket
from parity.rules import RULES
from parity.traces import INTERPRETERS, are_same, by_hand

_SEEDS = int(os.environ.get("SEEDS", "2500"))
_SEED = os.environ.get("SEED")
_SOAK_SEEDS = 40_000
# Scripts in one process.
_AT_ONCE = 5_000
# Scripts by hand in which rules only add events for watching.
_LEAST_PLAIN = 80
_WATCHING = {"reconnecting", "giveup", "events as they are"}


@pytest.fixture(autouse=True)
def needed(request):
    need_partysocket()
    if "micropython" in request.node.name or "compiled" in request.node.name:
        need_micropython()


def compare(scripts, mended, own):
    count, told = traces.partings(scripts, mended, own)
    assert not count, f"{count} of {len(scripts)} part:\n{told}"


@pytest.mark.parametrize("interpreter", (*INTERPRETERS, "compiled"))
def test_scripts_written_by_hand(interpreter):
    compare(*by_hand(), traces.by_hand_of_ours(interpreter))


def test_what_is_not_mended_is_the_package_itself():
    """No rule reaches beyond its own purpose. Without rules, except those that only add events or
    undo what Node does to them, many scripts give the same trace.
    """
    scripts, mended = by_hand()
    own = traces.by_hand_of_ours("cpython")
    plain = [n for n in range(len(scripts)) if not set(mended[n]["used"]) - _WATCHING]
    package = traces.theirs(scripts, [(n, list(_WATCHING)) for n in plain])
    assert [n for n, one in zip(plain, package) if not are_same(one, own[n])] == []
    assert len(plain) >= _LEAST_PLAIN


@functools.cache
def needs():
    """Rule -> scripts whose traces differ without it, if all others are applied."""
    scripts, mended = by_hand()
    own = traces.by_hand_of_ours("cpython")
    jobs = [(n, rule) for n in range(len(scripts)) for rule in mended[n]["used"]]
    without = traces.theirs(
        scripts, [(n, [one for one in RULES if one != rule]) for n, rule in jobs]
    )
    names = list(scripts)
    found = {rule: [] for rule in RULES}
    for (n, rule), trace in zip(jobs, without):
        if not are_same(trace, own[n]):
            found[rule].append(names[n])
    return found


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_is_idle(rule):
    assert needs()[rule], "no script written by hand needs it"


@functools.lru_cache(1)
def drawn(first, count):
    """Scripts from `first` on, and the package's traces."""
    scripts = {f"SEED={n}": json.loads(json.dumps(draw(n))) for n in range(first, first + count)}
    return scripts, traces.under_all_rules(scripts)


@pytest.fixture
def first_seed(request):
    seed = request.config.getoption("hypothesis_seed", None) or 20260
    print(f"hypothesis seed {seed}")
    return int(seed) % 2**32 * 100_000


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_drawn_scripts(interpreter, first_seed):
    if _SEED:
        scripts, mended = drawn(int(_SEED), 1)
        print(json.dumps(scripts, indent=1))
        compare(scripts, mended, traces.of_ours(scripts, interpreter))
        return
    scripts, mended = drawn(first_seed, _SEEDS)
    compare(scripts, mended, traces.of_ours(scripts, interpreter))
    idle = set(RULES).difference(*[trace["used"] for trace in mended])
    # These need things that are not in random scripts: constructors and handlers that raise, and
    # listeners that add listeners.
    assert idle <= {"types at once", "handlers apart", "added later"}


@pytest.mark.soak
def test_many_drawn_scripts(first_seed):
    need_micropython()
    for done in range(0, _SOAK_SEEDS, _AT_ONCE):
        scripts, mended = drawn(first_seed + done, _AT_ONCE)
        for interpreter in INTERPRETERS:
            compare(scripts, mended, traces.of_ours(scripts, interpreter))
