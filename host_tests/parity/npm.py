"""Node with the npm package `partysocket`: JSON in, JSON out."""

import json
import subprocess
from pathlib import Path

from needs import find_node, need, need_node

HERE = Path(__file__).resolve().parent
VERSION = "1.3.0"
# The dashboard is built with it. Its lock file pins the version.
PACKAGE = HERE.parents[1] / "tools" / "dashboard" / "node_modules" / "partysocket"


def need_partysocket():
    """The entry point of the npm package, of exactly VERSION."""
    need_node()
    path = PACKAGE / "dist" / "index.js"
    need(f"npm's partysocket {VERSION}", str(path) if path.exists() else None)
    found = json.loads((PACKAGE / "package.json").read_text())["version"]
    assert found == VERSION, f"partysocket is {found}: the rows tell of {VERSION}"
    return str(path)


def run(program, **given):
    """The answer of `program`, a file in this folder."""
    given["npm"] = need_partysocket()
    done = subprocess.run(
        [find_node(), str(HERE / program)],
        input=json.dumps(given).encode(),
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
