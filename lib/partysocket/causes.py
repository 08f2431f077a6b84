"""Why a dial failed, and what helps, as text. Loaded when a dial has failed, and unloaded at
once. An error in here only loses the text.

Causes are numbers, because short strings stay in memory for ever, as names do.
"""

import sys

from micropython import const

_MEMORY = const(0)
_PROVIDER = const(1)
_DNS = const(2)
_REFUSED = const(3)
_UNREACHABLE = const(4)
# One for each phase follows.
_LATE = const(5)
# The clock and the certificate follow.
_ROOTS = const(10)
_NO_TLS = const(13)
_TLS_END = const(14)
_HTTP_END = const(15)
_NO_HTTP = const(16)
_NO_UPGRADE = const(17)
# 4xx and 5xx follow.
_STATUS_300 = const(18)
# The other statuses follow.
_STATUS = const(21)
_OTHER = const(26)

# Why a dial failed, and what helps. A text that begins with ";" follows the error's own text. "":
# the error's own text is enough.
CAUSES = (
    "out of memory; smaller queue_bytes and receive_bytes help, or a ROMFS",
    "",
    "the look-up of the name failed; is it spelled right, and is the network up?",
    "refused: nothing listens on that port; is the server started, is this its port?",
    "no way leads there; is the network up, and the server in the same one?",
    # No answer in time, for each phase:
    "url, protocols, query, headers or hello took too long",
    "no answer to the look-up of the name; is the network up?",
    "no answer; is the address right, is the server on, is a firewall between?",
    'connected, but no answer to TLS; if the server speaks none, give protocol="ws"',
    'connected, but no answer; is this its port? If that speaks TLS, protocol="wss"',
    # No roots; the clock is not set; the certificate was refused:
    "",
    "",
    "; is the host a name in it? ssl= takes its root, or the certificate itself",
    'the server speaks no TLS on this port; give protocol="ws", or a port with TLS',
    'the server ended the TLS handshake; if it speaks no TLS, give protocol="ws"',
    'the server hung up on the request; if it speaks TLS there, give protocol="wss"',
    '; is this the right port? If it speaks TLS, give protocol="wss"',
    "; is a WebSocket at this address, and no proxy that drops Upgrade?",
    # 3xx, 4xx, 5xx; then 400, 401, 403, 404, 503:
    "; give that address: no redirect is followed",
    "",
    "; the fault is the server's: its log says more",
    "; are party, room, path and query right?",
    '; a token goes in query={"token": ...} or in headers',
    "; this token may not: give another",
    "; are host, port, party, room and path right?",
    "; it is full, or restarts: that passes",
    "",
)


def tell(self, failure, is_first):
    """Tell how a dial or a connection has ended. `is_first`: it is the first failed dial in a
    row, which is told to everybody. `failure`: the error event, or None.
    """
    if not (self._options["debug"] or "partysocket.net.cpython" in sys.modules):
        # A board unloads this module until the next row. With `debug` it is needed at each end.
        del sys.modules[__name__]
        delattr(sys.modules["partysocket"], __name__.rpartition(".")[2])
    life = self._life
    coming = "No dial follows."
    if life.state:
        coming = "Next dial in %d s." % ((life.delay_ms + 999) // 1000)
    if self._is_told:
        self._debug("ended as the application wanted")
    elif is_first:
        where = ""
        if self._phase != "provider" or self._transport is not None:
            from .core.plain_address import split_url

            _, _, host, port, _ = split_url(self.url)
            where = " to %s:%d" % ("[%s]" % host if ":" in host else host, port)
        text = " ".join(failure.message.split())
        known = CAUSES[cause_of(self._phase, failure.error, text)]
        text = text.rstrip(".") + known if known[:1] in ";" else known
        if text[-1:] not in ".?":
            text += "."
        self._warn("no connection%s (%s): %s %s" % (where, self._phase, text, coming))
    else:
        text = failure.message if failure else self._protocol.code
        self._debug("ended in phase %s: %s. %s", self._phase, text, coming)


def cause_of(phase, error, text):
    """Return the index in CAUSES for a dial that failed with `error` in `phase`. `text` is the
    text of the error.

    errno numbers differ between ports. Those of Linux and lwIP, newlib, macOS and Windows are
    here.
    """
    number = error.args[0] if isinstance(error, OSError) and error.args else None
    if isinstance(error, MemoryError) or number == 12 or "ALLOC_FAILED" in text:
        return _MEMORY
    phases = ("provider", "dns", "tcp", "tls", "http")
    if text == "TIMEOUT" and phase in phases:
        return _LATE + phases.index(phase)
    if phase == "provider":
        return _PROVIDER
    if phase == "dns":
        return _DNS
    status = getattr(error, "status", None)
    if status is not None:
        return _cause_of_status(status)
    is_end = number in (104, 103, 32, 54, 10054) or "EOF" in text
    if phase == "tcp":
        if number in (111, 61, 10061, 104):
            # A Pico W reports a refusal as a reset.
            return _REFUSED
        if number in (113, 118, 101, 114, 65, 51, 10065, 10051):
            return _UNREACHABLE
        if number in (110, 116, 60, 10060):
            return _LATE + 2
    elif phase == "http":
        if is_end:
            return _HTTP_END
    elif number is None:
        # Texts of net/tls.py.
        for i, words in enumerate(
            ("no roots to verify", "the clock says", "certificate was refused")
        ):
            if words in text:
                return _ROOTS + i
    # MBEDTLS_ERR_SSL_INVALID_RECORD, and the texts of OpenSSL.
    elif number == -0x7200 or "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER" in text:
        return _NO_TLS
    elif is_end:
        return _TLS_END
    return _OTHER


def _cause_of_status(status):
    known = (400, 401, 403, 404, 503)
    if status in known:
        return _STATUS + known.index(status)
    if 300 <= status < 600:
        return _STATUS_300 + status // 100 - 3
    return _NO_UPGRADE if status else _NO_HTTP
