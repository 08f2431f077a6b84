"""Runs MicroPython, the echo server and node as processes."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build"
DEVICE = HERE / "device"


class Missing(Exception):
    """This can't be measured here. The text says why."""


class MicroPython:
    """The interpreter. A script's answer is its line that begins with "=> "."""

    def __init__(self, path=None):
        self.path = path or os.environ.get("MICROPYTHON") or str(ROOT / ".venv/bin/micropython")
        self.version = None
        # For mpy-cross -march. None: it can't run native code.
        self.arch = None
        with contextlib.suppress(Missing):
            code = "import json, sys; print('=> ' + json.dumps([sys.version, "
            code += "sys.implementation._mpy >> 10]))"
            text, arch = json.loads(self._run(["-c", code], {}, 20))
            self.version = text.split("; MicroPython ")[-1]
            self.arch = [None, "x86", "x64"][arch & 15] if arch & 15 < 3 else None

    def run(self, script, words, tree, heap="64m", limit_s=60, rom=None):
        """Run device/SCRIPT.py with BENCH=words. `tree`: the folders to import from; `rom`: the
        path of a ROMFS image that comes before them.
        """
        environ = _environ(tree, words)
        if rom is not None:
            script = f"mount_rom, {script}"
            environ["ROM"] = str(rom)
        arguments = ["-X", f"heapsize={heap}", "-c", f"import {script}"]
        return self._run(arguments, environ, limit_s)

    def task(self, task, client, port, *words, tree, heap="64m", limit_s=60, rom=None):
        """Run a task of device/tasks.py and return its answer."""
        words = [task, client, port, *words]
        return json.loads(self.run("tasks", words, tree, heap, limit_s, rom))

    def _run(self, arguments, environ, limit_s):
        try:
            done = subprocess.run(
                [self.path, *arguments],
                env={**os.environ, **environ},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=limit_s,
            )
        except subprocess.TimeoutExpired:
            raise Missing(f"not done within {limit_s} s") from None
        except OSError:
            raise Missing(f"MicroPython does not run: {self.path}") from None
        lines = done.stdout.decode(errors="replace").strip().splitlines() or ["it wrote nothing"]
        for line in lines:
            if line.startswith("=> "):
                return line[3:]
        raise Missing(lines[-1][:120])


def _environ(tree, words):
    folders = [*map(str, tree), str(DEVICE), ".frozen"]
    return {"MICROPYPATH": ":".join(folders), "BENCH": " ".join(map(str, words))}


@contextlib.contextmanager
def server():
    """Run server.py. Gives its ports, and the file with its root certificate."""
    folder = tempfile.mkdtemp()
    root = os.path.join(folder, "root.pem")
    process = subprocess.Popen(
        [sys.executable, str(HERE / "server.py"), root],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield [int(one) for one in process.stdout.readline().split()], root
    finally:
        shutil.rmtree(folder)
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def node_folder():
    """The folder of the WebAssembly MicroPython. The first call installs it into build/."""
    folder = BUILD / "bench" / "wasm"
    package = folder / "node_modules/@micropython/micropython-webassembly-pyscript"
    if not (package / "package.json").exists():
        npm = find("npm")
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "wasm" / name, folder)
        done = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        if done.returncode:
            raise Missing("npm could not install the WebAssembly MicroPython")
    return package


def find(program):
    path = shutil.which(program, path=f"{ROOT / '.venv/bin'}:{os.environ.get('PATH', '')}")
    if path is None:
        raise Missing(f"needs {program}, which is not on this machine")
    return path
