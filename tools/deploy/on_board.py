"""Runs in the board's RAM during a deploy: what mpremote has no function for. For MicroPython."""

import os
import sys

# The device of the partition for a ROMFS.
_device = None


def facts():
    it = sys.implementation
    mpy = getattr(it, "_mpy", 0) or getattr(it, "mpy", 0)
    version = tuple(it.version)[:3]
    machine = getattr(it, "_machine", "")
    return it.name, version, sys.platform, machine, mpy, list(sys.path), os.getcwd()


def has_frozen(name):
    """Whether the firmware contains a frozen module of that name."""
    path = list(sys.path)
    sys.path[:] = [".frozen"]
    try:
        __import__(name)
        return True
    except ImportError:
        return False
    finally:
        sys.path[:] = path
        sys.modules.pop(name, None)


def heap_of(name, public):
    """Bytes of heap that importing `public` from the package takes, or None."""
    import gc

    gc.collect()
    before = gc.mem_alloc()
    try:
        getattr(__import__(name), public)
        gc.collect()
        return gc.mem_alloc() - before
    # It is only a figure, so errors do not matter.
    except Exception:
        return None
    finally:
        for loaded in list(sys.modules):
            if loaded.split(".")[0] == name:
                sys.modules.pop(loaded)


def keep_watchdog(seconds):
    """Feed the watchdog that the start-up file has started, once a second until the next start. A
    watchdog can't be stopped. Returns why feeding is not possible, or None.
    """
    global _watch
    try:
        from machine import WDT, Timer

        try:
            dog = WDT(timeout=int(seconds * 1000))
        # The start-up file does the same.
        except (TypeError, ValueError):
            dog = WDT()
        try:
            timer = Timer(-1)
        # An ESP32 has no virtual timers.
        except ValueError:
            timer = Timer(0)
        timer.init(period=1000, mode=Timer.PERIODIC, callback=lambda timer: dog.feed())
        _watch = timer, dog
    except Exception as e:
        return repr(e)


def rom():
    """(bytes, bytes in a block) of the partition for a ROMFS. None: there is none, or its content
    can't be checked. A block of 0 bytes: the partition is erased as a whole.
    """
    global _device, rom_ioctl, sha256
    try:
        from hashlib import sha256

        from vfs import rom_ioctl
    except ImportError:
        return None
    _device = rom_ioctl(2, 0)
    if _device is None or isinstance(_device, int):
        return None
    if hasattr(_device, "ioctl"):
        block = _device.ioctl(5, 0)
        return _device.ioctl(4, 0) * block, block
    return len(_device), max(rom_ioctl(6, 0), 0)


def rom_digest(begin, end):
    return sha256(memoryview(_device)[begin:end]).digest()


def erase_rom(begin, size, block):
    """Erase the blocks that begin in this range, or the whole partition if it has no blocks."""
    if hasattr(_device, "ioctl"):
        for at in range(begin, begin + size, block):
            _device.ioctl(6, at // block)
    elif block:
        rom_ioctl(3, 0, begin, -(-size // block) * block)
    else:
        rom_ioctl(3, 0, size)


def write_rom(begin, data):
    if hasattr(_device, "ioctl"):
        block = _device.ioctl(5, 0)
        _device.writeblocks(begin // block, data, begin % block)
    else:
        rom_ioctl(4, 0, begin, data)
