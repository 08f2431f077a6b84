"""HTTP answers: JSON, and refusals in the same form everywhere."""

from aiohttp import web

from . import headers
from .checks import shorten
from .messages import encode

ONLY_READS = "your token only reads: give one that may write"


class Refusal(Exception):
    """Raised to answer a request with an HTTP error. The text becomes the `error` of the body."""

    def __init__(self, status, message, headers=None):
        super().__init__(message)
        self.status = status
        self.headers = headers


def bad_method(request, allowed):
    """Return the Refusal for a method that is not `allowed`."""
    return Refusal(405, f"method {shorten(request.method)}: use {allowed}", {"Allow": allowed})


def json_answer(content, status=200, more_headers=None):
    """Return a response with `content` as JSON that no cache keeps."""
    return web.Response(
        body=encode(content),
        status=status,
        headers={**headers.of_answer(), **(more_headers or {})},
        content_type="application/json",
    )
