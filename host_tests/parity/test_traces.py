"""The same lives, lived by the npm package and by ours: the traces are equal, but for the rules.

SEEDS=20000 draws so many scripts, SEED=1234 plays one of them and prints it.
"""

import functools
import json
import os

import pytest

from parity.drawn import draw
from parity.npm import need_partysocket
from parity.rules import RULES
from parity.traces import are_same, by_hand, of_ours, partings, theirs, under_all_rules

_SEEDS = int(os.environ.get("SEEDS", "2500"))
_SEED = os.environ.get("SEED")
_SOAK_SEEDS = 40_000
_LEAST_PLAIN = 80  # scripts by hand in which nothing is mended but what is watched by
_WATCHING = {"reconnecting", "giveup", "events as they are"}


def test_scripts_written_by_hand():
    count, told = partings(*by_hand())
    assert not count, f"{count} of {len(by_hand()[0])} part:\n{told}"


def test_what_is_not_mended_is_the_package_itself():
    """No rule reaches beyond its own: without those that only add events, or undo what Node does
    to them, the others being off, many scripts give the same.
    """
    scripts, mended, own = by_hand()
    plain = [n for n in range(len(scripts)) if not set(mended[n]["used"]) - _WATCHING]
    package = theirs(list(scripts.values()), [(n, list(_WATCHING)) for n in plain])
    assert [n for n, one in zip(plain, package) if not are_same(one, own[n])] == []
    assert len(plain) >= _LEAST_PLAIN


@functools.cache
def needs():
    """Rule -> scripts whose traces part without it, all others being on."""
    scripts, mended, own = by_hand()
    jobs = [(n, rule) for n in range(len(scripts)) for rule in mended[n]["used"]]
    without = theirs(
        list(scripts.values()), [(n, [one for one in RULES if one != rule]) for n, rule in jobs]
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


def drawn_seeds(request, count):
    seed = request.config.getoption("hypothesis_seed", None) or 20260
    print(f"hypothesis seed {seed}")
    first = int(seed) % 2**32 * 100_000
    return range(first, first + count)


def compare_drawn(seeds):
    need_partysocket()
    scripts = {f"SEED={seed}": json.loads(json.dumps(draw(seed))) for seed in seeds}
    plans = list(scripts.values())
    mended = under_all_rules(plans)
    count, told = partings(scripts, mended, of_ours(plans))
    assert not count, f"{count} of {len(plans)} part:\n{told}"
    return mended


def test_drawn_scripts(request):
    if _SEED:
        print(json.dumps(draw(int(_SEED)), indent=1))
        compare_drawn([int(_SEED)])
        return
    mended = compare_drawn(drawn_seeds(request, _SEEDS))
    idle = set(RULES).difference(*[trace["used"] for trace in mended])
    # These need what is not drawn: constructors that raise, handlers that do, listeners that add.
    assert idle <= {"types at once", "handlers apart", "added later"}


@pytest.mark.soak
def test_many_drawn_scripts(request):
    compare_drawn(drawn_seeds(request, _SOAK_SEEDS))
