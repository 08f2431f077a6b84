"""Runs in the board's RAM during a deploy: reads, hashes and writes files. For MicroPython."""

import os
import sys
from binascii import a2b_base64, hexlify

try:
    from hashlib import sha256
except ImportError:
    # On a small port the computer reads the files back instead.
    sha256 = None

_file = None


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


def size(path):
    """The size of a file, or None if there is no such file."""
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return None if stat[0] & 0x4000 else stat[6]


def is_folder(path):
    try:
        return bool(os.stat(path)[0] & 0x4000)
    except OSError:
        return False


def tell_files(folder):
    """Print (path, size) of every file below a folder, and (path, None) of each folder."""
    try:
        names = os.listdir(folder or "/")
    except OSError:
        return
    for name in names:
        path = folder + "/" + name
        of = size(path)
        print(repr((path, of)), end=",")
        if of is None:
            tell_files(path)


def tell_largest(folder, depth=0):
    """Print (path, size) of the files on the folder's own file system, not of others mounted in
    it.
    """
    for name in os.listdir(folder or "/"):
        path = folder + "/" + name
        of = size(path)
        if of is not None:
            print(repr((path, of)), end=",")
        elif depth < 4 and os.statvfs(path) == os.statvfs(folder or "/"):
            tell_largest(path, depth + 1)


def digest(path):
    """The SHA-256 of a file in hexadecimal digits, or None if the board can't compute it."""
    if sha256 is None:
        return None
    total = sha256()
    buf = bytearray(512)
    view = memoryview(buf)
    with open(path, "rb") as file:
        while True:
            n = file.readinto(buf)
            if not n:
                return hexlify(total.digest()).decode()
            total.update(view[:n])


def rom():
    """(bytes, bytes in a block) of the partition for a ROMFS. None: there is none, or its content
    can't be checked. A block of 0 bytes: the partition is erased as a whole.
    """
    device = _rom_ioctl(2, 0)
    if sha256 is None or device is None or isinstance(device, int):
        return None
    if hasattr(device, "ioctl"):
        block = device.ioctl(5, 0)
        return device.ioctl(4, 0) * block, block
    return len(device), max(_rom_ioctl(6, 0), 0)


def _rom_ioctl(*args):
    try:
        import vfs

        return vfs.rom_ioctl(*args)
    except (ImportError, AttributeError):
        return None


def rom_digest(begin, end):
    total = sha256(memoryview(_rom_ioctl(2, 0))[begin:end])
    return hexlify(total.digest()).decode()


def close_rom():
    """Nothing may be read from the ROMFS while it is written."""
    import vfs

    try:
        vfs.umount("/rom")
    except OSError:
        pass


def erase_rom(begin, size, block):
    """Erase the blocks that begin in this range, or the whole partition if it has no blocks."""
    device = _rom_ioctl(2, 0)
    if hasattr(device, "ioctl"):
        for at in range(begin, begin + size, block):
            device.ioctl(6, at // block)
    elif block:
        _rom_ioctl(3, 0, begin, -(-size // block) * block)
    else:
        _rom_ioctl(3, 0, size)


def write_rom(begin, base64):
    data = a2b_base64(base64)
    device = _rom_ioctl(2, 0)
    if hasattr(device, "ioctl"):
        block = device.ioctl(5, 0)
        device.writeblocks(begin // block, data, begin % block)
    else:
        _rom_ioctl(4, 0, begin, data)


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


def prune(folder):
    """Remove empty folders below this one, and the folder itself if it is empty."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        if is_folder(folder + "/" + name):
            prune(folder + "/" + name)
    if not os.listdir(folder):
        os.rmdir(folder)


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


def space(root):
    """(bytes in a block, free blocks)."""
    stat = os.statvfs(root)
    return stat[1] or stat[0], stat[4]


def begin(path):
    """Open a file for writing, and make the folders above it."""
    global _file
    at = path.find("/", 1)
    while at > 0:
        try:
            os.stat(path[:at])
        except OSError:
            os.mkdir(path[:at])
        at = path.find("/", at + 1)
    _file = open(path, "wb")


def put(base64):
    _file.write(a2b_base64(base64))


def end():
    global _file
    file, _file = _file, None
    file.close()
    if hasattr(os, "sync"):
        os.sync()


def copy(source, target):
    begin(target)
    with open(source, "rb") as file:
        while True:
            data = file.read(512)
            if not data:
                break
            _file.write(data)
    end()


def discard(paths):
    """Remove these files if they exist, and the file that is being written."""
    global _file
    if _file is not None:
        try:
            end()
        # There was no space for its last bytes.
        except OSError:
            pass
    for path in paths:
        if size(path) is not None:
            os.remove(path)
