"""Rooms of the room server move to the party server: all of them or nothing, whatever ends."""

import json
import shutil
import sqlite3
import time
from contextlib import closing

import pytest

from core.seeds import Chance
from rooms.clients import http, join, path_of, state_of, talk, upgrade
from rooms.contract.servers import make
from rooms.local import Local
from rooms.moves import HOT, IMPORT, LAYOUT, OWNER, TARGETS, Between, fill, move, shown, start

WATCH = "w4tch-s3cret-of-all"
SMALL = ("--piece-bytes", "4096")
HERE = {"Authorization": f"Bearer {OWNER}"}
THERE = {**HERE, "Import-Token": IMPORT}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The file of a room server that was stopped, and what it showed."""
    folder = tmp_path_factory.mktemp("filled")
    fill(folder / "rooms.db")
    with make("room_server", folder, token=OWNER, alert_targets=TARGETS) as server:
        states = shown(server)
        assert server.stop() == 0
    return folder / "rooms.db", states


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with party(tmp_path_factory.mktemp("party")) as running:
        yield running


@pytest.fixture
def own(tmp_path):
    """A party server of this test alone."""
    with party(tmp_path / "party") as running:
        yield running


def party(folder, **settings):
    settings = {"import_token": IMPORT, "alert_targets": TARGETS, **settings}
    settings = {name: value for name, value in settings.items() if value is not None}
    folder.mkdir(exist_ok=True)
    return make("party_server", folder, token=OWNER, read_token=WATCH, **settings)


def status_of(server, room="home"):
    return http(server, path_of(room, "import"), headers=THERE)[1]


def close_to(states):
    """Means may differ by rounding, where each server has counted them itself. Times may not."""
    if isinstance(states, dict):
        return {key: close_to(value) for key, value in states.items()}
    if isinstance(states, list):
        return [close_to(value) for value in states]
    is_number = isinstance(states, (int, float)) and not isinstance(states, bool)
    return pytest.approx(states, rel=1e-9) if is_number and abs(states) < 1e11 else states


def check_same(states, server):
    assert states == close_to(shown(server))


async def test_all_of_it_is_there_and_the_second_time_changes_nothing(filled, own):
    path, states = filled
    content = path.read_bytes()
    status, said = move(path, own.url)
    assert status == 0, said
    assert "main/home: moved" in said and "main/attic: moved" in said
    assert "DIFFERENT" not in said and said.count("equal") == 14
    check_same(states, own)
    state = state_of(own, "home", f"token={OWNER}")
    assert state["layout"] == {"version": 2, "layout": LAYOUT}
    assert state["alerts"]["rules"][0] == HOT and state["alerts"]["state"]["hot"]
    # It is an ordinary room: it takes readings, and is there after a restart.
    reading = json.dumps({"type": "reading", "values": {"t": 1}})
    assert http(own, path_of("home", "name=roof"), reading, headers=HERE)[0] == 200
    after = shown(own)
    status, said = move(path, own.url)
    assert (status, said.count("it is there already, nothing was changed")) == (0, 2)
    own.restart()
    assert shown(own) == after
    assert path.read_bytes() == content


def test_it_goes_on_after_ends_of_the_command_and_of_the_server(filled, own):
    path, states = filled
    chance = Chance("the ends of a move")
    running, ends = None, []

    def meet(number, body, forward):
        if chance.below(5) > 0:
            return forward()
        end = len(ends) % 4
        ends.append(end)
        # The piece comes and its answer is lost; or it does not come at all.
        if end in (0, 2):
            forward()
        if end < 2:
            own.restart()
        else:
            running.kill()
        return None

    with Between(own, meet) as between:
        for _ in range(1000):
            running = start(path, between.url, *SMALL, "--room", "home")
            said = running.communicate(timeout=120)[0]
            if running.returncode >= 0:
                break
            # Nobody else is in a room that is not whole.
            if status_of(own)["import"]:
                assert http(own, path_of("home"), headers=HERE)[0] == 503
    assert running.returncode == 0, said
    assert set(ends) == {0, 1, 2, 3}
    check_same(states, own)


async def test_while_it_moves_in_who_wants_in_is_told_to_come_back(filled, own):
    path, _ = filled
    told = []
    # What haproxy says when the owner of the room ends meanwhile.
    ended = [(502, b'{"error": "the room is out of reach"}')]

    def meet(number, body, forward):
        if ended:
            return ended.pop()
        answer = forward()
        told.append(http(own, path_of("home"), headers=HERE)[::2])
        told.append(http(own, path_of("home"), b"{}", headers=HERE)[::2])
        own.restart()
        told.append(talk(own, upgrade(path_of("home"), f"Authorization: Bearer {OWNER}"))[::2])
        return answer

    with Between(own, meet) as between:
        status, said = move(path, between.url, "--room", "home")
    assert status == 0, said
    assert told and all(code == 503 and headers["Retry-After"] == "10" for code, headers in told)
    async with join(own, "home", role="dashboard", token=OWNER) as dashboard:
        assert len((await dashboard.next("snapshot"))["devices"]) == 3


def test_what_was_changed_on_the_way_is_named_and_the_room_stays_closed(filled, own):
    path, states = filled

    def meet(number, body, forward):
        return forward(body.replace(b"31.5,", b"31.6,").replace(b",36.5]", b",36.6]"))

    with Between(own, meet) as between:
        status, said = move(path, between.url, "--room", "home")
    assert status == 1
    assert "DIFFERENT" in said and "main/home: pump/t/" in said and "--discard" in said
    assert http(own, path_of("home"), headers=HERE)[0] == 503
    # Of two rooms, this one alone is open.
    status, said = move(path, own.url, "--discard")
    assert (status, said) == (0, "main/home: what the move has brought is removed\n")
    empty = state_of(own, "home", f"token={OWNER}")
    assert empty["devices"] == [] and "layout" not in empty and empty["alerts"]["version"] == 0
    assert move(path, own.url, "--room", "home")[0] == 0
    check_same(states, own)


def test_another_state_of_the_file_does_not_go_on(filled, own, tmp_path):
    path, _ = filled
    later = tmp_path / "later.db"
    shutil.copy(path, later)
    with closing(sqlite3.connect(later)) as db:
        db.execute("UPDATE devices SET at = at + 1")
        db.commit()

    def meet(number, body, forward):
        running.kill()
        return forward()

    with Between(own, meet) as between:
        running = start(path, between.url, "--room", "home")
        running.communicate(timeout=120)
    status, said = move(later, own.url, "--room", "home")
    assert status == 1 and "another move is open there, of other data" in said
    assert move(path, own.url, "--room", "home")[0] == 0
    status, said = move(later, own.url, "--room", "home")
    assert status == 1 and "the room there is not empty, it has 3 devices" in said


@pytest.mark.parametrize(
    "env, args, wanted, text",
    [
        ({"ROOM_SERVER_TOKEN": "n0t-the-token-of-it"}, (), 1, "your token does not open this"),
        ({"ROOM_SERVER_TOKEN": WATCH}, (), 1, "your token only reads"),
        ({"IMPORT_TOKEN": OWNER}, (), 1, "give the server's IMPORT_TOKEN"),
        ({}, ("--room", "cellar"), 2, "--room: main/cellar is not in"),
        ({}, ("--keep-raw", "4"), 1, "set KEEP_RAW=4 there, or move less with --keep-raw"),
        ({}, ("--keep-raw", "40"), 2, "--keep-minutes: give at least --keep-raw"),
        ({}, ("--db", "/nowhere"), 2, "there is no file /nowhere: give that of the room server"),
        ({}, ("--to", "http://192.0.2.1x"), 2, "is not at home: give https:// or --insecure"),
        ({}, ("--discard",), 1, "no import is open: there is nothing to discard"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    filled, server, env, args, wanted, text
):
    status, said = move(filled[0], server.url, *args, **env)
    assert (status, said.count("\n")) == (wanted, 1) and text in said, said
    assert OWNER not in said and IMPORT not in said
    assert status_of(server)["import"] is None


@pytest.mark.parametrize(
    "settings, text",
    [
        ({"max_devices": 2}, "3 devices do not fit, 2 do: raise MAX_DEVICES there"),
        ({"keep_hours": 700}, "730 days of hours do not fit, 700 are kept there"),
        ({"alert_targets": {}}, "'phone', which is no target there: set ALERT_TARGETS"),
        ({"import_token": None}, "takes no rooms of another server: set IMPORT_TOKEN there"),
        ({"import_token": "short"}, "IMPORT_TOKEN: give 16 to 256 ASCII characters"),
    ],
)
def test_what_the_server_is_not_set_for_is_refused(filled, tmp_path, settings, text):
    with party(tmp_path, **settings) as server:
        status, said = move(filled[0], server.url, "--room", "home")
        assert status == 1 and text in said, said


def test_more_than_the_server_stores_is_refused(tmp_path):
    now = int(time.time() * 1000)
    local = Local(tmp_path / "rooms.db", now)
    pump = local.device("pump")
    # Of each of the nine, the newest 1,000 changes are kept, of about 120 bytes each.
    for n in range(0, 1020, 30):
        values = [dict.fromkeys("abcdefghi", i % 2 == 0) for i in range(30)]
        pump.batch(n, *((n + i, now - 1000 * (2000 - n - i), values[i - 1]) for i in range(1, 31)))
    local.store.close()
    with party(tmp_path / "party", max_db_bytes=2**20) as server:
        status, said = move(tmp_path / "rooms.db", server.url)
        assert (status, said.count("\n")) == (1, 1), said
        assert "about 1080000 bytes do not fit, 1048576 do: raise MAX_DB_BYTES there" in said
        assert status_of(server)["import"] is None


async def test_a_room_in_use_is_refused(filled, own, tmp_path):
    path, _ = filled
    async with join(own, "home", role="dashboard", token=OWNER):
        status, said = move(path, own.url, "--room", "home")
        assert status == 1 and "1 clients are in the room there: close them first" in said
    body = json.dumps({"type": "reading", "values": {"t": 1}})
    assert http(own, path_of("attic", "name=other"), body, headers=HERE)[0] == 200
    before = shown(own, "attic")
    # Neither is the other one moved.
    status, said = move(path, own.url)
    assert status == 1 and "main/attic: the room there is not empty, it has 1 devices" in said
    assert shown(own, "attic") == before and status_of(own)["import"] is None
    # Nor by who asks for it directly: not with the room's token alone, not without a begin.
    piece = json.dumps({"id": "0" * 64, "rows": []})
    for headers, code in ((HERE, 403), (THERE, 409)):
        assert http(own, path_of("attic", "import=0"), piece, "PUT", headers)[0] == code
    begin = json.dumps({"id": "0" * 64, "now": 0, "pieces": 1})
    assert http(own, path_of("attic", "import=begin"), begin, "POST", THERE)[0] == 409


def test_the_room_server_must_be_stopped_and_its_file_of_this_version(filled, tmp_path, server):
    with make("room_server", tmp_path, token=OWNER) as old:
        status, said = move(tmp_path / "rooms.db", server.url)
        assert status == 2 and "is in use by another server: stop it" in said
        status, said = move(filled[0], old.url, "--room", "home")
        assert status == 1 and "no party server of this version answers there" in said
        old.stop()
        status, said = move(filled[0], old.url, "--room", "home")
        assert status == 1 and "Connection refused" in said
    with closing(sqlite3.connect(tmp_path / "rooms.db")) as db:
        db.execute("PRAGMA user_version = 4")
    status, said = move(tmp_path / "rooms.db", server.url)
    assert status == 2 and "has schema 4, and this is for 5: start the room server" in said
    (tmp_path / "rooms.db").write_text("no database, but long enough for one" * 100)
    status, said = move(tmp_path / "rooms.db", server.url)
    assert status == 2 and "file is not a database; give another file" in said


@pytest.mark.parametrize(
    "row", [["raw", "d", "t", [[1]]], ["raw", "d", "t", [[1, "2"]]], ["device", {"name": "d"}], 7]
)
def test_a_row_that_is_none_changes_nothing(server, row):
    room = path_of("rows")
    id = "0" * 64
    begin = json.dumps({"id": id, "now": 0, "pieces": 1})
    http(server, f"{room}?import=begin", begin, "POST", THERE)
    rows = [["raw", "d", "t", [[1, 2]]], row]
    body = json.dumps({"id": id, "rows": rows})
    status, answer, _ = http(server, f"{room}?import=0", body, "PUT", THERE)
    assert status == 400 and "the rows are device, points" in answer["error"]
    assert status_of(server, "rows")["import"]["next"] == 0
