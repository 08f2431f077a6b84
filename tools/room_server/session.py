"""One WebSocket from its 101 to its end. Reads at the allowed rate, and pings silent clients."""

import asyncio
import time

from aiohttp import WSCloseCode, WSMsgType, web

from . import layout, logs
from .messages import error
from .rate import Rate

# The time for the client's answer to a close frame.
_CLOSE_S = 2.0
# After that, the time for the client to close TCP.
_LINGER_S = 1.0
_ONLY_READS = error("your token only reads: send nothing", 403)
# aiohttp accepts so many bytes above our limit, so that we can give a reason for the close.
_SPARE_BYTES = 65536


def new_socket(settings):
    """Return an aiohttp WebSocket that leaves pings, closes and limits to this module."""
    # aiohttp's own heartbeat would drop a client that we only read slowly, because no pongs come
    # from a paused socket. Its own close would answer every code with 1000.
    return _Socket(
        timeout=_CLOSE_S,
        autoclose=False,
        autoping=False,
        compress=False,
        max_msg_size=settings.max_message_bytes + _SPARE_BYTES,
        # If the client is slow, wait for it after each frame.
        writer_limit=0,
    )


async def converse(socket, member, room, settings, counts):
    """Pass messages in both directions until one side closes. Then `member.close_code` is set."""
    reading = asyncio.create_task(_read(socket, member, room, settings, counts))
    writing = asyncio.create_task(member.write(socket.send_frame))
    try:
        await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        reading.cancel()
        writing.cancel()
        outcomes = await asyncio.gather(reading, writing, return_exceptions=True)
    for failure in outcomes:
        if isinstance(failure, Exception):
            logs.error("fault", f"the session of {member} failed", failure, **member.facts())
            member.close(1011, "internal error")
    # If no other reason was set, the connection was lost.
    member.close(1006, "")


async def finish(socket, member, handler):
    """If the connection is still open, send the close frame and wait for its answer and end."""
    await socket.close(code=member.close_code, message=member.close_reason.encode())
    await handler.lost(_LINGER_S)


class _Socket(web.WebSocketResponse):
    # Overrides a method of the aiohttp version that tools/requirements pins.
    def _close_transport(self):
        # Closing a socket with unread bytes resets the connection, and our close frame is lost.
        # So only our direction is ended, and the rest is read and ignored. TLS can't end one
        # direction; there, finish() waits for clients that have not answered our close.
        transport = self._req.transport if self._req else None
        if transport is None:
            return
        if transport.can_write_eof():
            try:
                transport.write_eof()
            except OSError:  # ENOTCONN: the client has gone first
                transport.abort()
        elif self.close_code != WSCloseCode.ABNORMAL_CLOSURE:
            transport.close()


async def _read(socket, member, room, settings, counts):
    rate = Rate(settings.rate)
    is_pinged = False
    while member.close_code is None:
        patience = settings.heartbeat_s / 2 if is_pinged else settings.heartbeat_s
        try:
            message = await socket.receive(timeout=patience)
        except asyncio.TimeoutError:
            if is_pinged:
                member.abort()
            else:
                is_pinged = True
                member.send_control(WSMsgType.PING, b"")
            continue
        is_pinged = False
        if message.type is WSMsgType.PING:
            member.send_control(WSMsgType.PONG, bytes(message.data))
        elif message.type is WSMsgType.CLOSE:
            member.close(_answer_to(message.data), "")
        elif message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            _receive(message, member, room, settings, counts)
        elif message.type is not WSMsgType.PONG:
            # Lost, or closed by aiohttp because the client broke the protocol.
            member.close(getattr(message.data, "code", 1006), "")
        # Give other tasks at least one turn, because reading from a full socket does not wait.
        await asyncio.sleep(rate.delay_s(time.monotonic()))


def _receive(message, member, room, settings, counts):
    is_text = message.type is WSMsgType.TEXT
    payload = message.data.encode() if is_text else bytes(message.data)
    counts.messages_in += 1
    counts.bytes_in += len(payload)
    limit = settings.max_message_bytes
    if is_text:
        limit = layout.most_bytes(payload, limit)
    if len(payload) > limit:
        member.close(1009, f"message of {len(payload)} bytes: at most {limit}")
    elif member.only_reads:
        member.send(_ONLY_READS, True)
    elif is_text:
        room.receive(member, message.data, int(time.time() * 1000))
    else:
        room.pass_on(payload, False, member)


def _answer_to(code):
    """The close code of our answer: the client's own, if a frame may contain it (7.4)."""
    if not code:
        return 1000
    return code if 1000 <= code < 5000 and code not in (1005, 1006, 1015) else 1002
