"""Dials per second after the server's return, one panel for each policy."""

import importlib.util
import os

from .figures import BIN_MS

_INSTALL = "make fleet PNG=fleet.png"
_BY_HAND = "python3 -m pip install --require-hashes -r tools/requirements/fleet.txt"
_COLOURS = ["#d55e00", "#cc79a7", "#0072b2"]  # told apart by colour-blind eyes too
_LONGEST_S = 180
_SIZE = (9, 7)  # inches, at ...
_DPI = 130


def trouble(path):
    """Why no picture can be drawn to this path, in words for the user; or None."""
    if importlib.util.find_spec("matplotlib") is None:
        return f"--png needs matplotlib: `{_INSTALL}` installs it, or in a venv `{_BY_HAND}`"
    if path.suffix.lower() != ".png":
        return f"{path}: the picture's name must end in .png"
    if path.is_dir() or not path.absolute().parent.is_dir():
        return f"{path}: no folder to write it to"
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        return f"{path}: cannot be written"
    return None


def draw(runs, rate, path):
    """`runs`: policy -> its Run."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE, layout="constrained")
    panels = figure.subplots(len(runs), sharex=True, sharey=True)
    for panel, (name, run), colour in zip(panels, runs.items(), _COLOURS):
        _panel(panel, name, run, rate, colour)
    run = next(iter(runs.values()))
    figure.suptitle(
        f"{run.devices:,} devices come back; dashed: the server can do {rate:,} a second"
    )
    figure.supylabel("dials in each second")
    panels[-1].set_xlabel("seconds after the server's return")
    figure.savefig(path, dpi=_DPI)


def _panel(panel, name, run, rate, colour):
    dials = run.per_second(_LONGEST_S)
    panel.bar(range(_LONGEST_S), dials, width=1, align="edge", color=colour)
    panel.axhline(rate, color="black", linewidth=0.8, linestyle="--")
    took = run.back_s(0.99)
    watched = (len(run.dials) * BIN_MS - run.down_ms) // 1000
    back = f"not 99 % back within {watched} s" if took is None else f"99 % back after {took:.0f} s"
    panel.set_title(f"{name}: {back}, {run.tries:.1f} tries per device", loc="left", fontsize=10)
    panel.yaxis.set_major_formatter("{x:,.0f}")
    panel.spines[["top", "right"]].set_visible(False)
    panel.set_xlim(0, _LONGEST_S)
