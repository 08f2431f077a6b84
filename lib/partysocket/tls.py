"""SSLContexts, for parts that are installed separately: see `base`."""

from .net.tls import context, explained  # noqa: F401
