"""Rarely needed functions of the platform for an outbox: its folder, and how the board started."""

import os
import sys

_READ_ONLY = 30  # EROFS


def let_go_of(name):
    """Unload a module that is only needed at the start. It can be imported again."""
    if sys.modules.pop("partysocket." + name, None) is not None:
        delattr(sys.modules["partysocket"], name)


def has_slept():
    """Whether the board woke from deep sleep. Then its clock has gone on."""
    try:
        import machine

        return machine.reset_cause() == machine.DEEPSLEEP_RESET
    except (ImportError, AttributeError):
        return False


def names(folder):
    """The names of the files in `folder`. Makes the folder if there is none."""
    try:
        return os.listdir(folder)
    except OSError:
        os.mkdir(folder)
        return []


def explained(error, folder):
    """Return the error of a write. If the drive is read-only, the error says how to fix that."""
    if error.args[0] != _READ_ONLY:
        return error
    return OSError(
        _READ_ONLY,
        "%s is read-only: CircuitPython writes when USB does not own the drive: "
        'storage.remount("/", False) in boot.py' % folder,
    )


def remove(path):
    """Remove a file if it exists."""
    try:
        os.remove(path)
    except OSError as e:
        if e.args[0] != 2:  # ENOENT
            raise


def rename(old, new):
    """Rename a file. An existing `new` is replaced, on littlefs in one step."""
    os.rename(old, new)
