"""What firmware does at power-on, for a MicroPython process that is a pty board.

`power_on("main")` mounts the flash, a littlefs in a file, as the root; replaces hardware by fakes;
runs boot.py and, unless it is told "raw", main.py. No files of the computer are visible except
those of host_tests, in /.tests, read only. The other settings are JSON in the environment variable
BOARD:

    blocks   the number of 4 KiB blocks of the flash; a new file is formatted
    cut      the block write (or erase) during which the power fails: half of it is done, and
             the process dies at once; 0: never
    count    the file that gets the number of writes since the process began
    dog      the file that gets a byte for each feed of the watchdog
    tests    the folder host_tests
    claims   false values of `sys`
    air      the Wi-Fi networks around: {name: the name of a trace in fake_wlan}
    rom      the board whose ROMFS partition it has (rom.py); None: no partition. Its bytes are in
             rom_file, rom_bytes of them
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
# ISIG: Ctrl-C interrupts. For the REPL it is a key.
SIGNALS = 1
TESTS = "/.tests"
board = json.loads(os.getenv("BOARD"))


def power_on(mode):
    mount()
    install_hardware()
    install_rom()
    claim()
    run("boot.py")
    if mode == "main":
        run("main.py")


class Power:
    """Counts the writes and erases of flash, and fails during one of them."""

    def __init__(self, cut):
        self._counter = open(board["count"], "r+")
        self._cut = cut
        self._count = 0

    def write(self, file, position, data):
        """Write into a file that is flash. If the power fails here, write half."""
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
    """Wraps an object: the claimed attributes come first, all others are its own."""

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
    """machine.WDT: reports each feed to the pty board."""

    def __init__(self, timeout=5000):
        Watchdog.timeout_ms = timeout
        self.feed()

    def feed(self):
        dog.write(b"x")


class Timer:
    """machine.Timer, a periodic one, which feeds the watchdog."""

    PERIODIC = 1

    def __init__(self, id):
        if id != -1:
            raise ValueError("Timer doesn't exist")

    def init(self, period, mode, callback):
        assert 2 * period < Watchdog.timeout_ms, "not often enough"

        def run():
            while True:
                time.sleep_ms(period)
                callback(self)

        _thread.start_new_thread(run, ())


def mount():
    global dog, power, rom_partition
    power = Power(board["cut"])
    dog = open(board["dog"], "wb")
    rom_partition = None
    if board["rom"]:
        make(board["rom_file"], board["rom_bytes"])
        rom_partition = rom.Partition(board["rom"], board["rom_file"], power.write)
    is_new = make(board["flash"], board["blocks"] * BLOCK)
    flash = Flash(board["flash"], board["blocks"])
    if is_new:
        vfs.VfsLfs2.mkfs(flash)
    tests = vfs.VfsPosix(board["tests"])
    # From here on the computer's files are not visible.
    vfs.umount("/")
    vfs.mount(flash, "/")
    vfs.mount(tests, TESTS, readonly=True)
    os.chdir("/")


def make(path, size):
    """Make a file of erased flash if there is none. Returns whether it was made."""
    try:
        os.stat(path)
        return False
    except OSError:
        with open(path, "wb") as file:
            for _ in range(size // BLOCK):
                file.write(b"\xff" * BLOCK)
        return True


def install_rom():
    """Do what MicroPython does at its start: a valid ROMFS comes before /lib (py/runtime.c)."""
    if rom_partition is None:
        return
    sys.modules["vfs"] = Claims(vfs, {"rom_ioctl": rom_partition.ioctl})
    try:
        vfs.mount(vfs.VfsRom(rom_partition.memory), "/rom")
    # There is no ROMFS in it.
    except OSError:
        return
    sys.path[:] = ["", ".frozen", "/rom", "/rom/lib", "/lib"]


def install_hardware():
    sys.path[:] = [TESTS + "/boards", TESTS + "/wifi"]
    import fake_wlan
    from hardware import Hardware

    network = fake_wlan.Network("cyw43", time.ticks_ms)
    for name, trace in board["air"].items():
        network.radio.air[name] = [getattr(fake_wlan, trace)]
    network.install()
    Hardware("cyw43", time.ticks_ms).install()
    machine = sys.modules["machine"]
    machine.reset, machine.WDT, machine.Timer = reset, Watchdog, Timer
    sys.path[:] = ["", ".frozen", "/lib"]


def claim():
    claimed = board["claims"]
    if claimed:
        implementation = Claims(sys.implementation, claimed.pop("implementation", {}))
        sys.modules["sys"] = Claims(sys, dict(claimed, implementation=implementation))


def run(name):
    """Run a start-up file as firmware does: an error is printed, and nothing else ends."""
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
        # This tells the pty board that Ctrl-C works now.
        sys.stdout.write("\x1e")
        exec(compile(source, name, "exec"), {"__name__": "__main__"})
    except BaseException as error:
        sys.print_exception(error)
    finally:
        termios.tcsetattr(0, termios.TCSANOW, settings)
