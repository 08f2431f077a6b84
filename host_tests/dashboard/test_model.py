"""Runs model.test.mjs in Node: the parts of the dashboard that know no page."""

import os
import subprocess
from pathlib import Path

from needs import need_node


def test_the_model():
    tests = Path(__file__).with_name("model.test.mjs")
    env = {**os.environ, "LC_ALL": "en_US.UTF-8", "TZ": "UTC"}
    command = [need_node(), "--test", tests]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
