"""The failures of a deploy, each with a text and a remedy for the person at the board."""

import errno
import os

from .place import IS_INSTALLED

COMMAND = "partysocket-rooms deploy" if IS_INSTALLED else "make deploy"
# Given in the environment, because every user of the computer can see options.
_VARIABLES = {
    "WIFI_NAME": "WIFI_NAME",
    "WIFI_PASSWORD": "WIFI_PASSWORD",
    "TOKEN": "ROOM_TOKEN",
}

# Exit statuses. 1 is a fault of this program, 2 a wrong command line, 130 Ctrl-C.
# There is no board, or there are several.
NO_BOARD = 3
# The port can't be opened.
PORT = 4
# The board does not answer, or was disconnected.
SILENT = 5
# The library does not run on this firmware or board.
UNFIT = 6
# The board's file system has no space.
FULL = 7
SETTINGS = 8
# From here on the files are on the board.
WIFI = 9
SERVER = 10
# The room refused the board.
REFUSED = 11
# In that time the board neither joined the room nor gave a reason.
LATE = 12
# The start-up file ended.
CRASHED = 13


class Failure(Exception):
    """A deploy can't go on. `status` is the exit status of the program."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def option(name, value):
    """How the user gives a setting: a variable of make's, or an option of the program's."""
    if not IS_INSTALLED:
        return f"{name}={value}"
    if name in _VARIABLES:
        return f"{_VARIABLES[name]}={value}"
    return f"--{name.lower()} {value}"


def command(name, value):
    """The command line that gives a setting."""
    if IS_INSTALLED and name in _VARIABLES:
        return f"{option(name, value)} {COMMAND}"
    return f"{COMMAND} {option(name, value)}"


def _failure(status, text):
    """A function that returns the Failure with this text. Its arguments go into the text."""
    return lambda *args: Failure(status, text.format(*args))


# The port.

no_board = _failure(
    NO_BOARD,
    "No board was found on a USB port. Plug it in with a cable that carries data (many only "
    "charge); if it is plugged in, its firmware may not be MicroPython yet. "
    f"A port of another kind: {option('PORT', '/dev/ttyS0')}",
)


def several_boards(ports):
    lines = "\n".join(
        f"    {command('PORT', port.device)}    {port.description}" for port in ports
    )
    return Failure(NO_BOARD, f"There are {len(ports)} boards; say which one:\n{lines}")


def cannot_open(port, error, ids=None):
    """`error`: the OSError of opening the port. `ids`: the USB vendor and product, if known."""
    # Windows gives no errno, but the error's name in the text.
    said = str(error) if error.errno is None else ""
    if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO) or "FileNotFound" in said:
        return Failure(
            NO_BOARD,
            f"There is no {port}: is the board plugged in? "
            f"`{'' if IS_INSTALLED else '.venv/bin/'}mpremote connect list` shows the ports",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return Failure(PORT, f"This user may not open {port}. {_permit(port, ids)}")
    if error.errno in (errno.EAGAIN, errno.EBUSY) or "PermissionError" in said:
        return Failure(
            PORT,
            f"{port} is in use by another program: a serial monitor, Thonny, another mpremote. "
            f"Close it and try again (on Linux `fuser {port}` gives its process id)",
        )
    return Failure(PORT, f"{port} can't be opened: {error.strerror or error}")


def _permit(port, ids):
    try:
        import grp

        stat = os.stat(port)
        group = grp.getgrgid(stat.st_gid).gr_name if stat.st_mode & 0o060 == 0o060 else None
    except (ImportError, OSError, KeyError):
        group = None
    if group not in (None, "root"):
        return f"It belongs to the group {group}: sudo usermod -aG {group} $USER, then log in anew"
    vendor, product = ids or ("2e8a", "*")
    rule = f'SUBSYSTEM=="tty", ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}", '
    return (
        "Put this line into /etc/udev/rules.d/50-board.rules, and plug the board in anew"
        f"{'' if ids else ' (2e8a is a Pico; lsusb shows the number of yours)'}:\n"
        f'    {rule}MODE="0660", TAG+="uaccess"'
    )


# The connection.


def silent(port, heard=""):
    if heard:
        heard = f" It said: {heard[-200:]!r}."
    return Failure(
        SILENT,
        f"What is on {port} does not answer as MicroPython does.{heard} Press the board's reset "
        "button, or unplug it and plug it in, then try again; if it never answers, install the "
        "firmware anew",
    )


def trouble(said):
    """`said`: the board's own error, with its traceback."""
    lines = said.strip().splitlines() or ["no reason"]
    return Failure(
        SILENT,
        f"The board could not do what it was asked: {lines[-1]}. Reset it and deploy again; if it "
        "stays so, its file system may be damaged",
    )


# The port, and the error.
went_away = _failure(
    SILENT,
    "The connection to {} broke off ({}): the board was unplugged, lost its power, or its "
    "watchdog restarted it. It still runs its old version, or finishes the new one by itself. "
    "Plug it in and deploy again: what is there already is not sent anew",
)

# The board, its firmware, and what is on it.


def not_micropython(name, port):
    remedy = "install it with circup" if name == "circuitpython" else "it can't be installed there"
    return Failure(UNFIT, f"The board on {port} runs {name}, not MicroPython: {remedy}")


def too_old(version, board):
    where = f"MicroPython for the {board.name}"
    if board.firmware:
        where = f"firmware from https://micropython.org/download/{board.firmware}/"
    return Failure(
        UNFIT,
        f"The board's MicroPython is {version}; {board.oldest} or newer is needed. Nothing was "
        f"changed. Install the newest {where} and deploy again",
    )


def no_bytecode(version, mpy, ours):
    why = "loads no .mpy files"
    if mpy:
        why = f"loads .mpy files of version {mpy}, and those of this checkout have version {ours}"
    return Failure(
        UNFIT,
        f"The board's MicroPython {version} {why}. Install the newest release, or the sources by "
        "`mpremote mip install ./package.json`",
    )


def another_board(board, facts, fitting):
    text = (
        f"BOARD is a {board.name} ({board.platform} {board.machine}), but the board says that it "
        f"is: {facts.machine} ({facts.platform}). Nothing was changed."
    )
    if fitting:
        text += " It may be: " + ", ".join(option("BOARD", name) for name in fitting)
    return Failure(UNFIT, text)


def which_board(facts, names):
    return Failure(
        UNFIT,
        f"The board says that it is: {facts.machine} ({facts.platform}). Say which it is: "
        + ", ".join(option("BOARD", name) for name in names)
        + f"; or {option('BOARD', './folder')} with a board.json of your own",
    )


def full(needed, free, root, largest=()):
    text = (
        f"There is not enough room on the board: {needed:,} bytes are needed in {root}, with the "
        f"old files still there, and {free:,} are free."
    )
    if largest:
        files = ", ".join(f"{path} ({size:,})" for path, size in largest)
        text += f" The largest files that are not of this: {files}."
    return Failure(FULL, text + " Remove some with `mpremote fs rm`, and deploy again")


# Its name, and its folder here.
too_small = _failure(
    UNFIT, "The library is too large for a {}; {}/README.md says more. Nothing was changed"
)
in_the_way = _failure(
    UNFIT,
    "{} is a folder on the board, where a file has to go. Remove it, or give it another name, and "
    "deploy again. Nothing was changed",
)
shadowed = _failure(
    UNFIT,
    "The board has another copy of the library in {0}, which it would import instead of this one. "
    "Remove it first: `mpremote fs rm -r :{0}`",
)
frozen = _failure(
    UNFIT,
    "The board's firmware has a copy of the library in it (frozen), which it imports instead of "
    "the one in /lib: install a firmware without it, or build a new one",
)
damaged = _failure(
    SILENT,
    "{} arrived damaged, twice: another cable or USB port may help. The old version is untouched",
)
no_settings = _failure(
    SETTINGS, "The board has no settings to keep: deploy without --keep-settings once"
)
unreadable_settings = _failure(
    SETTINGS,
    "secrets.py on the board is not what this can read: NAME = literal, as in the sample. Deploy "
    "with --keep-settings to leave it as it is, or remove it: `mpremote fs rm :secrets.py`",
)
not_in_place = _failure(
    SILENT,
    "The files are not all in place, though they were sent: something on the board changes them. "
    "Deploy again",
)

# A ROMFS.

no_rom = _failure(
    UNFIT,
    f"{option('ROMFS', 1)}: the board's firmware has no partition for a ROMFS. Nothing was "
    "changed. Deploy without it, or install a firmware that has one: boards/README.md says which",
)
rom_full = _failure(
    FULL,
    "The library takes {:,} bytes as a ROMFS, and the board's partition has {:,}. Nothing was "
    f"changed. Deploy without {option('ROMFS', 1)}",
)
rom_damaged = _failure(
    SILENT,
    "The ROM does not hold what was written into it, twice: its flash is worn out, or of a kind "
    f"that this does not know; {option('ROMFS', 0)} does without it",
)


def rom_taken(paths):
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return Failure(
        UNFIT,
        "The board's ROMFS holds files that are not of this library, which a deploy would lose: "
        f"{', '.join(paths[:3])}{more}. Nothing was changed. Make an image of your own without "
        f"the library, and deploy with {option('ROMFS', 0)}; or one with it (`make romfs`)",
    )


def rom_cut_off(why):
    """`why`: the Failure that happened. Its own remedy does not fit here."""
    return Failure(
        why.status,
        f"{str(why).split('. ')[0]}. This was while its ROM was written: a library in the file "
        "system still runs, but one that was in the ROM is gone until the next deploy. Deploy "
        "again",
    )
