"""A file of the party server comes in pieces: nothing is read before the client wants it, and a
part is never taken as the whole.
"""

import asyncio
import time
from http.client import IncompleteRead

import pytest

from rooms.clients import connect, get, http, join, path_of, post, read_all
from rooms.contract.outbox import come, until_done
from rooms.contract.servers import make

from .stored import batches
from .test_broken import break_with

COUNT = 200_000

# The text `reads` is answered with the number of chunks read since the last time. After `break`
# the tenth read fails.
READS = """
import { Main as Whole } from "./worker.ts";
export { Rooms, default } from "./worker.ts";

export class Main extends Whole {
  reads = 0;
  isBroken = false;

  constructor(ctx, env) {
    super(ctx, env);
    const { sql } = ctx.storage;
    const exec = sql.exec.bind(sql);
    sql.exec = (query, ...values) => {
      if (query.startsWith("SELECT start, data")) this.reads++;
      if (this.isBroken && this.reads > 10) throw new Error("broken");
      return exec(query, ...values);
    };
  }

  onMessage(connection, message) {
    if (message === "break") this.isBroken = true;
    else if (message !== "reads") return super.onMessage(connection, message);
    connection.send(`${this.reads}`);
    this.reads = 0;
  }
}
"""
# A client must read a piece within a twentieth of a second, not within a minute.
HURRY = """
const real = setTimeout;
globalThis.setTimeout = (call, ms) => real(call, ms === 60_000 ? 50 : ms);
"""


async def filled(server, count):
    device = await come(server, "r")
    now = int(time.time() * 1000)
    readings = [(now - (count - n) * 1000, {"t": n}) for n in range(count)]
    await device.send_all(batches(readings))
    await until_done(device, count)
    return await join(server, "r", hears="commands")


async def test_a_file_that_breaks_off_has_no_last_piece(tmp_path, monkeypatch):
    break_with(READS, tmp_path, monkeypatch)
    with make("party_server", tmp_path, rate=100000) as server:
        member = await filled(server, 20_000)
        await member.send("reads")
        await member.raw()
        assert http(server, path_of("r", "format=csv"), method="HEAD")[0] == 200
        await member.send("reads")
        assert await member.raw() == "0"
        for format in ("csv", "json"):
            assert http(server, path_of("r", f"format={format}"))[0] == 200
            await member.send("reads")
            assert int(await member.raw()) > 20
        # A text among the numbers is in one piece of them.
        post(server, "r", "d", t="off")
        points = http(server, path_of("r", "format=json"))[1]["points"]
        assert [point["value"] for point in points] == [*range(20_000), "off"]
        await member.send("break")
        await member.raw()
        for format in ("csv", "json"):
            with pytest.raises(IncompleteRead) as broken:
                http(server, path_of("r", f"format={format}"))
            assert b"19" in broken.value.partial
            await member.send("reads")
            await member.raw()


async def test_for_a_client_that_does_not_read_nothing_is_read_and_it_is_dropped(
    tmp_path, monkeypatch
):
    break_with(READS + HURRY, tmp_path, monkeypatch)
    with make("party_server", tmp_path, rate=100000, keep_raw=30) as server:
        member = await filled(server, COUNT)
        await member.send("reads")
        await member.raw()

        async def reads():
            await member.send("reads")
            return int(await member.raw())

        with connect(server) as tcp:
            tcp.sendall(get(path_of("r", "format=csv")))
            assert tcp.recv(1000).startswith(b"HTTP/1.1 200 ")
            read = 0
            while some := await reads():
                read += some
                await asyncio.sleep(0.1)
            assert 0 < read < COUNT // 600
            # What is on its way still comes, but no last piece.
            assert not read_all(tcp).endswith(b"\r\n0\r\n\r\n")


def test_names_are_in_the_order_of_their_characters(tmp_path):
    names = ["a", "ab", "B", "é", "\uff5e", "\U0001f600", "b"]
    with make("party_server", tmp_path) as server:
        for name in names:
            post(server, "r", name, **dict.fromkeys(names, 1))
        points = http(server, path_of("r", "format=json"))[1]["points"]
        listed = [(point["device"], point["name"]) for point in points]
        assert listed == [(device, name) for device in sorted(names) for name in sorted(names)]
