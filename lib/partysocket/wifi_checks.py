"""Checks the arguments of WiFi and ResetBudget. Raises TypeError or ValueError."""


def checked(networks):
    """Check and return the networks. No error message shows anything that may be a password."""
    if not isinstance(networks, (list, tuple)):
        raise TypeError("networks is a list of (ssid, password), not a %s" % _kind(networks))
    if not networks:
        raise ValueError("networks is empty")
    for i, network in enumerate(networks):
        if not isinstance(network, (list, tuple)):
            raise TypeError("networks[%d] is an (ssid, password), not a %s" % (i, _kind(network)))
        if len(network) != 2:
            raise ValueError("networks[%d] is an (ssid, password), not %d" % (i, len(network)))
        ssid, password = network
        if not isinstance(ssid, str):
            raise TypeError("networks[%d]: an ssid is a str, not a %s" % (i, _kind(ssid)))
        if not 1 <= len(ssid.encode()) <= 32:
            raise ValueError("networks[%d]: an ssid has 1 to 32 bytes, not %r" % (i, ssid))
        if password is None or password == "":
            continue
        if not isinstance(password, str):
            raise TypeError("the password of %r is a str, not a %s" % (ssid, _kind(password)))
        length = len(password.encode())
        if not (8 <= length <= 63 or length == 64 and _is_hex(password)):
            raise ValueError(
                "the password of %r has 8 to 63 bytes, or 64 hexadecimal digits, not %d"
                % (ssid, length)
            )
    return [tuple(network) for network in networks]


def _is_hex(text):
    return all(["0" <= c <= "9" or "a" <= c.lower() <= "f" for c in text])


def _kind(value):
    return type(value).__name__


def whole(name, value, most):
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("%s is a whole number, not %r" % (name, value))
    if not 0 <= value <= most:
        raise ValueError("%s lies between 0 and %d, not %d" % (name, most, value))
    return value
