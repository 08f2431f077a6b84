"""HTTP: checks who may come in, finds the room, and handles GET, POST and the upgrade there."""

import asyncio
import math
import re
import time

from aiohttp import web

from . import address, asked, export, logs, pages, posting, session
from .answers import ONLY_READS, Refusal, bad_method, json_answer
from .budget import Budget
from .checks import shorten
from .commits import Commits
from .devices import RoomFull
from .installing import Installer
from .joining import member_of
from .member import Shared
from .metrics import Counts
from .overview import Overview
from .rate import Rates, network_of
from .reads import Unreadable
from .receipts import Receipts
from .rooms import Rooms
from .tokens import READ, tokens_of

_ROOM = re.compile(r"[!-~]{1,256}")
_STOPS = "the server stops"
# The time for the clients' answers when the server stops.
_STOP_S = 1.0
# The time between searches for points that are too old.
_SWEEP_S = 600
# The pause between the parts of such a search.
_SWEEP_PAUSE_S = 0.05
# The time between measurements of how late the loop is.
_LAG_S = 0.5
_WANTS_TOKEN = "give the room's token: `Authorization: Bearer <token>` or `?token=<token>`"
_WRONG_TOKEN = "your token does not open this: " + _WANTS_TOKEN


class App:
    """The server without its socket: `web` is the aiohttp application."""

    def __init__(self, settings, store):
        self.counts = Counts()
        self._settings = settings
        self._store = store
        receipts = Receipts(store, self.counts)
        self._rooms = Rooms(store, settings, receipts)
        self._commits = Commits(store, settings.commit_ms / 1000)
        self._commits.listen(receipts.ended)
        store.on_commit = self.counts.on_commit
        store.on_failing = self._rooms.tell_storage
        self._backlog = Budget(settings.max_backlog_bytes)  # bytes that wait for clients
        self._shared = Shared(settings, self._backlog, self.counts, self._commits.settle)
        self._rates = Rates(settings.request_rate)
        self._sessions = set()  # a task for each WebSocket
        self._about_all = Overview(self._rooms, store, self._shared)
        # Nothing is there before its open() is called.
        self.installer = Installer(settings, self._rooms)
        # The tasks that run as long as the server.
        self._tasks = []
        self._is_stopping = False
        self.web = web.Application(client_max_size=settings.max_message_bytes)
        self.web.router.add_route("*", r"/{path:[\s\S]*}", self._handle)

    def start(self):
        """Start the jobs that the server does by itself until stop()."""
        jobs = [self._sweep()] + ([self._watch_lag()] if self._settings.metrics else [])
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def stop(self):
        """Close every WebSocket with 1001. Clients that do not answer are dropped. The reason
        says when the server will be back, and within how many seconds its clients should come.
        """
        self._is_stopping = True
        self.installer.stop()
        for task in self._tasks:
            task.cancel()
        members = list(self._rooms.members())
        spread = math.ceil(len(members) / self._settings.join_rate)
        for member in members:
            member.close(1001, f"{_STOPS}; retry-after={self._settings.away}; spread={spread}")
        if self._sessions:
            await asyncio.wait(self._sessions, timeout=_STOP_S)
        for task in self._sessions:
            task.cancel()
        if self._sessions:
            await asyncio.wait(self._sessions, timeout=_STOP_S / 3)

    async def _sweep(self):
        while True:
            while self._store.sweep(_now()):
                await asyncio.sleep(_SWEEP_PAUSE_S)
            await asyncio.sleep(_SWEEP_S)

    async def _watch_lag(self):
        while True:
            due = time.monotonic() + _LAG_S
            await asyncio.sleep(_LAG_S)
            self.counts.lags.observe(max(0.0, time.monotonic() - due))

    async def _handle(self, request):
        response = await self._answer(request)
        if not response.prepared:
            try:
                await asyncio.wait_for(_write(request, response), self._settings.request_timeout_s)
            except asyncio.TimeoutError:
                if request.transport is not None:
                    # The client does not read the answer.
                    request.transport.abort()
        return response

    async def _answer(self, request):
        try:
            return await self._route(request)
        except Refusal as refusal:
            self._tell(request, refusal)
            response = json_answer({"error": str(refusal)}, refusal.status, refusal.headers)
            if refusal.status in (401, 429):
                # A client that is refused must not hold a connection.
                response.force_close()
            return response
        except ConnectionError:
            raise
        except Unreadable as error:
            return json_answer({"error": f"the database cannot be read: {error}"}, 500)
        except Exception as failure:
            logs.error("fault", "a request failed", failure)
            return json_answer({"error": "internal error"}, 500)

    def _tell(self, request, refusal):
        self.counts.refusals[refusal.status] += 1
        # Without the query, which may contain the token.
        path = request.raw_path.partition("?")[0]
        reason = logs.without_values(str(refusal))
        text = f"{refusal.status} {shorten(path)} from {request.remote}: {reason}"
        facts = {"status": refusal.status, "address": request.remote, "path": path[:256]}
        logs.info("refused", text, **facts, reason=reason)

    async def _route(self, request):
        self._slow_down(request)
        where = address.room_of(request.raw_path)
        if where is None:
            answer = await self.installer.answer(request) or await self._overview(request)
            return answer or self._page(request)
        party, name = where
        only_reads = self._admit(request, party, name)
        if party not in self._settings.parties:
            known = ", ".join(self._settings.parties)
            text = f"Invalid request: no party {shorten(party)}, give one of {known}"
            raise Refusal(400, text)
        if not _ROOM.fullmatch(name):
            raise Refusal(400, "room name: give 1 to 256 ASCII characters, others percent-encoded")
        if request.method == "GET" and request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._join(request, party, name, only_reads)
        if request.method in ("GET", "HEAD"):
            return await self._show(request, party, name)
        if request.method == "POST":
            if only_reads:
                raise Refusal(403, ONLY_READS)
            return await self._publish(request, party, name)
        raise bad_method(request, "GET, HEAD, POST")

    def _page(self, request):
        path, asked = request.raw_path.partition("?")[0], request.headers
        response = pages.page(path, asked.get("Host"), asked.get("If-None-Match"))
        if response is None:
            raise Refusal(404, "nothing here: rooms are at /parties/<party>/<room>")
        if request.method not in ("GET", "HEAD"):
            raise bad_method(request, "GET, HEAD")
        return response

    async def _overview(self, request):
        """Answer a request about all rooms. None if it is another one, or is not switched on."""
        if not self._about_all.has(request):
            return None
        self._check(request, self._settings.tokens.access_everywhere(_tokens(request)))
        if request.method not in ("GET", "HEAD"):
            raise bad_method(request, "GET, HEAD")
        return await self._about_all.answer(request)

    def _slow_down(self, request):
        wait_s = self._rates.refuse_s(network_of(request.remote), time.monotonic())
        if wait_s > 0:
            limit = self._settings.request_rate
            raise Refusal(
                429,
                f"more than {limit:g} requests a second from your address: send fewer, or raise"
                " --request-rate",
                {"Retry-After": str(math.ceil(wait_s))},
            )

    def _admit(self, request, party, name):
        """Return whether the token only reads; raise Refusal if it does not open this room."""
        return self._check(request, self._settings.tokens.access(party, name, _tokens(request)))

    def _check(self, request, access):
        if access is None:
            text = _WRONG_TOKEN if _tokens(request) else _WANTS_TOKEN
            raise Refusal(401, text, {"WWW-Authenticate": "Bearer"})
        origin = request.headers.get("Origin")
        if origin is None or origin in self._settings.allowed_origins:
            return access == READ
        if not address.is_own_origin(origin, request.headers.get("Host")):
            text = f"origin {shorten(origin)} is not this server: let it in with --allow-origin"
            raise Refusal(403, text)
        return access == READ

    async def _show(self, request, party, name):
        wanted = export.wanted_of(request.query)
        if wanted is not None:
            source = export.Source(self._store, party, name, self._store.oldest(_now()))
            settle, timeout_s = self._commits.settle, self._settings.request_timeout_s
            return await export.send(request, source, wanted, settle, timeout_s)
        part = asked.wanted_of(request.query)
        try:
            state = await self._rooms.state(party, name, _now(), part)
        except RoomFull as error:
            raise Refusal(503, str(error)) from None
        self._commits.settle()
        return json_answer(state)

    async def _publish(self, request, party, name):
        body = await posting.body_of(request, self._settings)
        await self._rooms.make_place(party, name, _now())
        room = self._open(party, name)
        try:
            delivered, is_reading = posting.hand_over(request, body, room, _now())
        finally:
            self._rooms.release(room)
        why = await self._commits.done() if is_reading else None
        if why is not None:
            raise posting.not_stored(why)
        return json_answer({"ok": True, "delivered": delivered})

    async def _join(self, request, party, name, only_reads):
        member = member_of(request, (party, name), only_reads, self._shared)
        socket = session.new_socket(self._settings)
        if not socket.can_prepare(request):
            raise Refusal(400, "no WebSocket handshake: version 13 and a 16-byte key are needed")
        if member.role == "device":
            await self._rooms.make_place(party, name, _now())
        if self._is_stopping:
            away = str(self._settings.away)
            raise Refusal(503, f"{_STOPS}: come back in {away} s", {"Retry-After": away})
        if not self._backlog.has(1):
            text = "too much waits for slow clients: come back later, or raise --max-backlog-bytes"
            raise Refusal(503, text)
        room = self._open(party, name)
        # The member joins before the 101 is sent. So nothing can happen between the check and its
        # effect, and messages that come meanwhile wait in the queue.
        try:
            room.join(member, _now())
        except RoomFull as error:
            self._rooms.release(room)
            raise Refusal(503, str(error)) from None
        task = asyncio.current_task()
        self._sessions.add(task)
        try:
            await self._attend(request, socket, member, room)
        finally:
            self._sessions.discard(task)
        return socket

    async def _attend(self, request, socket, member, room):
        where, facts = f"{room.party}/{room.name}", member.facts()
        text = f"{where}: {member} joined from {request.remote}"
        logs.info("joined", text, address=request.remote, **facts)
        self.counts.joins += 1
        try:
            await socket.prepare(request)
            await session.converse(socket, member, room, self._settings, self.counts)
        finally:
            room.leave(member, _now())
            self._rooms.release(room)
            member.let_go()
            code = member.close_code
            logs.info("left", f"{where}: {member} left ({code})", code=code, **facts)
        await session.finish(socket, member, request.protocol)

    def _open(self, party, name):
        try:
            return self._rooms.open(party, name)
        except RoomFull as error:
            raise Refusal(503, str(error)) from None


def _now():
    return int(time.time() * 1000)


def _tokens(request):
    return tokens_of(request.headers.get("Authorization"), request.query.get("token"))


async def _write(request, response):
    await response.prepare(request)
    await response.write_eof()
