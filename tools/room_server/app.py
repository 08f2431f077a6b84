"""HTTP: who may come in, which room, and what GET, POST and the upgrade do there."""

import asyncio
import logging
import math
import re
import time
import uuid

from aiohttp import web

from . import address, headers, pages, session
from .budget import Budget
from .checks import MessageError, check_name, shorten
from .member import Member
from .messages import encode
from .rate import Rates, network_of
from .rooms import ROLES, NotHere, RoomFull, Rooms
from .tokens import READ, tokens_of

_log = logging.getLogger("room_server")
_ROOM = re.compile(r"[!-~]{1,256}")
_STOP_S = 1.0  # for the clients' answers when the server stops
_WANTS_TOKEN = "give the room's token: `Authorization: Bearer <token>` or `?token=<token>`"
_ONLY_READS = "your token only reads: give one that may write"


class Refusal(Exception):
    """A request that is answered with an HTTP error; the text is its body's `error`."""

    def __init__(self, status, message, headers=None):
        super().__init__(message)
        self.status = status
        self.headers = headers


class App:
    """The server without its socket: `web` is the aiohttp application."""

    def __init__(self, settings, store):
        self._settings = settings
        self._rooms = Rooms(store, settings)
        self._backlog = Budget(settings.max_backlog_bytes)  # bytes that wait for clients
        self._rates = Rates(settings.request_rate)
        self._sessions = set()  # a task for each WebSocket
        self._is_stopping = False
        self.web = web.Application(client_max_size=settings.max_message_bytes)
        self.web.router.add_route("*", "/{path:.*}", self._handle)

    async def stop(self):
        """Close every WebSocket with 1001, and those that do not answer without."""
        self._is_stopping = True
        for member in self._rooms.members():
            member.close(1001, "the server stops")
        if self._sessions:
            await asyncio.wait(self._sessions, timeout=_STOP_S)
        for task in self._sessions:
            task.cancel()
        if self._sessions:
            await asyncio.wait(self._sessions, timeout=_STOP_S / 3)

    async def _handle(self, request):
        response = await self._answer(request)
        if not response.prepared:
            try:
                await asyncio.wait_for(_write(request, response), self._settings.request_timeout_s)
            except asyncio.TimeoutError:
                if request.transport is not None:
                    request.transport.abort()  # it does not read what it asked for
        return response

    async def _answer(self, request):
        try:
            return await self._route(request)
        except Refusal as refusal:
            path = request.raw_path.partition("?")[0]  # the query may hold the token
            _log.info("%d %s from %s: %s", refusal.status, shorten(path), request.remote, refusal)
            response = _json({"error": str(refusal)}, refusal.status, refusal.headers)
            if refusal.status in (401, 429):
                response.force_close()  # who may not come in keeps no place
            return response
        except ConnectionError:
            raise
        except Exception:
            _log.exception("a request failed")
            return _json({"error": "internal error"}, 500)

    async def _route(self, request):
        self._slow_down(request)
        where = address.room_of(request.raw_path)
        if where is None:
            return self._page(request)
        party, name = where
        only_reads = self._admit(request, party, name)
        if party not in self._settings.parties:
            known = ", ".join(self._settings.parties)
            raise Refusal(400, f"Invalid request: no party {shorten(party)}, only {known}")
        if not _ROOM.fullmatch(name):
            raise Refusal(400, "room name: give 1 to 256 ASCII characters, others percent-encoded")
        if request.method == "GET" and request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._join(request, party, name, only_reads)
        if request.method in ("GET", "HEAD"):
            return self._show(party, name)
        if request.method == "POST":
            if only_reads:
                raise Refusal(403, _ONLY_READS)
            return await self._publish(request, party, name)
        raise _bad_method(request, "GET, HEAD, POST")

    def _page(self, request):
        path, asked = request.raw_path.partition("?")[0], request.headers
        response = pages.page(path, asked.get("Host"), asked.get("If-None-Match"))
        if response is None:
            raise Refusal(404, "nothing here: rooms are at /parties/<party>/<room>")
        if request.method not in ("GET", "HEAD"):
            raise _bad_method(request, "GET, HEAD")
        return response

    def _slow_down(self, request):
        wait_s = self._rates.refuse_s(network_of(request.remote), time.monotonic())
        if wait_s > 0:
            limit = self._settings.request_rate
            raise Refusal(
                429,
                f"more than {limit:g} requests a second from your address: --request-rate",
                {"Retry-After": str(math.ceil(wait_s))},
            )

    def _admit(self, request, party, name):
        """Return whether the token only reads; raise Refusal if it opens nothing here."""
        given = tokens_of(request.headers.get("Authorization"), request.query.get("token"))
        access = self._settings.tokens.access(party, name, given)
        if access is None:
            raise Refusal(401, _WANTS_TOKEN, {"WWW-Authenticate": "Bearer"})
        origin = request.headers.get("Origin")
        if origin is None or origin in self._settings.allowed_origins:
            return access == READ
        if not address.is_own_origin(origin, request.headers.get("Host")):
            raise Refusal(403, f"origin {shorten(origin)} is not this server: --allow-origin")
        return access == READ

    def _show(self, party, name):
        room = self._open(party, name)
        try:
            return _json(room.state(_now()))
        finally:
            self._rooms.release(room)

    async def _publish(self, request, party, name):
        body = await self._body(request)
        room = self._open(party, name)
        try:
            if request.content_type == "application/octet-stream":
                delivered = room.pass_on(body, False)
            else:
                delivered = room.publish(body.decode(), request.query.get("name"), _now())
        except UnicodeDecodeError:
            raise Refusal(400, "the body is not UTF-8: send text, or application/octet-stream")
        except MessageError as error:
            raise Refusal(400, str(error))
        except NotHere as error:
            raise Refusal(404, str(error))
        except RoomFull as error:
            raise Refusal(503, str(error))
        finally:
            self._rooms.release(room)
        return _json({"ok": True, "delivered": delivered})

    async def _body(self, request):
        limit_s = self._settings.request_timeout_s
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Refusal(400, "the body is compressed: send it without Content-Encoding")
        try:
            return await asyncio.wait_for(request.read(), limit_s)
        except web.HTTPRequestEntityTooLarge:
            limit = self._settings.max_message_bytes
            raise Refusal(413, f"the body is too long: at most {limit} bytes") from None
        except web.RequestPayloadError:
            raise Refusal(400, "the body cannot be read: send it whole") from None
        except asyncio.TimeoutError:
            raise Refusal(408, f"the body did not come within {limit_s:g} seconds") from None

    async def _join(self, request, party, name, only_reads):
        member = self._member(request, only_reads)
        socket = session.new_socket(self._settings)
        if not socket.can_prepare(request):
            raise Refusal(400, "no WebSocket handshake: version 13 and a 16-byte key are needed")
        if self._is_stopping:
            raise Refusal(503, "the server stops")
        if not self._backlog.has(1):
            raise Refusal(503, "too much waits for slow clients: --max-backlog-bytes")
        room = self._open(party, name)
        # In the room before the 101: nobody can slip in between a check and its effect, and what
        # is sent meanwhile waits in the queue.
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
        where = f"{room.party}/{room.name}"
        _log.info("%s: %s joined from %s", where, member, request.remote)
        try:
            await socket.prepare(request)
            await session.converse(socket, member, room, self._settings)
        finally:
            room.leave(member, _now())
            self._rooms.release(room)
            member.let_go()
            _log.info("%s: %s left (%s)", where, member, member.close_code)
        await session.finish(socket, member)

    def _member(self, request, only_reads):
        query = request.query
        role = query.get("role", "")
        if role not in ROLES:
            raise Refusal(400, f"role {shorten(role)}: give device, dashboard, or nothing")
        if only_reads and role == "device":
            raise Refusal(403, _ONLY_READS)
        try:
            id = check_name("_pk", query.get("_pk") or str(uuid.uuid4()))
            device = check_name("name", query.get("name", id)) if role == "device" else None
        except MessageError as error:
            raise Refusal(400, str(error)) from None
        if only_reads:
            id = "reader " + id  # it cannot take the place of one that writes
        return Member(
            id, role, device, request.transport, self._settings, self._backlog, only_reads
        )

    def _open(self, party, name):
        try:
            return self._rooms.open(party, name)
        except RoomFull as error:
            raise Refusal(503, str(error)) from None


def _now():
    return int(time.time() * 1000)


def _bad_method(request, allowed):
    return Refusal(405, f"method {shorten(request.method)}: use {allowed}", {"Allow": allowed})


async def _write(request, response):
    await response.prepare(request)
    await response.write_eof()


def _json(content, status=200, more_headers=None):
    return web.Response(
        body=encode(content),
        status=status,
        headers={**headers.of_answer(), **(more_headers or {})},
        content_type="application/json",
    )
