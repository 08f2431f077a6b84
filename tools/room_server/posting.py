"""A POST to a room: reads its body within limits, and turns the room's answer into HTTP."""

import asyncio

from aiohttp import web

from .answers import Refusal
from .checks import MessageError
from .commands import NotHere
from .devices import RoomFull
from .room import NotStored


async def body_of(request, settings):
    """Return the body; raise Refusal if it is compressed, too long, too slow or not whole."""
    limit_s = settings.request_timeout_s
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refusal(400, "the body is compressed: send it without Content-Encoding")
    try:
        return await asyncio.wait_for(request.read(), limit_s)
    except web.HTTPRequestEntityTooLarge:
        limit = settings.max_message_bytes
        raise Refusal(413, f"the body is too long: at most {limit} bytes") from None
    except web.RequestPayloadError:
        raise Refusal(400, "the body cannot be read: send it whole") from None
    except asyncio.TimeoutError:
        raise Refusal(408, f"the body did not come within {limit_s:g} seconds") from None


def hand_over(request, body, room, now):
    """Give the body to the room. Return how many clients got it, and whether it is a reading,
    which is safe only after the next commit. Raises Refusal.
    """
    # For aiohttp a body without a type is binary; here it is text.
    kind = request.content_type if "Content-Type" in request.headers else "text/plain"
    if kind == "application/octet-stream":
        return room.pass_on(body, False), False
    try:
        return room.publish(body.decode(), request.query.get("name"), now)
    except UnicodeDecodeError:
        raise Refusal(400, "the body is not UTF-8: send text, or application/octet-stream")
    except MessageError as error:
        raise Refusal(400, str(error))
    except NotHere as error:
        raise Refusal(404, str(error))
    except RoomFull as error:
        raise Refusal(503, str(error))
    except NotStored as error:
        raise not_stored(error)


def not_stored(why):
    """Return the Refusal of a reading that was passed on, but is not stored."""
    return Refusal(507, f"not stored: {why}")
