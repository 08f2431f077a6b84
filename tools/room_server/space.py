"""How much of a bounded file is used, and for what. Half of it is only for points."""

# The rows of devices, and of rooms themselves, are counted in blocks of this size.
BLOCK_BYTES = 256

# The bytes of a device, as SQL: its values with their times, its hello, its undated readings, and
# the highest numbers of its epochs.
DEVICE_BYTES = """(
    length(CAST(last AS BLOB)) + length(CAST(times AS BLOB)) + length(CAST(about AS BLOB))
    + (SELECT ifnull(sum(length(CAST(reading AS BLOB)) + 20), 0) FROM undated
       WHERE undated.device = devices.id)
    + (SELECT 64 * count(*) FROM epochs WHERE epochs.device = devices.id))"""

# The bytes of what is kept of a room itself.
KEPT_BYTES = "length(CAST(value AS BLOB))"

# The other bytes of a row.
_ROW_BYTES = 100
# Kept free in a large file, so that a save has space.
_SPARE_PAGES = 64


class Full(Exception):
    """The half of the file that is not for points is full."""


class Space:
    """The pages of a database, and their limit, `max_bytes`."""

    def __init__(self, db, max_bytes=None):
        self._db = db
        self._page_bytes = self._pragma("page_size")
        self._most_pages = max_bytes and max(1, max_bytes // self._page_bytes)
        self._most_blocks = max_bytes and max_bytes // 2 // BLOCK_BYTES
        # The blocks that these rows take.
        self.blocks = 0
        # True when `blocks` may be wrong, because changes were undone.
        self.is_stale = False
        if max_bytes:
            self._pragma(f"max_page_count = {self._most_pages}")
            self._count()

    def refresh(self):
        """Count again what these rows take, if the number may be wrong."""
        if self.is_stale and self._most_blocks:
            self._count()

    def check(self, old_bytes, new_bytes):
        """Return by how many blocks a row grows. Raises Full if that is too much.

        Both arguments are its DEVICE_BYTES or KEPT_BYTES; `old_bytes` is None if it is new.
        """
        growth = blocks_of(new_bytes) - (blocks_of(old_bytes) if old_bytes is not None else 0)
        if self._most_blocks and growth > 0 and self.blocks + growth > self._most_blocks:
            raise Full("last values fill half of the file (raise --max-db-bytes)")
        return growth

    def is_short(self):
        """True if points must be deleted before more are added."""
        if not self._most_pages:
            return False
        spare = min(_SPARE_PAGES, self._most_pages // 8)
        used = self._pragma("page_count") - self._pragma("freelist_count")
        return used > self._most_pages - spare

    def size(self):
        """Return the bytes of the file, or of memory, without SQLite's log."""
        return self._pragma("page_count") * self._page_bytes

    def _count(self):
        self.blocks = 0
        for row_bytes, table in ((DEVICE_BYTES, "devices"), (KEPT_BYTES, "kept")):
            blocks = f"({row_bytes} + {_ROW_BYTES - 1}) / {BLOCK_BYTES} + 1"
            query = f"SELECT total({blocks}) FROM {table}"
            self.blocks += int(self._db.execute(query).fetchone()[0])
        self.is_stale = False

    def _pragma(self, text):
        return self._db.execute(f"PRAGMA {text}").fetchone()[0]


def blocks_of(row_bytes):
    """Return how many blocks a row takes, from its DEVICE_BYTES or KEPT_BYTES."""
    return (row_bytes + _ROW_BYTES - 1) // BLOCK_BYTES + 1
