"""Addresses: PartySocket's room URLs, encoded as a browser's URL parser encodes them."""

from .headers import check_text
from .local import is_local

_KEPT_IN_QUERY = "*-._"


def check_types(**places):
    """Raise TypeError for a value that is neither None nor a str. The message names only the type,
    because a path may be secret.
    """
    for name in places:
        place = places[name]
        if place is not None and not isinstance(place, str):
            raise TypeError("%s is a str, not %s" % (name, type(place).__name__))


def clean_host(host):
    """Return `host` without a leading scheme and trailing slashes."""
    low = host.lower()
    for scheme in ("http://", "https://", "ws://", "wss://"):
        if low.startswith(scheme):
            host = host[len(scheme) :]
    while host.endswith("/"):
        host = host[:-1]
    return host


def room_url(host, party, room, base_path=None, prefix=None, path=None, protocol=None):
    """Return a room's URL without a query, and the text that was cut off at `?` or `#` (or "")."""
    check_text("host", host)
    segments = base_path or "%s/%s/%s" % (prefix or "parties", party, room)
    if path:
        segments += "/" + path
    check_text("the room's address", segments)
    cut = len(segments)
    for mark in "?#":
        at = segments.find(mark)
        if 0 <= at < cut:
            cut = at
    scheme = protocol or ("ws" if is_local(host) else "wss")
    return "%s://%s%s" % (scheme, host, quote_path("/" + segments[:cut])), segments[cut:]


def quote_path(path):
    """Return `path` as a browser sends it: `\\` becomes `/`, dot segments are resolved, and
    characters that are not allowed in a path are %-encoded.
    """
    kept = []
    segments = path.replace("\\", "/").split("/")[1:]
    for i, segment in enumerate(segments):
        dots = segment.lower().replace("%2e", ".")
        last = i == len(segments) - 1
        if dots == "..":
            if kept:
                kept.pop()
        elif dots != ".":
            kept.append(_quote(segment, ' "<>^`{}'))
            continue
        if last:
            kept.append("")
    return "/" + "/".join(kept)


def quote_query(query):
    """Return a URL's query as a browser sends it. Text that is already encoded stays."""
    return _quote(query, " \"<>'#")


def query_string(pairs):
    """Return (name, value) pairs in form encoding. Values that are None are left out."""
    parts = []
    for name, value in pairs:
        if value is not None:
            text = str(value).lower() if value is True or value is False else str(value)
            parts.append(_form(str(name)) + "=" + _form(text))
    return "&".join(parts)


def split_url(url):
    """Split a ws or wss URL into (is it wss, Host header, host, port, request target). Raise
    ValueError for any other URL.
    """
    check_text("the URL", url)
    scheme, mark, rest = url.strip().partition("://")
    scheme = scheme.lower()
    if not mark or scheme not in ("ws", "wss", "http", "https"):
        raise ValueError("Invalid URL: %r does not begin with ws:// or wss://" % _told(url))
    secure = scheme in ("wss", "https")
    rest = rest.partition("#")[0]
    rest, has_query, query = rest.partition("?")
    authority, slash, path = rest.replace("\\", "/").partition("/")
    usual = 443 if secure else 80
    host, port = _host_and_port(authority, usual, _told(url))
    authority = "[%s]" % host if ":" in host else host
    if port != usual:
        authority += ":%d" % port
    target = quote_path("/" + path) + (has_query and "?" + quote_query(query))
    return secure, authority, host, port, target


def _told(url):
    """Return the part of a URL that an error message may show: all but its query. A URL with a
    user name and password is not shown at all: unencoded, they may contain any delimiter.
    """
    if "@" in url:
        return "..."
    return url.partition("?")[0].partition("#")[0]


def _host_and_port(authority, port, url):
    host = authority
    after = ""
    if authority.startswith("["):
        host, mark, after = authority[1:].partition("]")
        if not mark or ":" not in host:
            raise ValueError("Invalid URL: %r has no valid host" % url)
    elif ":" in authority:
        host, mark, after = authority.partition(":")
        after = ":" + after
    if after and after != ":":
        if after[0] != ":" or not after[1:].isdigit() or not 0 < int(after[1:]) < 65536:
            raise ValueError("Invalid URL: %r has no valid port" % url)
        port = int(after[1:])
    for c in host:
        if c in ' "<>^`{|}@%[]' or c > "~":
            raise ValueError("Invalid URL: %r has no valid host" % url)
    if not host:
        raise ValueError("Invalid URL: %r has no host" % url)
    return host.lower(), port


def _quote(text, unsafe):
    out = ""
    for c in text:
        out += c if "~" >= c and c not in unsafe else _percent(c)
    return out


def _form(text):
    out = ""
    for c in text:
        if "a" <= c <= "z" or "A" <= c <= "Z" or "0" <= c <= "9" or c in _KEPT_IN_QUERY:
            out += c
        else:
            out += "+" if c == " " else _percent(c)
    return out


def _percent(c):
    return "".join(["%%%02X" % b for b in c.encode()])
