"""What a server prints at its start: where boards, phones and browsers can reach it."""

import ipaddress
import socket
import sys
from pathlib import Path

# On Linux, Avahi answers for NAME.local if it runs.
_AVAHI = Path("/run/avahi-daemon/socket")
# Addresses reserved for documentation. Nothing is sent there: the system only says which of its
# own addresses it would use.
_ELSEWHERE = {4: (socket.AF_INET, "192.0.2.1"), 6: (socket.AF_INET6, "2001:db8::1")}


def announcement(scheme, host, port, own_addresses=(), local_name=None, at_home="--lan"):
    """Return two lines for the user that starts a server on `host`: its address, and what devices
    need to reach it.

    `own_addresses` and `local_name` are this computer's. They are found if they are not given; an
    empty name means that there is none. `at_home` are the server's options with which the network
    reaches it.
    """
    address = _address(host)
    if address is not None and address.is_loopback:
        hint = f"only this computer reaches it: for boards and phones, start it with {at_home}"
    elif address is None or not address.is_unspecified:
        hint = _for_boards(scheme, [f"{in_url(host)}:{port}"], port)
    else:
        own = list(own_addresses) or [find_own_address(address.version)]
        host = own[0]
        name = find_local_name() if local_name is None else local_name
        if host is None:
            host = "127.0.0.1" if address.version == 4 else "::1"
            hint = f"no network yet: for boards, HOST is this computer's address, with :{port}"
        else:
            hosts = [*map(in_url, own), name] if name else map(in_url, own)
            hint = _for_boards(scheme, [f"{one}:{port}" for one in hosts], port)
    return f"{scheme}://{in_url(host)}:{port}/\n{hint}"


def find_own_address(version=4):
    """Return the address, of IPv4 or IPv6, at which others can reach this computer. None without a
    network.
    """
    family, elsewhere = _ELSEWHERE[version]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))
            return probe.getsockname()[0]
    except OSError:
        return None


def find_local_name():
    """Return `NAME.local` if a program on this computer answers for it, else None."""
    name = socket.gethostname().partition(".")[0]
    is_answered = sys.platform == "darwin" or _AVAHI.exists()
    return f"{name}.local" if name and name != "localhost" and is_answered else None


def in_url(host):
    """Return a host's name or address as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def _for_boards(scheme, hosts, port):
    if scheme == "https":
        return f"for boards, HOST is a name that is in the certificate, with :{port}"
    return f"for boards, HOST is {' or '.join(hosts)}"


def _address(host):
    if host == "localhost":
        return ipaddress.ip_address("127.0.0.1")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        # It is a name.
        return None
