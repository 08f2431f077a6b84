"""On MicroPython: does what the JSON in the file named by the first argument says, and prints a
line of JSON. See Device in test_install.py.
"""

import hashlib
import json
import sys
from binascii import hexlify

import mip

with open(sys.argv[1]) as f:
    order = json.load(f)

if "flash" in order:
    import flash

    flash.mount(order["flash"], order.get("new", False))

real = mip._rewrite_url


def from_the_shelf(url, branch=None):
    """What would come from GitHub comes from the test's server."""
    url = real(url, branch)
    if url.startswith(order["shelf"]):
        return url
    assert url.startswith("https://raw.githubusercontent.com/"), url
    return order["shelf"] + "/" + "/".join(url.split("/")[6:])  # behind OWNER/NAME/BRANCH


mip._rewrite_url = from_the_shelf
answer = {"error": None}
for package in order.get("install", []):
    try:
        index = order["shelf"] + "/index"
        mip.install(package, index=index, target=order["target"], mpy=order.get("mpy", True))
    except OSError as e:
        answer["error"] = e.errno

if "flash" in order:
    answer["files"] = {}
    for path in flash.files():
        with open(path, "rb") as f:
            answer["files"][path] = hexlify(hashlib.sha256(f.read()).digest()).decode()
    for folder in order.get("remove", []):
        flash.remove(folder)
        answer["left"] = flash.files()
print("=> " + json.dumps(answer))

if "run" in order:
    sys.path[:] = [order["target"], ".frozen"]
    sys.argv[:] = order["run"]
    with open(sys.argv[0]) as f:
        code = f.read()
    exec(code, {"__name__": "__main__"})
