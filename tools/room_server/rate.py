"""Rate limits: so many a second, and twice as many at once, for a client or for an address."""

import ipaddress
from collections import OrderedDict

# Remembered networks. The one without a request for the longest time is forgotten first.
_MOST_NETWORKS = 4096


class Rate:
    """Allows `per_second` things each second, and twice as many at once."""

    def __init__(self, per_second):
        self._per_second = per_second
        self._left = 2 * per_second
        self._at = None

    def delay_s(self, now_s):
        """Count one thing at `now_s`; return how long to wait before the next."""
        self._fill(now_s)
        self._left -= 1
        return max(0.0, -self._left / self._per_second)

    def refuse_s(self, now_s):
        """Count one thing at `now_s` and return 0. If it is refused, return how long to wait."""
        self._fill(now_s)
        if self._left < 1:
            return (1 - self._left) / self._per_second
        self._left -= 1
        return 0.0

    def _fill(self, now_s):
        if self._at is not None:
            gained = (now_s - self._at) * self._per_second
            self._left = min(2 * self._per_second, self._left + gained)
        self._at = now_s


class Rates:
    """A Rate for each network that asks."""

    def __init__(self, per_second):
        self._per_second = per_second
        # Network: Rate. The one without a request for the longest time is the first.
        self._rates = OrderedDict()

    def __len__(self):
        return len(self._rates)

    def refuse_s(self, network, now_s):
        """Like Rate.refuse_s, for one thing of `network`."""
        rate = self._rates.pop(network, None) or Rate(self._per_second)
        self._rates[network] = rate
        if len(self._rates) > _MOST_NETWORKS:
            self._rates.popitem(last=False)
        return rate.refuse_s(now_s)


def network_of(host):
    """Return what counts as one address: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        address = ipaddress.ip_address((host or "").partition("%")[0])
    except ValueError:
        return host or ""
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
