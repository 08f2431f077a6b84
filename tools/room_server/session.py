"""One WebSocket from its 101 to its end: reads at the allowed rate, asks who is silent."""

import asyncio
import time

from aiohttp import WSCloseCode, WSMsgType, web

from . import logs
from .messages import error
from .rate import Rate

_CLOSE_S = 2.0  # for the client's answer to a close frame
_LINGER_S = 1.0  # after that for its end of TCP
_ONLY_READS = error("your token only reads: send nothing", 403)
_SPARE_BYTES = 65536  # what aiohttp takes beyond our limit, so that we can say why we close


def new_socket(settings):
    """Return an aiohttp WebSocket whose pings, closes and limits are this module's work."""
    # aiohttp's own heartbeat would drop a client that is only read slowly: a paused socket
    # brings no pongs. Its own close would answer 1000 to every code.
    return _Socket(
        timeout=_CLOSE_S,
        autoclose=False,
        autoping=False,
        compress=False,
        max_msg_size=settings.max_message_bytes + _SPARE_BYTES,
        writer_limit=0,  # wait for the client after each frame, if it is slow
    )


async def converse(socket, member, room, settings, counts):
    """Pass messages both ways until one side closes; then `member.close_code` is set."""
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
    member.close(1006, "")  # the connection was lost, if nothing else was said


async def finish(socket, member, handler):
    """Send the close frame, if the connection still stands, and wait for its answer and end."""
    await socket.close(code=member.close_code, message=member.close_reason.encode())
    await handler.lost(_LINGER_S)


class _Socket(web.WebSocketResponse):
    def _close_transport(self):  # of the aiohttp that tools/requirements pins
        # A socket closed over bytes that were not read resets the connection and takes our close
        # frame with it: so we only say that nothing more comes, and read on, unheard. TLS can't
        # say that; there, finish() waits for whoever has not answered our close.
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
        # At least one turn of the loop for the others: a full socket is read without waiting.
        await asyncio.sleep(rate.delay_s(time.monotonic()))


def _receive(message, member, room, settings, counts):
    is_text = message.type is WSMsgType.TEXT
    payload = message.data.encode() if is_text else bytes(message.data)
    counts.messages_in += 1
    counts.bytes_in += len(payload)
    if len(payload) > settings.max_message_bytes:
        limit = settings.max_message_bytes
        member.close(1009, f"message of {len(payload)} bytes: at most {limit}")
    elif member.only_reads:
        member.send(_ONLY_READS, True)
    elif is_text:
        room.receive(member, message.data, int(time.time() * 1000))
    else:
        room.pass_on(payload, False, member)


def _answer_to(code):
    """The close code to answer a client's with: its own, if it may stand in a frame (7.4)."""
    if not code:
        return 1000
    return code if 1000 <= code < 5000 and code not in (1005, 1006, 1015) else 1002
