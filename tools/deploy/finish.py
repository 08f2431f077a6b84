# A deploy puts its new version in place. If this is main.py, that was cut off: it is done at the
# next start, and then the new version runs. Deploying again does the same. It recognises this
# program by its first line, so that line must never change.
import os

REMOVE = []
# Each of these files exists with ".new" after its name. main.py comes last, because it is this
# file.
MOVE = []
# A file with the first bytes of a ROMFS. The other bytes are in the partition already.
HEAD = ""


def is_there(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def begin_rom():
    """Write the first bytes of the ROMFS, so that it will be mounted. Zeros: it will not be."""
    import vfs

    with open(HEAD, "rb") as file:
        head = file.read()
    device = vfs.rom_ioctl(2, 0)
    # The bytes may have been written before a power cut. Some flash can't be written twice.
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
