"""All functions for addresses and headers, for parts that are installed separately: see `base`."""

from .core.address import check_types, clean_host, query_string, room_url, split_url  # noqa: F401
from .core.headers import check_header  # noqa: F401
from .query import query_pairs  # noqa: F401
