"""Runs one deploy for the room server's page. The order comes in, and events go out, each a line
of JSON. If the input ends, for example because the server does, the deploy is stopped as by
Ctrl-C: the board starts.

The order: {"port", "board" ("": the board says), "settings": as Asker.complete gets them}. The
last event is `done`, or `failed` with the exit status of `make deploy` and the text.
"""

import _thread
import json
import os
import signal
import sys
import threading

from . import forms
from .ask import Asker
from .order import Order
from .run import deploy
from .words import Failure

_STOPPED = (
    "Stopped. The board has started again, with its old version or the whole new one. Install "
    "again: what is there already is not sent anew"
)


def main():
    global _events
    # A line that mpremote prints is no event.
    _events, sys.stdout = sys.stdout, sys.stderr
    line = b""
    while not line.endswith(b"\n"):
        line += os.read(0, 65536) or b"{}\n"
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _tell(*_result(json.loads(line)))


def _wait_for_the_end():
    # Not by sys.stdin: its lock would be held when the interpreter ends.
    while os.read(0, 65536):
        pass
    _thread.interrupt_main()


def _result(order):
    """Carry out the order. Returns the last event."""
    asker, given = Asker(can_ask=False), order["settings"]
    try:
        threading.Thread(target=_wait_for_the_end, daemon=True).start()
        deploy(
            Order(
                port=order["port"],
                complete=lambda current, has_wifi: asker.complete(current, given, has_wifi),
                tell=lambda kind, **facts: _tell(kind, facts),
                kind=forms.load(order["board"]) if order["board"] else None,
            )
        )
    except Failure as failure:
        return "failed", {"status": failure.status, "text": str(failure)}
    except KeyboardInterrupt:
        return "failed", {"status": 130, "text": _STOPPED}
    # Its text may contain anything.
    except Exception as error:
        return "failed", {"status": 1, "text": f"A fault of this program: {type(error).__name__}"}
    return "done", {}


def _tell(kind, facts):
    try:
        print(json.dumps({"kind": kind, **facts}), file=_events, flush=True)
    except OSError:
        # The server is gone. The input has ended too, or will at once.
        pass


if __name__ == "__main__":
    main()
