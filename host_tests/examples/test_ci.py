"""examples/ci/lamp.py and its test, in a repository of their own, which is set up as their README
says.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.devices import ROOT
from needs import need_micropython

README = (ROOT / "examples/ci/README.md").read_text(encoding="utf-8")
PINS = "\n".join(path.read_text() for path in (ROOT / "tools/requirements").glob("*.in"))
STEPS = re.findall(r"- run: (.*)(?:\n +env: \{(\w+): (\w+)\})?", README)


@pytest.fixture
def repository(tmp_path):
    shutil.copytree(ROOT / "examples/ci", tmp_path / "tests")
    (tmp_path / "partysocket").symlink_to(ROOT)
    return tmp_path


def run(repository, *more):
    """Run the last step of the workflow. The packages of the first step are there already."""
    command, name, value = STEPS[1]
    tools = [Path(sys.executable).parent, Path(need_micropython()).parent]
    path = os.pathsep.join([*map(str, tools), os.environ["PATH"]])
    return subprocess.run(
        [*command.split(), "-p", "no:cacheprovider", *more],
        cwd=repository,
        env={**os.environ, name: value, "PATH": path},
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_the_workflow_installs_what_is_tested_here():
    install, test = (command for command, _, _ in STEPS)
    assert install.startswith("pip install ") and test.startswith("python -m pytest ")
    for pin in install.split()[2:]:
        assert pin in PINS


def test_the_tests_pass_in_a_repository_of_ones_own_and_find_a_lamp_that_stays_dark(repository):
    result = run(repository)
    assert result.returncode == 0 and "3 passed" in result.stdout, result.stdout + result.stderr
    lamp = repository / "tests/lamp.py"
    source = lamp.read_text()
    assert "LAMP.value(value)" in source
    lamp.write_text(source.replace("LAMP.value(value)", "LAMP.value(False)"))
    result = run(repository, "-k", "True")
    assert result.returncode == 1 and "1 failed" in result.stdout, result.stdout + result.stderr
