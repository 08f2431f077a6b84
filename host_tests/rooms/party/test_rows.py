"""The number of written rows, which Cloudflare bills, is as in the party server's README."""

import time

import pytest

from rooms.clients import join
from rooms.contract.outbox import batch, come, entry, one, until_done
from rooms.contract.servers import make
from rooms.contract.test_layout import filled, layout
from rooms.contract.test_shares import HOUSE, opens, revoke, share

from .test_broken import break_with

# The answer to the text `rows` is the number of rows written since the last time. The text
# `at <ms>` sets the clock.
COUNTER = """
import { Main as Whole } from "./worker.ts";
export { Rooms, default } from "./worker.ts";

const real = Date.now;
let set = null;
Date.now = () => set ?? real();

export class Main extends Whole {
  cursors = [];

  constructor(ctx, env) {
    super(ctx, env);
    const { sql } = ctx.storage;
    const exec = sql.exec.bind(sql);
    sql.exec = (...words) => {
      const cursor = exec(...words);
      this.cursors.push(cursor);
      return cursor;
    };
  }

  onMessage(connection, message) {
    if (message.startsWith("at ")) set = Number(message.slice(3));
    else if (message === "rows") this.tell(connection);
    else return super.onMessage(connection, message);
  }

  tell(connection) {
    connection.send(`${this.cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0)}`);
    this.cursors = [];
  }
}
"""


# Of what is in the room's storage by a key. The text `rows` asks in the same way.
KEYS = """
import { Main as Whole } from "./worker.ts";
export { Rooms, default } from "./worker.ts";

let rows = 0;

export class Main extends Whole {
  constructor(ctx, env) {
    const { kv } = ctx.storage;
    const counted = (call) => (...words) => {
      rows++;
      return call.apply(kv, words);
    };
    const get = (key) => kv.get(key);
    const value = { get, put: counted(kv.put), delete: counted(kv.delete) };
    Object.defineProperty(ctx.storage, "kv", { value });
    super(ctx, env);
  }

  onMessage(connection, message) {
    if (message !== "rows") return super.onMessage(connection, message);
    connection.send(`${rows}`);
    rows = 0;
  }
}
"""


class Counted:
    """A device, and how many rows its messages write."""

    def __init__(self, device, counter):
        self._device = device
        self._counter = counter

    async def rows_of(self, *messages):
        await self._device.send_all([*messages, "end"])
        while await self._counter.raw() != "end":
            pass
        await self._counter.send("rows")
        return int(await self._counter.raw())


async def test_a_message_of_readings_writes_a_row_for_each_series_of_numbers_and_one_more(
    tmp_path, monkeypatch
):
    break_with(COUNTER, tmp_path, monkeypatch)
    target = {"kind": "ntfy", "url": "http://127.0.0.1:9/topic"}
    with make("party_server", tmp_path, alert_targets={"phone": target}) as server:
        device = await come(server, "r")
        rows_of = Counted(device, await join(server, "r")).rows_of
        at = int(time.time() * 1000) - 3_600_000
        values = {"t": 1, "u": 1.5, "s": "x"}
        # The first one also writes an index, and the first change of the text.
        await rows_of(one(1, 0, at=at, values=values))
        assert await rows_of({"type": "reading", "values": values}) == 3
        assert await rows_of(one(2, 1, at=at + 1, values=values)) == 3
        entries = [entry(n, at=at + n, values=values) for n in range(3, 102)]
        assert await rows_of(batch(2, *entries)) == 3
        assert await rows_of({"type": "reading", "live": True, "values": values}) == 1
        # This one is undated.
        assert await rows_of(one(102, 101, values=values)) == 1
        await until_done(device, 102)
        # They are known, and acknowledged again.
        assert await rows_of(batch(1, *entries)) == 0
        await until_done(device, 102)
        assert await rows_of({"type": "hello", "name": "North"}) == 1
        # A change of a text is a row.
        assert await rows_of({"type": "reading", "values": {"s": "y", "door": True}}) == 3
        assert await rows_of({"type": "reading", "values": {"s": "y", "door": True}}) == 1
        # A number that comes late is no more than any other.
        assert await rows_of(one(103, 102, at=at - 86_400_000, values={"t": 0})) == 2
        # Rules of alerts cost nothing until one begins, and with a target a second row.
        hot = {"id": "hot", "device": "*", "name": "t", "kind": "above", "limit": 30}
        minute = int(time.time()) // 60
        # So that it is not sent meanwhile.
        quiet = {"from": (minute - 60) % 1440, "to": (minute + 60) % 1440}
        also = {**hot, "id": "also", "limit": 40, "targets": ["phone"], "quiet": quiet}
        await rows_of({"type": "alerts", "version": 0, "rules": [hot, also]})
        for t, more in ((30, 0), (31, 1), (32, 0), (41, 2), (29, 3)):
            assert await rows_of({"type": "reading", "values": {"t": t}}) == 2 + more
        # What is older than the hours is not stored.
        assert await rows_of(one(104, 103, at=at - 731 * 86_400_000, values={"t": 0})) == 1


async def test_a_layout_and_a_change_of_the_links_write_a_row_and_their_use_writes_none(
    tmp_path, monkeypatch
):
    break_with(KEYS, tmp_path, monkeypatch)
    with make("party_server", tmp_path, token=HOUSE) as server:
        client = await join(server, "r", token=HOUSE)

        async def rows():
            await client.send("rows")
            return int(await client.raw())

        # The room notes once that it is in the list of rooms.
        assert await rows() == 1
        for version, written in ((0, 1), (1, 1), (1, 0), (0, 0)):
            await client.send(layout(version, filled(32768)))
            await client.next("layout")
            assert await rows() == written
        links = [share(server, "r") for _ in range(3)]
        assert await rows() == 3
        await join(server, "r", token=links[0]["token"], role="dashboard")
        assert opens(server, "r", links[0]["token"]) == 200
        assert await rows() == 0
        revoke(server, "r", links[0]["id"])
        assert opens(server, "r", links[0]["token"]) == 401
        assert await rows() == 1


# So many readings move older ones to chunks, not only once.
FEW, MANY = 1000, 4000
AT_ONCE = 6


@pytest.mark.parametrize("every_s, series", [(10, 4), (60, 4), (60, 32)])
async def test_the_tiers_add_at_most_a_twentieth_to_the_rows(
    every_s, series, tmp_path, monkeypatch
):
    """Of batches of six, for days. Older ones are deleted meanwhile, which costs rows too."""
    break_with(COUNTER, tmp_path, monkeypatch)
    with make("party_server", tmp_path, rate=100000, keep_raw=1, keep_minutes=1) as server:
        device = await come(server, "r")
        rows_of = Counted(device, await join(server, "r")).rows_of
        begin = int(time.time() * 1000)
        names = [f"v{n}" for n in range(series)]

        def messages(first, count):
            for start in range(first, first + count, AT_ONCE):
                numbers = range(start, min(start + AT_ONCE, first + count))
                entries = [
                    entry(n, at=begin + n * every_s * 1000, values=dict.fromkeys(names, n))
                    for n in numbers
                ]
                yield f"at {entries[-1]['at']}"
                yield batch(start - 1, *entries)

        # With the first ones, no chunk is full yet, and nothing is too old.
        await rows_of(*messages(1, FEW))
        rows = await rows_of(*messages(1 + FEW, MANY))
        # One row for each series, and one for the device.
        alone = (series + 1) * -(-MANY // AT_ONCE)
        print(f"{rows / alone - 1:.2%} more")
        assert alone < rows <= alone * 1.05
        await until_done(device, FEW + MANY)
