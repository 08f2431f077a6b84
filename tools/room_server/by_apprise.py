"""Sends a notification by the package apprise: e-mail and a hundred services."""

import asyncio
import logging
import threading
from collections import Counter

import apprise

from .notices import text_of, title_of

_TIMEOUT_S = 10

# What it logs may have addresses.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
# Of one target. Those that hang count too.
_MOST_THREADS = 4
# Target: how many threads it has.
_threads = Counter()


def is_address(url):
    """Whether apprise knows such an address."""
    return apprise.Apprise().add(url)


async def deliver(target, notice, room):
    """Return None, or why it was not taken."""
    if _threads[target.name] >= _MOST_THREADS:
        return "earlier tries have not ended"
    _threads[target.name] += 1
    loop = asyncio.get_running_loop()
    taken = loop.create_future()

    def tell(is_taken):
        # In the loop, as it was counted: two threads may not change a number.
        _threads[target.name] -= 1
        if not taken.done():
            taken.set_result(is_taken)

    def send():
        is_taken = False
        try:
            is_taken = _send(target.url, notice, room)
        except Exception:
            # Its text may have the address.
            pass
        finally:
            if not loop.is_closed():
                loop.call_soon_threadsafe(tell, is_taken)

    # A thread of its own, because the server's end does not wait for it.
    threading.Thread(target=send, daemon=True).start()
    try:
        is_taken = await asyncio.wait_for(taken, _TIMEOUT_S)
    except asyncio.TimeoutError:
        return f"no answer within {_TIMEOUT_S} s"
    return None if is_taken else "apprise could not send it"


def _send(url, notice, room):
    sender = apprise.Apprise()
    kind = apprise.NotifyType.WARNING if notice["began"] else apprise.NotifyType.SUCCESS
    title, text = title_of(notice, room), text_of(notice)
    return bool(sender.add(url) and sender.notify(body=text, title=title, notify_type=kind))
