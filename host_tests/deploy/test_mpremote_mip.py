"""mpremote installs the library onto a board, in both forms, and it runs there."""

import json
from pathlib import Path

import pytest
from pty_board import PtyBoard
from test_pty_board import mpremote

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """\
import asyncio, sys
from partysocket import PartySocket, Error
from partysocket.core import mask
async def main():
    socket = PartySocket("127.0.0.1:9", "home")
    failed = asyncio.Event()
    socket.onerror = lambda event: failed.set()
    await failed.wait()
    print(socket.last_error[0], socket.room_url)
    socket.close()
asyncio.run(main())
buf = bytearray(b"\\x01\\x02\\x03\\x04abcdefgh")
mask.mask(buf, 4, 8)
print(bytes(buf[4:]), sys.modules["partysocket"].__file__)
"""
MASKED = bytes(c ^ k for c, k in zip(b"abcdefgh", b"\x01\x02\x03\x04" * 2))


@pytest.mark.parametrize("manifest", ["package.json", "lib/mpy/x64.json"])
def test_what_it_installs_is_whole_and_runs(manifest, tmp_path):
    urls = json.loads((ROOT / manifest).read_text())["urls"]
    with PtyBoard(tmp_path) as board:
        mpremote(board, "mip", "install", str(ROOT / manifest))
        tree = mpremote(board, "fs", "tree", "-s", "/lib")
        sizes = sorted(
            int(line.partition("[")[2].partition("]")[0])
            for line in tree.splitlines()
            if "[" in line
        )
        sources = [(ROOT / manifest).parent / url for _, url in urls]
        assert sizes == sorted(path.stat().st_size for path in sources)
        said = mpremote(board, "exec", PROGRAM)
    suffix = "py" if manifest == "package.json" else "mpy"
    assert said.splitlines() == [
        "tcp ws://127.0.0.1:9/parties/main/home",
        f"{MASKED} /lib/partysocket/__init__.{suffix}",
    ]
