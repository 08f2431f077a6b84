# A deploy puts its new version in place. If this is main.py, that was cut off: it is done at the
# next start, and then the new version runs. Deploying again does the same: it knows this program
# by its first line, which therefore stays as it is.
import os

REMOVE = []
MOVE = []  # what waits as its name and ".new"; main.py, where this file is, comes last


def is_there(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


for path in REMOVE:
    if is_there(path):
        os.remove(path)
for path in MOVE:
    if is_there(path + ".new"):
        os.rename(path + ".new", path)
if hasattr(os, "sync"):
    os.sync()
if __name__ == "__main__":
    import machine

    print("A deploy that was cut off is finished: starting the new version")
    machine.reset()
