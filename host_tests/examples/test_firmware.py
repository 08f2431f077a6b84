"""examples/firmware_update.py and send_firmware.py: 300 KB through a heap of 192 KB."""

import hashlib
import random

import pytest

from e2e.devices import Device
from rooms.clients import join
from rooms.server_process import RoomServer
from strict_server import StrictServer

from .boards import Board

OLD = b"the old code"
NEW = random.Random(1).randbytes(300_000)
SHORT = b"print('hello')"


@pytest.fixture
def app(tmp_path):
    """The file that is replaced, in a board's folder."""
    folder = tmp_path / "board"
    folder.mkdir()
    (folder / "app.mpy").write_bytes(OLD)
    return folder / "app.mpy"


def announcement(file, secret=b"change me"):
    return "firmware " + hashlib.sha256(secret + hashlib.sha256(file).digest()).hexdigest()


def pieces(file):
    """The file as one message, or as the fragments of one."""
    return [file[i : i + 5000] for i in range(0, len(file), 5000)] if len(file) > 5000 else file


def sender(interpreter, folder, file, host, *room):
    """Run examples/send_firmware.py with this file."""
    new = folder / "new.mpy"
    new.write_bytes(file)
    return Device(interpreter, "examples/send_firmware.py", str(new), host, *room)


@pytest.mark.parametrize("interpreter", ["micropython", "cpython"])
async def test_a_file_is_sent_installed_and_started(server, host, app, tmp_path, interpreter):
    async with join(server, "firmware-1", role="dashboard") as dashboard:
        with Board("firmware_update.py", app.parent, host) as board:
            await dashboard.next("presence")
            with sender(interpreter, tmp_path, NEW, host, "firmware-1") as sending:
                sending.wait_line("installed")
                assert sending.wait_end() == 0
            board.wait_line("reset")
            assert board.wait_end() == 0
    assert app.read_bytes() == NEW
    assert not app.with_name("app.mpy.new").exists()


def test_what_breaks_off_or_is_not_signed_leaves_the_old_file_and_the_right_one_is_installed(app):
    wrong = [
        (announcement(NEW, secret=b"guessed"), NEW),
        (announcement(NEW), NEW[:-1]),
        (announcement(NEW), NEW[:1000]),
        ("firmware ", NEW),
        ("firmware \u00fc", SHORT),
        ("welcome", SHORT),
        # A long text is not a file.
        (announcement(SHORT), "x" * 10_000),
    ]

    async def half(connection):
        for part in pieces(NEW)[:30]:
            yield part
        connection.drop("rst")

    async def script(connection):
        if len(server.connections) == 1:
            await connection.send(announcement(NEW))
            await connection.send(half(connection))
        for text, file in wrong:
            assert app.read_bytes() == OLD
            await connection.send(text)
            await connection.send(pieces(file) if isinstance(file, bytes) else file)
            assert await connection.receive() == "refused: wrong signature"
        await connection.send(announcement(right))
        await connection.send(pieces(right))
        assert await connection.receive() == "installed"

    for right in (NEW, SHORT):
        app.write_bytes(OLD)
        with StrictServer(script) as server:
            with Board("firmware_update.py", app.parent, server.address) as board:
                board.wait_line("reset")
            assert len(server.connections) == 2
        assert app.read_bytes() == right


async def test_the_sender_says_what_is_wrong(server, host, tmp_path):
    file = NEW[:5000]
    async with join(server, "firmware-1") as device:
        with sender("micropython", tmp_path, file, host) as sending:
            assert await device.raw() == announcement(file)
            assert await device.raw() == file
            # From now on it takes all that comes.
            sending.wait_line("sent")
            for said in (b"\xff", "something else", "refused: wrong signature"):
                await device.send(said)
            sending.wait_line("refused: wrong signature")
            assert sending.wait_end() == 0
            sending.wait_output()
            assert sending.lines == ["sent", "refused: wrong signature"]
    # It does not accept messages of this length.
    with RoomServer() as usual:
        with sender("micropython", tmp_path, NEW[:20_000], f"127.0.0.1:{usual.port}") as sending:
            sending.wait_start("lost: 1009")
