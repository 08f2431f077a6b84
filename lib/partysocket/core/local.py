"""Names and addresses that can only be in the user's own network."""


def is_local(host):
    """Whether `host`, with or without a port, is dialled without TLS if `protocol` does not say
    otherwise.
    """
    name = host.lower()
    for mark in "/?#\\":
        name = name.split(mark, 1)[0]
    if name.startswith("["):
        return name.split("]", 1)[0] == "[::1"
    labels = name.split(":", 1)[0].split(".")
    if len(labels) > 2 and not labels[-1]:
        # `printer.local.` is the same name. `printer.` would be a top-level domain.
        labels.pop()
    last = labels[-1]
    if len(labels) == 1:
        # Resolvers read a number, decimal or not, as an address, which may be anywhere.
        return not (last == "" or last.isdigit() or last.startswith("0x"))
    if last in ("local", "lan", "internal") or labels[-2:] == ["home", "arpa"]:
        return True
    if len(labels) != 4:
        return False
    for label in labels:
        if not label.isdigit() or str(int(label)) != label or int(label) > 255:
            # A name that only looks like an address, for example 10.example.com.
            return False
    first, second = labels[:2]
    return (
        first in ("10", "127")
        or first + "." + second in ("192.168", "169.254")
        or (first == "172" and 16 <= int(second) <= 31)
    )
