"""Failures below the party server: a connection that can't send, a timer that never comes. Other
members are not affected.
"""

import pytest
import websockets

import party_server
from rooms.clients import http, join, path_of, post
from rooms.contract.outbox import come, one
from rooms.contract.servers import make
from rooms.contract.test_shares import HOUSE, listed, share

from .stored import opened

WORKER = """
import { Main as Whole } from "./worker.ts";
export { default } from "./worker.ts";

export class Main extends Whole {
  onConnect(connection, context) {
    if (connection.id.startsWith("broken")) connection.send = () => { throw new Error("broken"); };
    super.onConnect(connection, context);
  }
}
"""

TIMERS = """
export * from "./worker.ts";
export { default } from "./worker.ts";

globalThis.setTimeout = () => 0;
"""

# A GET is answered with the address that the room gets.
ADDRESS = """
import { Main as Whole } from "./worker.ts";
export { Rooms, default } from "./worker.ts";

export class Main extends Whole {
  async onRequest(request) {
    return Response.json(request.url);
  }
}
"""

# The text `abort` ends the room at once, with all its connections.
ABORT = """
import { Main as Whole } from "./worker.ts";
export { Rooms, default } from "./worker.ts";

export class Main extends Whole {
  async onMessage(connection, message) {
    if (message !== "abort") return super.onMessage(connection, message);
    await this.ctx.storage.sync();
    this.ctx.abort("broken");
  }
}
"""

# Who joins by a link comes when the link is just being revoked.
REVOKE = """
import { Main as Whole } from "./worker.ts";
export { Rooms, default } from "./worker.ts";

export class Main extends Whole {
  async getConnectionTags(connection, context) {
    const link = new URL(context.request.url).searchParams.get("link");
    const request = new Request(`http://room/?shares=${link}`, { method: "DELETE" });
    if (link) await this.onRequest(request);
    return super.getConnectionTags(connection, context);
  }
}
"""


def break_with(worker, folder, monkeypatch):
    """Let the next servers run `worker`, a module that replaces worker.ts."""
    for name in ("src", "node_modules"):
        (folder / name).symlink_to(party_server.ROOMS / name)
    (folder / "broken.js").write_text(worker)
    first = 'modules = [\n    (name = "broken.js", esModule = embed "broken.js"),'
    config = party_server.CONFIG.read_text().replace("modules = [", first)
    (folder / "config.capnp").write_text(config)
    monkeypatch.setattr(party_server, "CONFIG", folder / "config.capnp")


async def test_who_cannot_be_sent_to_stops_nobody_else(tmp_path, monkeypatch):
    break_with(WORKER, tmp_path, monkeypatch)
    with make("party_server", tmp_path) as server:
        async with (
            join(server, "r", pk="a") as a,
            join(server, "r", pk="broken-1", role="dashboard") as broken,
            join(server, "r", pk="broken-2", role="device", name="d"),
            join(server, "r", pk="b") as b,
        ):
            assert (await a.next("presence"))["device"] == "d"
            await broken.send("heard")
            assert await b.raw() == await a.raw() == "heard"
            await a.send({"type": "command", "device": "d", "name": "on"})
            assert (await a.next("result"))["error"] == "device 'd' is going"


def test_a_room_never_gets_a_token(tmp_path, monkeypatch):
    break_with(ADDRESS, tmp_path, monkeypatch)
    with make("party_server", tmp_path, token="s3cret") as server:
        status, address, _ = http(server, path_of("r", "points=5&token=s3cret"))
        assert status == 200 and "points=5" in address and "s3cret" not in address


async def test_the_sixteenth_message_is_acknowledged_without_a_timer(tmp_path, monkeypatch):
    break_with(TIMERS, tmp_path, monkeypatch)
    with make("party_server", tmp_path) as server:
        device, watcher = await come(server, "r"), await join(server, "r")
        for start in (0, 16):
            await device.send_all(one(n, n - 1) for n in range(start + 1, start + 16))
            await device.send("end")
            while await watcher.raw() != "end":
                pass
            await watcher.send("end")
            # There is no ack before it.
            assert await device.raw() == "end"
            await device.send(one(start + 16, start + 15))
            assert (await device.next())["n"] == start + 16


async def test_who_came_before_the_room_was_ended_is_told_after_it(tmp_path, monkeypatch):
    break_with(ABORT, tmp_path, monkeypatch)
    with make("party_server", tmp_path) as server:
        member = await join(server, "r")
        for name in ("a", "b"):
            device = await join(server, "r", role="device", name=name)
        # `b` is told later.
        assert (await member.next())["device"] == "a"
        await device.send("abort")
        await member.closed()
        member = await join(server, "r")
        assert (await member.next())["offline"] == ["a", "b"]
        # They are told only once. The answer means that all is on disk.
        post(server, "r", "c", t=1)
        server.kill()
        with opened(tmp_path / "storage") as db:
            keys = [key for (key,) in db.execute("SELECT key FROM _cf_KV")]
        assert keys and "gathers" not in keys


async def test_a_link_that_is_revoked_while_somebody_joins_by_it_is_over(tmp_path, monkeypatch):
    break_with(REVOKE, tmp_path, monkeypatch)
    with make("party_server", tmp_path, token=HOUSE) as server:
        reader = await join(server, "r", token=share(server, "r")["token"], role="dashboard")
        # It gets no snapshot.
        with pytest.raises(websockets.ConnectionClosed):
            await reader.raw()
        assert await reader.told() == (1008, "the share link was revoked")
        assert listed(server, "r") == []
