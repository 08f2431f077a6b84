"""What an outbox seldom asks of the platform: its folder, and how the board started."""

import os
import sys

_READ_ONLY = 30  # EROFS


def let_go_of(name):
    """Forget a module that only the start needs; it may be loaded anew."""
    if sys.modules.pop("partysocket." + name, None) is not None:
        delattr(sys.modules["partysocket"], name)


def has_slept():
    """Whether this start is a wake from deep sleep: the clock ran on."""
    try:
        import machine

        return machine.reset_cause() == machine.DEEPSLEEP_RESET
    except (ImportError, AttributeError):
        return False


def names(folder):
    """The names of the files in `folder`, which is made if it isn't there."""
    try:
        return os.listdir(folder)
    except OSError:
        os.mkdir(folder)
        return []


def explained(error, folder):
    """An error of writing, with the remedy if there is one."""
    if error.args[0] != _READ_ONLY:
        return error
    return OSError(
        _READ_ONLY,
        "%s is read-only: CircuitPython writes when USB does not own the drive: "
        'storage.remount("/", False) in boot.py' % folder,
    )


def remove(path):
    """Remove a file, if it is there."""
    try:
        os.remove(path)
    except OSError as e:
        if e.args[0] != 2:  # ENOENT
            raise


def rename(old, new):
    """`new` is replaced, on littlefs in one step."""
    os.rename(old, new)
