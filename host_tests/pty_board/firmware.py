"""What firmware does when the power comes on, for a MicroPython process that is a pty board.

`power_on("main")` mounts the flash, a littlefs in the file BOARD_FLASH, as the root; puts fakes in
place of what is hardware; runs boot.py, and unless it is told "raw" main.py. No file of the
computer is in sight but those of host_tests, in /.tests, read only. Other settings, from the
environment:

    BOARD_BLOCKS  blocks of the flash, 4 KiB each; a file that is not there yet is formatted
    BOARD_CUT     the block write (or erase) in which the power goes: half of it is done, and the
                  process dies with no chance to tidy up; 0: never
    BOARD_COUNT   the file that is told how many there were since the process began
    BOARD_DOG     the file that is told of the watchdog's meals: for how many ms each will do
    BOARD_TESTS   the folder host_tests
    BOARD_CLAIMS  JSON of what `sys` shall say instead of the truth
    BOARD_AIR     JSON of the Wi-Fi around: {name: the name of a trace in fake_wlan}
    BOARD_ROM     as whose a ROMFS partition behaves (rom.py); empty: there is none. Its bytes are
                  in the file BOARD_ROM_FILE, BOARD_ROM_BYTES of them
"""

import _thread
import json
import os
import sys
import termios
import time

import rom
import uctypes
import vfs

BLOCK = 4096
SIGNALS = 1  # ISIG: Ctrl-C interrupts; for the REPL it is a key
TESTS = "/.tests"


def power_on(mode):
    mount()
    install_hardware()
    install_rom()
    claim()
    run("boot.py")
    if mode == "main":
        run("main.py")


class Power:
    """Counts the writes and erases of flash, and goes in one of them."""

    def __init__(self, cut):
        self._counter = open(os.getenv("BOARD_COUNT"), "r+")
        self._cut = cut
        self._count = 0

    def write(self, file, position, data):
        """Write into a file that is flash; if the power goes in it, half."""
        self._count += 1
        self._counter.seek(0)
        self._counter.write(f"{self._count:9}")
        self._counter.flush()
        is_cut = self._count == self._cut
        file.seek(position)
        file.write(memoryview(data)[: len(data) // 2] if is_cut else data)
        file.flush()
        if is_cut:
            die()


class Flash:
    """A block device in a file."""

    def __init__(self, path, blocks):
        self.blocks = blocks
        self._file = open(path, "r+b")

    def readblocks(self, block, buf, offset=0):
        self._file.seek(block * BLOCK + offset)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset=0):
        self._change(block * BLOCK + offset, buf)

    def ioctl(self, op, arg):
        if op == 4:
            return self.blocks
        if op == 5:
            return BLOCK
        if op == 6:
            self._change(arg * BLOCK, b"\xff" * BLOCK)
        return 0

    def _change(self, position, data):
        power.write(self._file, position, data)


class Claims:
    """Stands for an object: what is claimed of it comes first, all else is its own."""

    def __init__(self, real, claimed):
        self._real = real
        self._claimed = claimed

    def __getattr__(self, name):
        if name in self._claimed:
            value = self._claimed[name]
            if value is None:
                raise AttributeError(name)
            return tuple(value) if isinstance(value, list) else value
        return getattr(self._real, name)


def die():
    """End this process as a power cut ends a board: in the middle of an instruction."""
    uctypes.bytearray_at(0, 1)[0] = 0


def reset():
    """machine.reset(): the pty board starts another process."""
    os.system("kill -TERM $PPID")
    while True:
        time.sleep(1)


class Watchdog:
    """machine.WDT: the pty board resets this process if it is not told again in time."""

    def __init__(self, timeout=5000):
        self._meal = b"%d\n" % timeout
        self.feed()

    def feed(self):
        dog.write(self._meal)


class Timer:
    """machine.Timer, a periodic one."""

    PERIODIC = 1

    def __init__(self, id):
        if id != -1:
            raise ValueError("Timer doesn't exist")

    def init(self, period, mode, callback):
        def run():
            while True:
                time.sleep_ms(period)
                callback(self)

        _thread.start_new_thread(run, ())


def mount():
    global dog, power, rom_partition
    power = Power(int(os.getenv("BOARD_CUT")))
    rom_partition = open_rom()
    dog = open(os.getenv("BOARD_DOG"), "wb")
    path = os.getenv("BOARD_FLASH")
    blocks = int(os.getenv("BOARD_BLOCKS"))
    tests = vfs.VfsPosix(os.getenv("BOARD_TESTS"))
    try:
        os.stat(path)
        is_new = False
    except OSError:
        is_new = True
        with open(path, "wb") as file:
            for _ in range(blocks):
                file.write(b"\xff" * BLOCK)
    flash = Flash(path, blocks)
    if is_new:
        vfs.VfsLfs2.mkfs(flash)
    vfs.umount("/")
    vfs.mount(flash, "/")
    vfs.mount(tests, TESTS, readonly=True)
    os.chdir("/")


def open_rom():
    """The partition, while the computer's files are in sight; None: this board has none."""
    kind = os.getenv("BOARD_ROM")
    if not kind:
        return None
    path = os.getenv("BOARD_ROM_FILE")
    size = int(os.getenv("BOARD_ROM_BYTES"))
    try:
        os.stat(path)
    except OSError:
        with open(path, "wb") as file:
            for _ in range(size // BLOCK):
                file.write(b"\xff" * BLOCK)
    return rom.Partition(kind, path, size, power.write)


def install_rom():
    """As MicroPython does at its start: a valid ROMFS comes before /lib (py/runtime.c)."""
    if rom_partition is None:
        return
    sys.modules["vfs"] = Claims(vfs, {"rom_ioctl": rom_partition.ioctl})
    try:
        vfs.mount(vfs.VfsRom(rom_partition.memory), "/rom")
    except OSError:  # no ROMFS in it
        return
    sys.path[:] = ["", ".frozen", "/rom", "/rom/lib", "/lib"]


def install_hardware():
    sys.path[:] = [TESTS + "/boards", TESTS + "/wifi"]
    import fake_wlan
    from hardware import Hardware

    network = fake_wlan.Network("cyw43", time.ticks_ms)
    air = json.loads(os.getenv("BOARD_AIR"))
    for name in air:
        network.radio.air[name] = [getattr(fake_wlan, air[name])]
    network.install()
    Hardware("cyw43", time.ticks_ms).install()
    machine = sys.modules["machine"]
    machine.reset, machine.WDT, machine.Timer = reset, Watchdog, Timer
    sys.path[:] = ["", ".frozen", "/lib"]


def claim():
    claimed = json.loads(os.getenv("BOARD_CLAIMS"))
    if claimed:
        implementation = Claims(sys.implementation, claimed.pop("implementation", {}))
        sys.modules["sys"] = Claims(sys, dict(claimed, implementation=implementation))


def run(name):
    """Run a start-up file as firmware does: what it raises is printed, and ends nothing else."""
    try:
        with open(name) as file:
            source = file.read()
    except OSError:
        return
    settings = termios.tcgetattr(0)
    running = settings[:]
    running[3] |= SIGNALS
    try:
        termios.tcsetattr(0, termios.TCSANOW, running)
        sys.stdout.write("\x1e")  # tells the pty board that Ctrl-C is heard
        exec(compile(source, name, "exec"), {"__name__": "__main__"})
    except BaseException as error:
        sys.print_exception(error)
    finally:
        termios.tcsetattr(0, termios.TCSANOW, settings)
