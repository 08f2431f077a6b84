"""Replaces a file of the board as a whole."""

import os


def replace(path, text):
    """Write a file. After a power cut it has the old content or the new one. `make deploy` writes
    in the same way: a file with another name, which is then renamed.
    """
    new = path + ".new"
    with open(new, "w") as file:
        file.write(text)
    if hasattr(os, "sync"):
        os.sync()
    os.rename(new, path)
