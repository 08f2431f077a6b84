"""Types of the public names, for editors; boards don't install this file."""

from collections.abc import Iterator

def certificates() -> Iterator[bytes]: ...
