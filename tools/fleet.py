"""Simulates what a fleet does to its servers when all devices, or a part, lose their link at once.

    python3 tools/fleet.py                   the table: a million devices, ten servers
    python3 tools/fleet.py --beside 0.2.0    also the same rows with the rules of a commit or tag
    python3 tools/fleet.py --rules all --only busy fast     also npm's PartySocket
    python3 tools/fleet.py --png fleet.png   the table, and a picture of it

Each device is the library's own state machine. The network, the servers and the clock are
simulated. The whole table takes about four minutes on two cores, and 0.7 GB for each. With fewer
--devices it is faster, and the result has the same shape with more noise.
"""

import argparse
import io
import multiprocessing
import os
import random
import subprocess
import sys
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIB = ROOT / "lib"
_MOST_DEVICES = 2_000_000
# This gives 200 devices in the row of the night. Fewer would show nothing.
_FEWEST = 20_000
# Each row ends so long after the servers are back.
_FOR_S = 1500
# The rules of --beside.
BEFORE = "before"


def main():
    chosen = parsed()
    sys.path.insert(0, str(LIB))
    from fleet import picture, report

    if chosen.png:
        trouble = picture.trouble(chosen.png)
        if trouble:
            return fail(trouble)
    try:
        lib = checked_out(chosen.beside) if chosen.beside else None
        print(report.heading(chosen), flush=True)
        # (case, rules) -> its result.
        done = {}
        with report.Progress(chosen.jobs) as progress:
            for result in results(chosen, lib, progress):
                done[result.case, result.rules] = result
                progress.print(report.row(result))
        if chosen.png:
            picture.draw(done, chosen.png)
            print(f"\nThe picture is in {chosen.png}.")
    except Refused as error:
        return fail(str(error))
    except KeyboardInterrupt:
        print("\nfleet: stopped", file=sys.stderr)
        return 130
    # `| head` ends early.
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return fail(str(error))
    return 0


class Refused(Exception):
    """The arguments ask for something that is not possible. The text says why."""


def fail(text):
    print(f"fleet: {text}", file=sys.stderr)
    return 1


def results(chosen, lib, progress):
    """The Results, in the order of the table. The rules of another commit run in processes of
    their own, because a process can have only one `partysocket`.
    """
    context = multiprocessing.get_context("spawn")
    ticker = context.Queue()
    progress.listen(ticker)

    def pool(path):
        made = (str(path), ticker)
        return ProcessPoolExecutor(chosen.jobs, context, initializer=begin, initargs=made)

    with pool(LIB) as ours, pool(lib or LIB) as others:
        coming = []
        for case in chosen.only:
            for rules in chosen.rules + [BEFORE] * bool(lib):
                where = others if rules == BEFORE else ours
                coming.append(where.submit(work, case, rules, chosen.devices, chosen.seed))
        try:
            for future in coming:
                yield future.result()
        except BaseException:
            for future in coming:
                future.cancel()
            raise


# In a process of the pool: takes the progress of its run.
_ticker = None


def begin(lib, ticker):
    global _ticker
    sys.path.insert(0, lib)
    _ticker = ticker


def work(case, rules, devices, seed):
    from fleet.cases import CASES
    from fleet.policies import POLICIES
    from fleet.report import Result

    (found,) = (one for one in CASES if one.name == case)
    options = POLICIES["ours" if rules == BEFORE else rules]
    label = f"{case}, {rules}"
    run, ideal_s = found.run(
        options, devices, seed, _FOR_S, lambda text: _ticker.put((label, text))
    )
    _ticker.put((label, None))
    return Result.of(case, rules, found.what, run, ideal_s)


def checked_out(commit):
    """The folder with the `lib` of a commit of this repository, in build/."""
    git = ["git", "-C", str(ROOT)]
    try:
        name = subprocess.run(
            [*git, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"],
            capture_output=True,
            text=True,
        ).stdout.strip()
        if not name:
            raise Refused(f"--beside {commit}: no commit of this repository is called so")
        folder = ROOT / "build" / "fleet" / name
        folder.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            [*git, "archive", "--format=zip", name, "lib/partysocket"],
            capture_output=True,
            check=True,
        )
    except FileNotFoundError:
        raise Refused("--beside needs git, which is not installed") from None
    except subprocess.CalledProcessError:
        raise Refused(f"--beside {commit}: it has no lib/partysocket") from None
    zipfile.ZipFile(io.BytesIO(packed.stdout)).extractall(folder)
    return folder / "lib"


def parsed():
    sys.path.insert(0, str(LIB))
    from fleet.cases import CASES
    from fleet.policies import POLICIES

    names = [case.name for case in CASES]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    devices = number(_FEWEST, _MOST_DEVICES)
    add("--devices", type=devices, default=1_000_000, metavar="N", help="how many (1000000)")
    add("--only", nargs="+", choices=names, default=names, metavar="CASE", help=" ".join(names))
    add("--rules", nargs="+", choices=[*POLICIES, "all"], default=["ours"], metavar="RULES",
        help="whose back-off: " + ", ".join([*POLICIES, "all"]))  # fmt: skip
    add("--beside", metavar="COMMIT", help="our rules as a commit or tag had them, besides")
    add("--seed", type=number(0, 2**63), metavar="N", help="repeats a run; else drawn")
    add("--jobs", type=number(1, 64), default=min(4, os.cpu_count() or 1), metavar="N",
        help="runs at once (as many as there are cores, 4 at most)")  # fmt: skip
    add("--png", type=Path, metavar="FILE", help="draw the dials per second (needs matplotlib)")
    chosen = parser.parse_args()
    if "all" in chosen.rules:
        chosen.rules = list(POLICIES)
    if chosen.seed is None:
        chosen.seed = random.SystemRandom().randrange(2**32)
    return chosen


def number(least, most):
    """An argument's type: a whole number within bounds."""

    def take(text):
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a whole number from {least} to {most}"
            )
        return value

    return take


if __name__ == "__main__":
    sys.exit(main())
