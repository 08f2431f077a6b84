"""Hosts in one's own network."""


def is_local(host):
    """Whether `host`, with or without a port, is one that is spoken to without TLS unless
    `protocol` says otherwise.
    """
    name = host.split("/", 1)[0].lower()
    if name.startswith("["):
        return name.split("]", 1)[0] == "[::1"
    name = name.split(":", 1)[0]
    if name == "localhost" or name.endswith(".local"):
        return True
    parts = name.split(".")
    if len(parts) != 4:
        return False
    for part in parts:
        if (
            not part.isdigit()
            or len(part) > 3
            or int(part) > 255
            or (part[0] == "0" and part != "0")
        ):
            return False  # a name that looks like one, as 10.example.com
    a, b = int(parts[0]), int(parts[1])
    return a in (10, 127) or (a == 192 and b == 168) or (a == 172 and 16 <= b <= 31)
