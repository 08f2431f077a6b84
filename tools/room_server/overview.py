"""Answers about all rooms: the list, and figures for Prometheus. Both are off by default."""

import asyncio
from collections import Counter

from aiohttp import web

from . import headers, listing
from .room import ROLES


class Overview:
    """Answers GET /rooms and GET /metrics. It does not check tokens."""

    def __init__(self, rooms, store, shared):
        self._rooms = rooms
        self._store = store
        self._shared = shared
        self._exposition = None
        if shared.settings.metrics:
            # Here, because its library takes time and need not be installed without --metrics.
            from . import exposition

            self._exposition = exposition
        # One text at a time: each takes memory, and up to a second of a core.
        self._rendering = asyncio.Lock()

    def has(self, request):
        """True if the request is for one of them that is switched on."""
        settings = self._shared.settings
        is_on = {"/metrics": settings.metrics, "/rooms": settings.list_rooms}
        return is_on.get(_path(request), False)

    async def answer(self, request):
        """Return the response to a request for which has() is True."""
        if _path(request) == "/metrics":
            return await self._figures()
        return listing.answer(request, self._rooms, self._store, self._shared.settings.parties)

    async def _figures(self):
        exposition = self._exposition
        async with self._rendering:
            families = exposition.families_of(
                self._shared.counts,
                self._count_clients(),
                len(self._rooms.in_use()),
                self._rooms.state_bytes(),
                self._shared.backlog.used,
                self._store.size(),
                self._store.failure is not None,
            )
            most = self._shared.settings.metrics_values
            figures = exposition.Figures(families, self._last_values() if most else (), most)
            # In a thread: thousands of values take some tenths of a second.
            text = await asyncio.to_thread(figures.render)
        answer = {**headers.of_answer(), "Content-Type": exposition.CONTENT_TYPE}
        return web.Response(body=text, headers=answer)

    def _count_clients(self):
        clients = Counter(member.role for member in self._rooms.members())
        return {role or "other": clients[role] for role in ROLES}

    def _last_values(self):
        # A device gets another `last` when its values change: this one stays as it is.
        return [
            (room.party, room.name, [(device.name, device.last) for device in room.devices])
            for room in self._rooms.in_use()
        ]


def _path(request):
    return request.raw_path.partition("?")[0]
