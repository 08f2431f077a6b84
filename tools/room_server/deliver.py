"""Sends one notification to a target. Only a status of 200 to 299 means that it was taken."""

import asyncio
import hashlib
import hmac

import aiohttp

from . import messages
from .notices import id_of, text_of, title_of

TIMEOUT_S = 10
# Of the answer's body, which is not used.
_READ_BYTES = 4096
_TOO_SLOW = f"no answer within {TIMEOUT_S} s"


def new_session():
    """Return the aiohttp session for deliver()."""
    return aiohttp.ClientSession(
        # Nothing is kept from one notification to the next.
        connector=aiohttp.TCPConnector(force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
        read_bufsize=_READ_BYTES,
        auto_decompress=False,
        trust_env=False,
    )


async def deliver(session, target, notice, place):
    """Send a notice of a room, (party, name). Return None, or why it was not taken: a text that
    has nothing of the target's address, of its secrets, or of its answer.
    """
    if target.kind == "apprise":
        # Here, because it need not be installed.
        from . import by_apprise

        return await by_apprise.deliver(target, notice, place[1])
    body, headers = (_webhook if target.kind == "webhook" else _ntfy)(target, notice, place)
    try:
        async with session.post(
            target.url, data=body, headers=headers, allow_redirects=False
        ) as response:
            return _fault(response.status)
    except asyncio.TimeoutError:
        return _TOO_SLOW
    except aiohttp.ClientSSLError:
        return "its certificate was refused"
    except aiohttp.ClientConnectorError:
        return "no connection"
    except (aiohttp.ClientError, ValueError, OSError):
        return "no valid answer"


def _fault(status):
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"status {status}: redirects are not followed"
    return f"status {status}"


def _webhook(target, notice, place):
    party, room = place
    message = {"id": id_of(notice), "party": party, "room": room}
    message.update(title=title_of(notice, room), text=text_of(notice))
    message.update(count=notice["count"], events=notice["events"])
    body = messages.encode(message)
    headers = {"Content-Type": "application/json", "Idempotency-Key": id_of(notice)}
    if target.secret:
        digest = hmac.new(target.secret.encode(), body, hashlib.sha256).hexdigest()
        headers["X-Signature-256"] = f"sha256={digest}"
    return body, headers


def _ntfy(target, notice, place):
    is_on = notice["began"] > 0
    headers = {
        "Content-Type": "text/plain; charset=utf-8",
        "Idempotency-Key": id_of(notice),
        # A room's name is ASCII.
        "Title": title_of(notice, place[1]),
        "Priority": "high" if is_on else "default",
        "Tags": "warning" if is_on else "white_check_mark",
    }
    if target.secret:
        headers["Authorization"] = f"Bearer {target.secret}"
    return text_of(notice).encode(), headers
