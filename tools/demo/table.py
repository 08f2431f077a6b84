"""Shows what arrives. On a terminal it updates a table, elsewhere it prints lines."""

import sys


class Table:
    def __init__(self):
        self._is_terminal = sys.stdout.isatty()
        self._height = 0
        self._next_line_s = 0

    def draw(self, devices, elapsed):
        if not self._is_terminal:
            if elapsed >= self._next_line_s:
                self._next_line_s = elapsed + 2
                states = (
                    f"{d.name} {'on ' if d.online else 'off'} {len(d.seen):3d}" for d in devices
                )
                print(f"{elapsed:6.1f} s   " + "   ".join(states), flush=True)
            return
        lines = [f"{'device':10} {'state':8} {'arrived':>8}   last reading"]
        for d in devices:
            values = "  ".join(f"{k} {v:g}" for k, v in sorted(d.last.items()) if k != "n")
            lines.append(
                f"{d.name:10} {'online' if d.online else 'offline':8} {len(d.seen):8d}   {values}"
            )
        lines.append(f"{elapsed:.0f} s")
        if self._height:
            sys.stdout.write(f"\x1b[{self._height}A")
        sys.stdout.write("".join(f"\x1b[2K{line[:110]}\n" for line in lines))
        sys.stdout.flush()
        self._height = len(lines)

    def say(self, text):
        print(text, flush=True)
        self._height = 0
