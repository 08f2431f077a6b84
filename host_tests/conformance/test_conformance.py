"""The cases of the Autobahn test suite, served by kosoku, with a client on each interpreter.

Compression (sections 12 and 13) is left out, because we never offer it. Section 9, with messages
of up to 16 MiB, needs half a gigabyte: it is in `make soak`. The reports are in build/conformance;
their index.html shows the bytes on the wire in each case.
"""

import functools

import pytest

from circuitpython.runner import BOARDS
from conformance.run import Run

CASES = {1: 16, 2: 11, 3: 7, 4: 10, 5: 20, 6: 145, 7: 37, 10: 1}
TITLES = {1: "framing", 2: "pings", 3: "reserved bits", 4: "opcodes", 5: "fragments", 6: "utf-8"}
TITLES.update({7: "closing", 9: "large messages", 10: "automatic fragments"})
LARGE_CASES = 54

# NON-STRICT is not passed: it means correct, but not as fast as the suite wants.
_PASSED = ("OK", "INFORMATIONAL")


@functools.cache
def core_run(interpreter):
    sections = [f"{section}.*" for section in CASES]
    count = sum(CASES.values())
    return Run(interpreter, interpreter, sections, count, most=300_000, heap="8M", limit_s=30)


@pytest.fixture(params=["micropython", "compiled", "cpython", *BOARDS])
def interpreter(request):
    return request.param


@pytest.fixture
def run(interpreter):
    run = core_run(interpreter)
    print("reports:", run.reports / "index.html")
    return run


def check(run, section, count):
    """Compare the grades of a section with the wanted ones, and list the differences for each
    case.
    """
    graded = {
        case: (grades["behavior"], grades["behaviorClose"])
        for case, grades in run.cases.items()
        if case.split(".")[0] == str(section)
    }
    faults = [
        f"{case}: behavior {behavior}, close {close}"
        for case, (behavior, close) in graded.items()
        if behavior not in _PASSED or close not in _PASSED
    ]
    if len(graded) != count:
        faults.append(f"{len(graded)} cases were graded, not {count}")
    assert not faults, "\n".join(["", *faults, f"reports: {run.reports / 'index.html'}"])


@pytest.mark.timeout(0)  # the first test waits for the whole run, whose cases have their limits
def test_every_case_was_run_to_its_end(run):
    assert run.fault is None, run.fault
    assert len(run.cases) == sum(CASES.values())


@pytest.mark.timeout(0)
@pytest.mark.parametrize("section", CASES, ids=lambda n: f"{n} {TITLES[n]}".replace(" ", "-"))
def test_section(run, section):
    check(run, section, CASES[section])


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("interpreter", ["micropython", "cpython"])
def test_large_messages(interpreter):
    run = Run(
        interpreter,
        f"{interpreter}-large",
        ["9.*"],
        LARGE_CASES,
        # The longest has 16 MiB.
        most=20_000_000,
        heap="512M",
        limit_s=600,
    )
    print("reports:", run.reports / "index.html")
    assert run.fault is None, run.fault
    check(run, 9, LARGE_CASES)
