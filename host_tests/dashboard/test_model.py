"""Runs *.test.mjs in Node: the parts of the dashboard that do not need a page. Also checks that
they agree with the library.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from needs import need_node
from partysocket.core.local import is_local

HERE = Path(__file__).parent
FIRST = HERE.parents[1] / "tools/dashboard/src/first_program.js"
PROGRAMS = f"""import {{ programFor }} from {json.dumps(FIRST.as_uri())};
    const urls = process.argv.slice(1).map((address) => new URL(address));
    const programs = urls.map((url) => [url.host, programFor(url, "home", "main", null)]);
    console.log(JSON.stringify(programs));"""

LOCAL = ["localhost", "[::1]", "raspberrypi", "pi.local", "pi.local.", "pi.lan", "pi.home.arpa"]
LOCAL += ["pi.internal", "127.0.0.1", "127.1", "10.1.2.3", "192.168.1.20", "172.16.0.1"]
LOCAL += ["172.31.9.9", "169.254.1.1"]
OTHERS = ["rooms.example", "[fd00::1]", "8.8.8.8", "172.15.0.1", "172.32.0.1", "192.169.0.1"]
OTHERS += ["100.64.0.1", "10.example", "local.example", "lan.", "home.arpa.example", "134744072"]


def test_the_model():
    env = {**os.environ, "LC_ALL": "en_US.UTF-8", "TZ": "UTC"}
    command = [need_node(), "--test", *sorted(HERE.glob("*.test.mjs"))]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("scheme, own", [("http", "ws"), ("https", "wss")])
def test_the_program_names_a_protocol_only_where_the_library_would_take_the_other(scheme, own):
    hosts = LOCAL + OTHERS
    addresses = [f"{scheme}://{host}:1999/" for host in hosts]
    command = [need_node(), "--input-type=module", "-e", PROGRAMS, *addresses]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for host, (in_full, program) in zip(hosts, json.loads(said), strict=True):
        assert is_local(in_full) == (host in LOCAL), host
        by_itself = "ws" if is_local(in_full) else "wss"
        named = re.findall('protocol="(.*)"', program)
        assert named == ([] if by_itself == own else [own]), host
