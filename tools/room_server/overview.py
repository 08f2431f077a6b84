"""Answers about all rooms: the list, and figures for Prometheus. Both are off by default."""

from collections import Counter

from aiohttp import web

from . import headers, listing, metrics
from .room import ROLES


class Overview:
    """Answers GET /rooms and GET /metrics. It does not check tokens."""

    def __init__(self, rooms, store, shared):
        self._rooms = rooms
        self._store = store
        self._shared = shared

    def has(self, request):
        """True if the request is for one of them that is switched on."""
        settings = self._shared.settings
        is_on = {"/metrics": settings.metrics, "/rooms": settings.list_rooms}
        return is_on.get(_path(request), False)

    def answer(self, request):
        """Return the response to a request for which has() is True."""
        if _path(request) == "/metrics":
            return self._figures()
        return listing.answer(request, self._rooms, self._store, self._shared.settings.parties)

    def _figures(self):
        clients = Counter(member.role for member in self._rooms.members())
        text = metrics.render(
            self._shared.counts,
            {role or "other": clients[role] for role in ROLES},
            len(self._rooms.in_use()),
            self._rooms.state_bytes(),
            self._shared.backlog.used,
            self._store.size(),
            self._store.failure is not None,
        )
        answer = {**headers.of_answer(), "Content-Type": metrics.CONTENT_TYPE}
        return web.Response(body=text.encode(), headers=answer)


def _path(request):
    return request.raw_path.partition("?")[0]
