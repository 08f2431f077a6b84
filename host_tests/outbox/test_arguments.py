"""The arguments of an Outbox, and its errors for wrong ones; also on CircuitPython's fakes."""

import subprocess

import pytest

from interpreters import command_of

PROGRAM = """
import asyncio, json, os
from partysocket import PartySocket
from partysocket.outbox import Outbox

READING = '{"type": "reading", "values": {"a": 1}}'

def says(call, *args, **named):
    try:
        print(call(*args, **named))
    except Exception as e:
        print(type(e).__name__, e)

def socket(outbox, **options):
    return PartySocket("localhost", "r", start_closed=True, outbox=outbox, **options)

says(Outbox, "", 65536)
says(Outbox, 5, 65536)
says(Outbox, "box", 40959)
says(Outbox, "box", "64k")
says(Outbox, "box", 65536, batch_count=0)
says(Outbox, "box", 65536, batch_ms=-1)
says(Outbox, "box", 65536, full="drop")
says(Outbox, "box", 65536, count=1)
outbox = Outbox("box", 65536, batch_count=2, batch_ms=10, full="thin")
says(Outbox, "box/", 65536)
says(socket, 5)
says(socket, outbox, resend="unconfirmed")
ws = socket(outbox)
says(ws.update_properties, outbox=None)
for wrong in ("hello", "[1]", '{"type": "hello"}', '{"type": "reading"}', b"\\xff", '["reading"]',
              '{"type": "reading", "values": 5}', '{"type": "reading", "values": {}'):
    says(outbox.append, wrong)
says(outbox.append, READING[:-2] + ', "b": "' + "x" * 2003 + '"}}')
says(outbox.append, b" " + READING.encode() + b"\\n")
says(ws.send, READING)
says(ws.send, "no reading")
print(len(outbox), ws.buffered_amount, outbox.stats()["number"])
outbox.close()
outbox.close()
says(outbox.append, READING)
says(socket, outbox)
again = Outbox("box", 65536)
print(len(again), again.stats()["number"], again.stats()["dropped"])
again.close()
"""
SAID = """\
ValueError path is a folder's name, not ''
ValueError path is a folder's name, not 5
ValueError size_bytes is a whole number from 40960 up, not 40959
ValueError size_bytes is a whole number from 40960 up, not '64k'
ValueError batch_count is a whole number from 1 up, not 0
ValueError batch_ms is a whole number from 0 up, not -1
ValueError full is one of drop-oldest, drop-newest, thin, latest, not 'drop'
TypeError an outbox has no option 'count'
ValueError box/ is open in another Outbox: close() that first
TypeError outbox is a partysocket.outbox.Outbox, not 5
ValueError outbox and resend both keep what was sent: leave out resend
ValueError outbox stays as it is for a socket's life: make a new one
NO READING 'hello'
NO READING '[1]'
NO READING '{"type": "hello"}'
NO READING '{"type": "reading"}'
UnicodeError
NO READING '["reading"]'
NO READING '{"type": "reading", "values": 5}'
NO READING '{"type": "reading", "values": {}'
ValueError 2051 bytes: an outbox takes 2003
True
False
False
2 88 2
Error the outbox is closed: make a new one
Error the outbox is closed: make a new one
2 2 0
"""


def said(program, interpreter, folder):
    """The output lines of a program that runs in this folder."""
    (folder / "program.py").write_text(program)
    command, env = command_of(interpreter, "1M")
    done = subprocess.run(
        [*command, "program.py"], env=env, cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("interpreter", ["cpython", "micropython", "compiled", "pico_w"])
def test_what_is_wrong_is_named_with_its_remedy(interpreter, tmp_path):
    lines = said(PROGRAM, interpreter, tmp_path)
    # The interpreters have different texts for invalid UTF-8.
    lines = ["UnicodeError" if line.startswith("Unicode") else line for line in lines]
    why = 'ValueError an outbox keeps readings, {"type": "reading", "values": {...}}, not '
    assert lines == SAID.replace("NO READING ", why).splitlines()


READ_ONLY = """
import os
from partysocket.outbox import Outbox
class Blocks:
    def __init__(self):
        self.data = bytearray(64 * 4096)
    def readblocks(self, n, buf, offset=0):
        buf[:] = memoryview(self.data)[n * 4096 + offset:n * 4096 + offset + len(buf)]
    def writeblocks(self, n, buf, offset=0):
        self.data[n * 4096 + offset:n * 4096 + offset + len(buf)] = buf
    def ioctl(self, op, arg):
        return {4: 64, 5: 4096, 6: 0}.get(op)
blocks = Blocks()
os.VfsLfs2.mkfs(blocks)
os.mount(os.VfsLfs2(blocks), "/flash", readonly=True)
before = bytes(blocks.data)
try:
    Outbox("/flash/box", 65536)
except OSError as e:
    print(e)
print(before == blocks.data)
os.umount("/flash")
os.mount(os.VfsLfs2(blocks), "/flash")
Outbox("/flash/box", 65536).close()
os.umount("/flash")
os.mount(os.VfsLfs2(blocks), "/flash", readonly=True)
try:
    Outbox("/flash/box", 65536)
except OSError as e:
    print(e)
"""


def test_a_drive_that_is_read_only_is_told_with_the_remedy(tmp_path):
    lines = said(READ_ONLY, "micropython", tmp_path)
    assert lines[1] == "True"
    for line in (lines[0], lines[2]):
        assert "/flash/box is read-only" in line and 'storage.remount("/", False)' in line
