"""Contexts for TLS, for parts that are installed apart: see `base`."""

from .net.tls import context, explained  # noqa: F401
