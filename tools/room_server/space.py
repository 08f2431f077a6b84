"""How much of a bounded file is used, and by what: half of it is for points alone."""

BLOCK_BYTES = 256  # in which the devices' values are counted

# What a device takes, in SQL: its values with their times, its hello, its undated readings, and
# the highest numbers of its epochs.
DEVICE_BYTES = """(
    length(CAST(last AS BLOB)) + length(CAST(times AS BLOB)) + length(CAST(about AS BLOB))
    + (SELECT ifnull(sum(length(CAST(reading AS BLOB)) + 20), 0) FROM undated
       WHERE undated.device = devices.id)
    + (SELECT 64 * count(*) FROM epochs WHERE epochs.device = devices.id))"""

_ROW_BYTES = 100  # of a device, besides that
_SPARE_PAGES = 64  # kept free in a large file, so that a save finds place


class Full(Exception):
    """What devices take fills its half."""


class Space:
    """The pages of a database, of which there are at most as many as `max_bytes` hold."""

    def __init__(self, db, max_bytes=None):
        self._db = db
        self._page_bytes = self._pragma("page_size")
        self._most_pages = max_bytes and max(1, max_bytes // self._page_bytes)
        self._most_blocks = max_bytes and max_bytes // 2 // BLOCK_BYTES
        self.blocks = 0  # what the devices take
        self.is_stale = False  # that number may be wrong, since changes were undone
        if max_bytes:
            self._pragma(f"max_page_count = {self._most_pages}")
            self._count()

    def refresh(self):
        """Count anew what the devices take, if need be."""
        if self.is_stale and self._most_blocks:
            self._count()

    def check(self, old_bytes, new_bytes):
        """Return by how many blocks a device grows; raise Full if that is too much.

        Both are its DEVICE_BYTES, `old_bytes` None if it is new.
        """
        growth = blocks_of(new_bytes) - (blocks_of(old_bytes) if old_bytes is not None else 0)
        if self._most_blocks and growth > 0 and self.blocks + growth > self._most_blocks:
            raise Full("last values fill half of the file (raise --max-db-bytes)")
        return growth

    def is_short(self):
        """True if points have to go before more are added."""
        if not self._most_pages:
            return False
        spare = min(_SPARE_PAGES, self._most_pages // 8)
        used = self._pragma("page_count") - self._pragma("freelist_count")
        return used > self._most_pages - spare

    def size(self):
        """Return the bytes of the file, or of memory, without SQLite's log."""
        return self._pragma("page_count") * self._page_bytes

    def _count(self):
        blocks = f"({DEVICE_BYTES} + {_ROW_BYTES - 1}) / {BLOCK_BYTES} + 1"
        query = f"SELECT total({blocks}) FROM devices"
        self.blocks = int(self._db.execute(query).fetchone()[0])
        self.is_stale = False

    def _pragma(self, text):
        return self._db.execute(f"PRAGMA {text}").fetchone()[0]


def blocks_of(device_bytes):
    """Return how many blocks a device takes, from its DEVICE_BYTES."""
    return (device_bytes + _ROW_BYTES - 1) // BLOCK_BYTES + 1
