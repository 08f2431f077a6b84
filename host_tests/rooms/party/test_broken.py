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


def break_with(worker, folder, monkeypatch):
    """Let the servers to come run `worker`, a module that takes the place of worker.ts."""
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
