"""Watches each module of the library that is loaded, and lets the load fail once.

On MicroPython the library is on a file system of our own; on CPython our finder comes first. The
modules are known when they are asked for, so this works with any layout of them.
"""

import os
import sys

# From now on loads are noted, and fail.
is_late = False
# How they fail: one of these.
variant = None
_KINDS = {"memory": MemoryError, "missing": ImportError, "broken": OSError}
# Names of the modules that were loaded before,
early = []
# and while `is_late`, in order.
loads = []
# Failed loads.
failures = 0
_failed = []


def begin(folder):
    """Watch the library of `folder`. Call this before its first import."""
    if sys.implementation.name == "cpython":
        sys.path.insert(0, folder)
        sys.meta_path.insert(0, _Finder())
    else:
        import vfs

        vfs.mount(_Folder(folder), "/watched")
        sys.path.insert(0, "/watched")


def forget():
    """Modules that were loaded late are loaded again, and fail again."""
    global is_late
    is_late = False
    del _failed[:]
    for name in loads:
        sys.modules.pop("partysocket." + name, None)
        above, _, last = ("partysocket." + name).rpartition(".")
        if hasattr(sys.modules[above], last):
            delattr(sys.modules[above], last)


def _load(name):
    """`name` is about to be loaded. If it is late, the first load fails."""
    global failures
    known = loads if is_late else early
    if name not in known:
        known.append(name)
    if is_late and name not in _failed:
        _failed.append(name)
        failures += 1
        raise _KINDS[variant]("planted: there is no loading " + name)


class _Finder:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("partysocket."):
            _load(name[len("partysocket.") :])


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
        if variant == "missing" and path.endswith(".py"):
            try:
                _load(_name_of(path))
            except ImportError:
                raise OSError(2)
        return found

    def open(self, path, mode):
        # That has failed in `stat` already.
        if variant != "missing":
            _load(_name_of(path))
        return open(self._root + path, mode)


def _name_of(path):
    """The name of the module in this file."""
    name = path[len("/partysocket/") : -len(".py")].replace("/", ".")
    return name[: -len(".__init__")] if name.endswith(".__init__") else name
