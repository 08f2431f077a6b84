"""Sees each module of the library that is loaded, and lets the load fail once.

On MicroPython the library lies on a file system of our own, on CPython a finder stands first:
the modules are known when they are asked for, so this holds for any layout of them.
"""

import os
import sys

is_late = False  # from now on loads are noted, and fail
variant = None  # how: "memory" MemoryError, "missing" ImportError, "broken" OSError
early = []  # names of the modules that were loaded before
loads = []  # ... and while `is_late`, in order
failures = 0  # of loads
_failed = []


def begin(folder):
    """The library of `folder`, watched; before its first import."""
    if sys.implementation.name == "cpython":
        sys.path.insert(0, folder)
        sys.meta_path.insert(0, _Finder())
    else:
        import vfs

        vfs.mount(_Folder(folder), "/watched")
        sys.path.insert(0, "/watched")


def forget():
    """What was loaded late is to be loaded again, and to fail again."""
    global is_late
    is_late = False
    del _failed[:]
    for name in loads:
        sys.modules.pop("partysocket." + name, None)
        above, _, last = ("partysocket." + name).rpartition(".")
        if hasattr(sys.modules[above], last):
            delattr(sys.modules[above], last)


def _note(name):
    """`name` is about to be loaded. Returns how that fails, or None."""
    global failures
    known = loads if is_late else early
    if name not in known:
        known.append(name)
    if not is_late or name in _failed:
        return None
    _failed.append(name)
    failures += 1
    return variant


def _fail(how, name):
    if how == "memory":
        raise MemoryError("planted: no memory to load " + name)
    if how == "missing":
        raise ImportError("planted: there is no " + name)
    if how == "broken":
        raise OSError(5, "planted: " + name)


class _Finder:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("partysocket."):
            _fail(_note(name[len("partysocket.") :]), name)


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
        if variant == "missing" and path.endswith(".py") and _note(_name_of(path)):
            raise OSError(2)
        return found

    def open(self, path, mode):
        if variant != "missing":  # that has failed in `stat`
            _fail(_note(_name_of(path)), path)
        return open(self._root + path, mode)


def _name_of(path):
    """The name of the module in this file."""
    name = path[len("/partysocket/") : -len(".py")].replace("/", ".")
    return name[: -len(".__init__")] if name.endswith(".__init__") else name
