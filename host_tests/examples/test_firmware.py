"""examples/firmware_update.py and send_firmware.py: 300 KB through a heap of 192 KB."""

import hashlib
import random

import pytest

from e2e.devices import Device
from rooms.clients import asynchronous, join
from rooms.server_process import RoomServer
from strict_server import StrictServer

from .boards import Board

OLD = "the old code"
NEW = random.Random(1).randbytes(300_000)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "board"
    folder.mkdir()
    (folder / "app.mpy").write_text(OLD)
    return folder


def installed(folder):
    return (folder / "app.mpy").read_bytes()


def announcement(file, secret=b"change me"):
    return "firmware " + hashlib.sha256(secret + hashlib.sha256(file).digest()).hexdigest()


def pieces(file):
    """As fragments."""
    return [file[i : i + 5000] for i in range(0, len(file), 5000)]


def sender(interpreter, folder, file, *where):
    """examples/send_firmware.py with this file."""
    new = folder / "new.mpy"
    new.write_bytes(file)
    return Device(interpreter, "examples/send_firmware.py", str(new), *where)


def update(folder, script):
    """Have the example talk with a server that plays the script, until it has started anew."""
    with StrictServer(script) as server:
        with Board("firmware_update.py", folder, server.address) as board:
            board.wait_line("reset")
        return server.connections


@pytest.mark.parametrize("interpreter", ["micropython", "cpython"])
@asynchronous
async def test_a_file_is_sent_installed_and_started(server, host, folder, tmp_path, interpreter):
    async with join(server, "firmware-1", role="dashboard") as dashboard:
        with Board("firmware_update.py", folder, host) as board:
            await dashboard.next("presence")
            with sender(interpreter, tmp_path, NEW, host, "firmware-1") as sending:
                sending.wait_line("installed")
                assert sending.wait_end() == 0
            board.wait_line("reset")
            assert board.wait_end() == 0
    assert installed(folder) == NEW
    assert not (folder / "app.mpy.new").exists()


def test_a_transfer_that_breaks_off_leaves_the_old_file_and_the_next_one_is_installed(folder):
    half_way = []

    async def half(connection):
        for part in pieces(NEW)[:30]:
            half_way.append(part)
            yield part
        connection.drop("rst")

    async def script(connection):
        await connection.send(announcement(NEW))
        if not half_way:
            await connection.send(half(connection))
        assert installed(folder) == OLD.encode()
        await connection.send(pieces(NEW))
        assert await connection.receive() == "installed"

    assert len(update(folder, script)) == 2 and len(half_way) == 30
    assert installed(folder) == NEW


def test_a_file_that_is_not_signed_with_the_secret_is_refused(folder):
    short = b"print('hello')"
    wrong = [
        (announcement(NEW, secret=b"guessed"), NEW),
        (announcement(NEW), NEW[:-1]),
        (announcement(NEW), NEW[:1000]),
        ("firmware ", NEW),
        ("firmware \u00fc", short),
        ("welcome", short),
    ]

    async def script(connection):
        for text, file in wrong:
            await connection.send(text)
            await connection.send(pieces(file) if len(file) > 5000 else file)
            assert await connection.receive() == "refused: wrong signature"
            assert installed(folder) == OLD.encode()
        await connection.send("x" * 10_000)  # a long text is no file
        assert await connection.receive() == "refused: wrong signature"
        await connection.send(announcement(short))
        await connection.send(short)
        assert await connection.receive() == "installed"

    assert len(update(folder, script)) == 1
    assert installed(folder) == short


@asynchronous
async def test_the_sender_says_what_is_wrong(server, host, tmp_path):
    file = NEW[:5000]
    async with join(server, "firmware-1") as device:
        with sender("micropython", tmp_path, file, host) as sending:
            assert await device.raw() == announcement(file)
            assert await device.raw() == file
            sending.wait_line("sent")  # from then on it takes all that comes
            for said in (b"\xff", "something else", "refused: wrong signature"):
                await device.send(said)
            sending.wait_line("refused: wrong signature")
            assert sending.wait_end() == 0
            sending.wait_output()
            assert sending.lines == ["sent", "refused: wrong signature"]


def test_the_sender_tells_of_a_server_that_takes_no_message_so_long(tmp_path):
    with RoomServer() as server:
        where = f"127.0.0.1:{server.port}"
        with sender("micropython", tmp_path, NEW[:20_000], where) as sending:
            sending.wait_start("lost: 1009")
