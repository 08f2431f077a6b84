"""What must hold between what a device counted, what the server got and what passed the proxy."""

from .messages import number_of
from .plans import SHUT

WAITED_FOR = ("TIMEOUT", "no sign of life from the peer")  # errors that only time shows


def check(report, connections, proxy):
    """`report`: walker.py's last word; `connections`: the server's, in the order of opening, as
    pairs of passage and messages. Returns the numbers that the server got.
    """
    got = []
    for passage, messages in connections:
        plan = passage.plan
        numbers = [number_of(message) for message in messages]
        if (plan.fault, plan.way) != ("flip", "up"):
            assert None not in numbers, (plan, messages)
        got += [number for number in numbers if number is not None]
    _check_numbers(report, got)
    _check_counts(report, proxy)
    return got


def _check_numbers(report, got):
    assert got == sorted(set(got)), "not in order, or doubled"
    assert got[-1] == report["pushed"] - 1, "the last one is missing"
    assert report["disordered"] == 0, report


def _check_counts(report, proxy):
    stats, events = report["stats"], report["events"]
    assert stats["sent"] + stats["discarded"] == report["pushed"], report
    heard = report["heard"] + report["damaged"] + 1  # 1: the order to finish
    assert stats["received"] == heard, report
    flips = [p for p in proxy.passages if p.plan[:2] == ("flip", "down")]
    assert stats["opens"] == events["open"] == stats["drops"], report
    assert events["close"] == stats["attempts"], report
    assert events["reconnecting"] == stats["attempts"] - 1, report
    assert events["error"] <= events["reconnecting"], report
    if not flips:
        assert report["damaged"] == 0, report
    carried = sum(p.bytes["up"] + p.swallowed["up"] for p in proxy.passages)
    assert carried <= stats["bytes_out"], report
    assert stats["bytes_in"] <= sum(p.bytes["down"] for p in proxy.passages), report
    if not any(p.plan.fault == SHUT for p in proxy.passages):
        assert stats["attempts"] == len(proxy.passages), report
