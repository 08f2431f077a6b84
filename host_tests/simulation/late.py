"""Sees each module of the library that is loaded, and lets the load fail once, or always.

On MicroPython the library lies on a file system of our own, on CPython a finder stands first:
the modules are known when they are asked for, so this holds for any layout of them.

begin(folder)    the library of `folder`, watched; before its first import
loads            names of the modules that were looked for while `is_late`, in order
failures         of loads, so far
"""

import os
import sys

MEMORY, MISSING, BROKEN = "memory", "missing", "broken"  # MemoryError, ImportError, OSError
VARIANTS = (MEMORY, MISSING, BROKEN)

is_late = False  # from now on loads are noted, and fail
variant = None  # how; None: they don't
for_ever = False  # not once only
loads = []
failures = 0
_has_failed = {}


def begin(folder):
    if sys.implementation.name == "cpython":
        sys.path.insert(0, folder)
        sys.meta_path.insert(0, _Finder())
    else:
        import vfs

        vfs.mount(_Folder(folder), "/watched")
        sys.path.insert(0, "/watched")


def _note(name):
    """`name` is about to be loaded. Returns how that fails, or None."""
    global failures
    if not is_late:
        return None
    if name not in loads:
        loads.append(name)
    if variant is None or (name in _has_failed and not for_ever):
        return None
    _has_failed[name] = True
    failures += 1
    return variant


class _Finder:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("partysocket."):
            how = _note(name[len("partysocket.") :])
            if how == MEMORY:
                raise MemoryError("planted: no memory to load " + name)
            if how == MISSING:
                raise ImportError("planted: there is no " + name)
            if how == BROKEN:
                raise OSError(5, "planted: " + name)
        return None


class _Folder:
    """A file system: the folder `root`, whose files are watched."""

    def __init__(self, root):
        self._root = root

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def chdir(self, path):
        pass

    def getcwd(self):
        return "/"

    def stat(self, path):
        found = os.stat(self._root + path)
        if variant == MISSING and self._name(path) and _note(self._name(path)):
            raise OSError(2)
        return found

    def open(self, path, mode):
        how = _note(self._name(path))  # one that is missing has failed in `stat` before
        if how == MEMORY:
            raise MemoryError("planted: no memory to load " + path)
        if how == BROKEN:
            raise OSError(5)
        return open(self._root + path, mode)

    def _name(self, path):
        """The name of a module's file, "" for anything else."""
        for end in (".py", ".mpy"):
            if path.endswith(end):
                name = path[len("/partysocket/") : -len(end)].replace("/", ".")
                return name[: -len(".__init__")] if name.endswith(".__init__") else name
        return ""
