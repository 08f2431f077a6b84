"""Draws dials per second after the servers' return: a panel for each case, a line for each set of
rules.
"""

import importlib.util
import os

_INSTALL = "make fleet PNG=fleet.png"
_BY_HAND = "python3 -m pip install --require-hashes -r tools/requirements/fleet.txt"
# Colour-blind people can distinguish these too.
_COLOURS = ["#0072b2", "#d55e00", "#cc79a7", "#009e73"]
_ACROSS = 3
_PANEL = (4, 2.2)  # inches, at ...
_DPI = 110


def trouble(path):
    """The reason for the user why no picture can be written to this path, or None."""
    if importlib.util.find_spec("matplotlib") is None:
        return f"--png needs matplotlib: `{_INSTALL}` installs it, or in a venv `{_BY_HAND}`"
    if path.suffix.lower() != ".png":
        return f"{path}: the picture's name must end in .png"
    if path.is_dir() or not path.absolute().parent.is_dir():
        return f"{path}: no folder to write it to"
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        return f"{path}: cannot be written"
    return None


def draw(results, path):
    """`results`: (case, rules) -> its Result."""
    from matplotlib.figure import Figure

    cases = list(dict.fromkeys(case for case, _ in results))
    rules = list(dict.fromkeys(rules for _, rules in results))
    down = -(-len(cases) // _ACROSS)
    across = min(_ACROSS, len(cases))
    figure = Figure(figsize=(_PANEL[0] * across, _PANEL[1] * down), layout="constrained")
    panels = list(figure.subplots(down, across, squeeze=False).flat)
    for panel in panels[len(cases) :]:
        panel.remove()
    for panel, case in zip(panels, cases):
        for above, (name, colour) in enumerate(zip(rules, _COLOURS)):
            if (case, name) in results:
                _line(panel, results[case, name], colour, 9 - above)  # the first on top
        panel.axhline(1, color="black", linewidth=0.8, linestyle="--")
        panel.set_yscale("symlog", linthresh=1)
        panel.set_ylim(bottom=0)
        panel.spines[["top", "right"]].set_visible(False)
        panel.set_title(results[case, rules[0]].what, loc="left", fontsize=8)
        panel.legend(fontsize=6, loc="upper right").set_zorder(10)
    figure.supylabel("dials a second / what the servers can do", fontsize=8)
    figure.supxlabel("seconds after the servers' return", fontsize=8)
    figure.savefig(path, dpi=_DPI)


def _line(panel, result, colour, above):
    took = result.back_s[1]
    label = f"{result.rules}: 99 % " + ("never" if took is None else f"after {took:.0f} s")
    seconds = range(len(result.per_second))
    panel.step(seconds, result.per_second, color=colour, label=label, zorder=above, linewidth=1)
