"""Takes the pictures in the documents again: `make screenshots`, or some: `ARGS=thonny`.

    dashboard   the dashboard, with three devices on MicroPython
    installer   the page that installs a board
    thonny      Thonny, with the same board

All of it runs on this computer, in a network that ends with it: Linux alone can do that. What is
missing is named; the other pictures are taken all the same.
"""

import sys

from screenshots import dashboard, home, installer, thonny
from screenshots.shot import ShotError

TAKE = {each.__name__.partition(".")[2]: each.take for each in (dashboard, installer, thonny)}


def main(wanted):
    if set(wanted) - set(TAKE):
        print(f"screenshots: there are {', '.join(TAKE)}", file=sys.stderr)
        return 2
    kinds, status = wanted or TAKE, 0
    try:
        if not home.is_entered() and "thonny" in kinds:
            thonny.prepare()
        home.enter()
    except ShotError as error:
        print(f"screenshots: only the dashboard: {error}", file=sys.stderr)
        kinds, status = [kind for kind in kinds if kind == "dashboard"], 1
    for kind in kinds:
        try:
            TAKE[kind]()
        except ShotError as error:
            print(f"screenshots: {kind}: {error}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
