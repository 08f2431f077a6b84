"""A plug-in of Thonny that does what a person would: each line of its input is one thing to do,
and is answered by `person: done`.

The board behind a pseudo-terminal is on no USB port, so Thonny is told of one.
"""

import os
import queue
import sys
import threading
import traceback
from contextlib import suppress

from serial.tools.list_ports_common import ListPortInfo
from thonny import get_runner, get_shell, get_workbench
from thonny.plugins import pip_gui
from thonny.plugins.micropython import mp_front
from thonny.plugins.micropython.pip_gui import MicroPythonPipDialog

_LOOK_MS = 100


def start():
    yield lambda: get_runner() is not None and get_runner().is_waiting_toplevel_command()


def install(wheel):
    """Install a file in Manage packages. The system's window that asks for it is left out."""
    press("tools", "Manage packages...")
    yield lambda: packages() and packages()[0]._get_state() == "idle"
    (window,) = packages()
    pip_gui.askopenfilename = lambda **_: wheel
    get_workbench().after(1, lambda: window._handle_install_file_click(None))
    yield lambda: window._active_distributions and window._get_state() == "idle"


def close():
    packages()[0]._on_close()
    yield lambda: not packages()


def run(until):
    """Run the program, until the shell has this text."""
    press("run", "Run current script")
    yield lambda: until in get_shell().text.get("1.0", "end")


def press(menu, label):
    menu = get_workbench().get_menu(menu)
    entries = range(menu.index("end") + 1)
    (at,) = (
        n for n in entries if menu.type(n) == "command" and menu.entrycget(n, "label") == label
    )
    # It returns when its window is closed.
    get_workbench().after(1, lambda: menu.invoke(at))


def packages():
    children = get_workbench().winfo_children()
    return [child for child in children if isinstance(child, MicroPythonPipDialog)]


DO = {"start": start, "install": install, "close": close, "run": run}
_lines = queue.Queue()


def _read():
    for line in sys.stdin:
        _lines.put(line.strip())


def _work():
    """Yield whenever there is nothing to do yet."""
    while True:
        while _lines.empty():
            yield
        name, _, argument = _lines.get().partition(" ")
        for is_done in DO[name](*filter(None, [argument])):
            while not is_done():
                yield
        print("person: done", flush=True)


def _look(work):
    try:
        next(work)
    except Exception:
        traceback.print_exc()
        # Nobody waits for it any more.
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(1)
    get_workbench().after(_LOOK_MS, lambda: _look(work))


def load_plugin():
    port = ListPortInfo(os.environ["BOARD_PORT"])
    port.vid, port.pid = 0x2E8A, 5
    port.description = "Board in FS mode"
    mp_front._list_serial_ports_uncached = lambda **_: [port]
    threading.Thread(target=_read, daemon=True).start()
    get_workbench().after(_LOOK_MS, lambda: _look(_work()))
