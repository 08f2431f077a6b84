# A deploy puts its new version in place. If this is main.py, that was cut off: it is done at the
# next start, and then the new version runs. Deploying again does the same: it knows this program
# by its first line, which therefore stays as it is.
import os

REMOVE = []
MOVE = []  # what waits as its name and ".new"; main.py, where this file is, comes last
HEAD = ""  # a file with the first bytes of a ROMFS, the rest of which is in its partition already


def is_there(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def begin_rom():
    """Make the ROMFS one that is mounted; or none, if the bytes are zeros."""
    import vfs

    with open(HEAD, "rb") as file:
        head = file.read()
    device = vfs.rom_ioctl(2, 0)
    # It may have been written before the power went; some flash takes the same bytes only once.
    if bytes(memoryview(device)[: len(head)]) != head:
        if hasattr(device, "ioctl"):
            device.writeblocks(0, head, 0)
        else:
            vfs.rom_ioctl(4, 0, 0, head)
            vfs.rom_ioctl(5, 0)
    os.remove(HEAD)


if HEAD and is_there(HEAD):
    begin_rom()
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
