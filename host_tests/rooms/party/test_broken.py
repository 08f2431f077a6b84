"""A connection on which the party server can send nothing: the others go on."""

import party_server
from rooms.clients import join
from rooms.contract.servers import make

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


async def test_who_cannot_be_sent_to_stops_nobody_else(tmp_path, monkeypatch):
    for name in ("src", "node_modules"):
        (tmp_path / name).symlink_to(party_server.ROOMS / name)
    (tmp_path / "broken.js").write_text(WORKER)
    first = 'modules = [\n    (name = "broken.js", esModule = embed "broken.js"),'
    config = party_server.CONFIG.read_text().replace("modules = [", first)
    (tmp_path / "config.capnp").write_text(config)
    monkeypatch.setattr(party_server, "CONFIG", tmp_path / "config.capnp")
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
