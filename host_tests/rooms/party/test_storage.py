"""A storage that takes nothing: who sent it is told, nothing of it is kept, and nothing is
acknowledged as stored.
"""

import json

import pytest
import websockets

from rooms.clients import http, join, path_of, reading, state_of
from rooms.contract.outbox import come, one, until_done
from rooms.contract.servers import make
from rooms.contract.test_alerts import HOT
from rooms.contract.test_alerts import message as alerts
from rooms.contract.test_layout import layout
from rooms.contract.test_shares import HOUSE, ask, listed
from rooms.moves import IMPORT

from .test_broken import break_with

# The texts `refuse rows`, `refuse keys` and `lose` break a room's storage before the next message,
# `mend` repairs it.
STORAGE = """
import { Main as Whole } from "./worker.ts";
export { Rooms, default } from "./worker.ts";

const fail = () => { throw new Error("SQLITE_FULL: secret words"); };

export class Main extends Whole {
  constructor(ctx, env) {
    const { storage } = ctx;
    const { sql, kv } = storage;
    const refused = new Set();
    const exec = sql.exec.bind(sql);
    sql.exec = (query, ...values) => {
      if (refused.has("rows") && !query.startsWith("SELECT")) fail();
      return exec(query, ...values);
    };
    const put = (...words) => refused.has("keys") ? fail() : kv.put(...words);
    const value = { get: (key) => kv.get(key), put, delete: (key) => kv.delete(key) };
    Object.defineProperty(storage, "kv", { value });
    super(ctx, env);
    this.refused = refused;
  }

  onMessage(connection, message) {
    const { storage } = this.ctx;
    const [word, what] = message.split(" ");
    if (word === "refuse") this.refused.add(what);
    if (word === "lose") storage.sync = async () => fail();
    if (word === "mend") { this.refused.clear(); delete storage.sync; }
    return super.onMessage(connection, message);
  }
}
"""

# After a request for import=refuse, the next piece of a room that moves in is written, and then
# taken back.
PIECE = """
import { Main as Whole } from "./worker.ts";
export { Rooms, default } from "./worker.ts";

export class Main extends Whole {
  async onRequest(request) {
    if (!request.url.includes("import=GET+refuse")) return super.onRequest(request);
    const { storage } = this.ctx;
    const write = storage.transactionSync.bind(storage);
    storage.transactionSync = (all) => {
      delete storage.transactionSync;
      write(() => { all(); throw new Error("SQLITE_FULL"); });
    };
    return Response.json({});
  }
}
"""


async def test_what_the_storage_does_not_take_is_passed_on_and_no_more_is_promised(
    tmp_path, monkeypatch
):
    break_with(STORAGE, tmp_path, monkeypatch)
    with make("party_server", tmp_path) as server:
        device, watcher = await come(server, "r"), await join(server, "r")
        await watcher.send("refuse rows")
        assert await device.raw() == "refuse rows"
        await device.send_all([{"type": "hello", "name": "North"}, reading(t=1)])
        assert (await watcher.next())["name"] == "North"
        assert (await watcher.next())["values"] == {"t": 1}
        # It is sent again.
        await device.send(one(1, 0))
        for _ in range(3):
            error = await device.next()
            assert (error["type"], error["status"]) == ("error", 507)
            assert "storage" in error["error"] and "secret" not in error["error"]
        status, answer, _ = http(server, path_of("r", "name=d"), reading(t=2).encode())
        assert status == 507 and "storage" in answer["error"]
        assert (await watcher.next())["values"] == {"t": 2}
        assert (await device.next())["values"] == {"t": 2}
        await watcher.send("mend")
        assert await device.raw() == "mend"
        [state] = state_of(server, "r")["devices"]
        assert (state["about"], state["last"], state["history"]) == ({}, {}, {})
        await device.send(one(1, 0))
        assert (await watcher.next())["values"] == {"t": 1}
        await until_done(device, 1)


async def test_what_is_set_and_not_stored_is_told_to_its_sender_alone_and_changes_nothing(
    tmp_path, monkeypatch
):
    break_with(STORAGE, tmp_path, monkeypatch)
    with make("party_server", tmp_path, token=HOUSE) as server:
        a, b = [await join(server, "r", role="dashboard", token=HOUSE) for _ in range(2)]
        for client in (a, b):
            await client.next("snapshot")
        await a.send_all([alerts(0, HOT), layout(0, {"n": 1})])
        for kind in ("alerts", "layout"):
            assert (await a.next())["version"] == (await b.next(kind))["version"] == 1
        path = path_of("r", f"name=d&token={HOUSE}")
        assert http(server, path, reading(t=31).encode())[0] == 200
        for client in (a, b):
            await client.next("alert")
            await client.next("reading")
        before = state_of(server, "r", f"token={HOUSE}")
        # The new rule ends what is on. That is a row, and the rules are a key.
        other = alerts(1, {**HOT, "limit": 40})
        for what, messages in (("rows", [other]), ("keys", [other, layout(1, {"n": 2})])):
            await b.send(f"refuse {what}")
            assert await a.raw() == f"refuse {what}"
            await a.send_all(messages)
            for _ in messages:
                error = await a.next()
                assert (error["type"], error["status"]) == ("error", 507)
                assert "storage" in error["error"] and "secret" not in error["error"]
            if what == "keys":
                assert ask(server, "r", {})[0] == 507
            await b.send("mend")
            assert await a.raw() == "mend"
        await a.send("end")
        assert await b.raw() == "end"
        for _ in range(2):
            after = state_of(server, "r", f"token={HOUSE}")
            assert [after[key] for key in ("alerts", "layout")] == [
                before[key] for key in ("alerts", "layout")
            ]
            assert listed(server, "r") == []
            server.restart()


async def test_a_write_that_is_never_confirmed_ends_the_connection_unacknowledged(
    tmp_path, monkeypatch
):
    break_with(STORAGE, tmp_path, monkeypatch)
    with make("party_server", tmp_path) as server:
        device, watcher = await come(server, "r"), await join(server, "r")
        await watcher.send("lose")
        assert await device.raw() == "lose"
        assert http(server, path_of("r", "name=e"), reading(t=2).encode())[0] == 507
        assert (await device.next("reading"))["values"] == {"t": 2}
        await device.send(one(1, 0))
        with pytest.raises(websockets.ConnectionClosedError) as ended:
            # There is no ack.
            await device.raw()
        assert ended.value.rcvd.code == 1011
        assert ended.value.rcvd.reason == "what you sent could not be stored"


async def test_a_piece_of_a_room_that_was_not_stored_is_stored_when_it_comes_again(
    tmp_path, monkeypatch
):
    break_with(PIECE, tmp_path, monkeypatch)
    headers = {"Authorization": f"Bearer {HOUSE}", "Import-Token": IMPORT}
    device = {"name": "d", "at": 1, "about": {}, "last": [["t", 31, 1, None]]}
    rules = {"version": 1, "rules": [HOT], "on": {"hot": {"d": 1}}, "dropped": {}, "notices": []}
    rows = [["device", {**device, "undated": [], "epochs": []}], ["alerts", rules]]
    with make("party_server", tmp_path, token=HOUSE, import_token=IMPORT) as server:

        def move(method, what, **body):
            text = json.dumps({"id": "0" * 64, **body}) if body else None
            path = path_of("r", f"import={what}")
            return http(server, path, text, method, headers)[:2]

        assert move("POST", "begin", now=0, pieces=1)[0] == 200
        assert move("GET", "refuse") == (200, {})
        status, answer = move("PUT", "0", rows=rows)
        assert status == 507 and "storage" in answer["error"]
        assert move("PUT", "0", rows=rows)[0] == 200
        assert move("POST", "end", now=0)[0] == 200
        for _ in range(2):
            state = state_of(server, "r", f"token={HOUSE}")
            assert [device["device"] for device in state["devices"]] == ["d"]
            assert (state["alerts"]["rules"], state["alerts"]["state"]) == ([HOT], rules["on"])
            server.restart()
