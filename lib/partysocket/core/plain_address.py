"""Addresses that need no encoding, as most do not. All others go to `address`."""


def is_plain(text, more):
    """Whether `text` has only letters, digits, hyphens and characters of `more`."""
    for c in text:
        if not ("a" <= c <= "z" or "0" <= c <= "9" or "A" <= c <= "Z" or c == "-" or c in more):
            return False
    return True


def split_url(url):
    """Split a ws or wss URL into (is it wss, Host header, host, port, request target). Raise
    ValueError for any other URL.
    """
    scheme, _, rest = url.partition("://")
    authority, _, path = rest.partition("/")
    host, colon, port = authority.partition(":")
    if (
        scheme not in ("ws", "wss")
        or not host
        or host != host.lower()
        or not is_plain(host, ".")
        or (colon and not (port.isdigit() and 0 < int(port) < 65536))
        or not is_plain(path, "/?&=+_.")
        # A browser resolves dot segments.
        or "/." in "/" + path
    ):
        from .address import split_url

        return split_url(url)
    secure = scheme == "wss"
    usual = 443 if secure else 80
    port = int(port) if colon else usual
    if port == usual:
        authority = host
    else:
        authority = "%s:%d" % (host, port)
    return secure, authority, host, port, "/" + path
