"""The number of written rows, which Cloudflare bills, is as in the party server's README."""

from rooms.clients import join
from rooms.contract.outbox import batch, come, entry, one, until_done
from rooms.contract.servers import make

from .test_broken import break_with

# The answer to the text `rows` is the number of rows written since the last time.
COUNTER = """
import { Main as Whole } from "./worker.ts";
export { Rooms, default } from "./worker.ts";

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
    if (message !== "rows") return super.onMessage(connection, message);
    connection.send(`${this.cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0)}`);
    this.cursors = [];
  }
}
"""


async def test_a_message_of_readings_writes_a_row_for_each_series_and_one_more(
    tmp_path, monkeypatch
):
    break_with(COUNTER, tmp_path, monkeypatch)
    with make("party_server", tmp_path) as server:
        device, counter = await come(server, "r"), await join(server, "r")

        async def rows_of(message):
            await device.send_all([message, "end"])
            while await counter.raw() != "end":
                pass
            await counter.send("rows")
            return int(await counter.raw())

        at = 1_700_000_000_000
        values = {"t": 1, "u": 1.5, "s": "x"}
        # The first one also writes an index.
        await rows_of({"type": "reading", "values": values})
        assert await rows_of({"type": "reading", "values": values}) == 3
        assert await rows_of(one(1, 0, at=at, values=values)) == 3
        entries = [entry(n, at=at - n, values=values) for n in range(2, 102)]
        assert await rows_of(batch(1, *entries)) == 3
        assert await rows_of({"type": "reading", "live": True, "values": values}) == 1
        # This one is undated.
        assert await rows_of(one(102, 101, values=values)) == 1
        await until_done(device, 102)
        # They are known, and acknowledged again.
        assert await rows_of(batch(1, *entries)) == 0
        await until_done(device, 102)
        assert await rows_of({"type": "hello", "name": "North"}) == 1
