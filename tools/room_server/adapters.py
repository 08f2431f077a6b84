"""The addresses of this computer in the network at home."""

import ipaddress

from .reach import find_own_address

# How names of adapters begin that lead to nobody at home, but to containers, virtual machines and
# private networks over the internet.
_APART = (
    *("docker", "br-", "veth", "virbr", "lxc", "lxd", "podman", "cni", "flannel", "cali"),
    *("vmnet", "vboxnet", "VirtualBox", "VMware", "Hyper-V Virtual"),
    *("tun", "tap", "TAP-", "utun", "wg", "WireGuard", "ppp", "zt", "tailscale", "Tailscale"),
)


def own_addresses():
    """Return the addresses at which phones and boards can reach this computer, the best first:
    those of IPv4, or one of IPv6 if there are none. Empty without a network.
    """
    # The one to the internet, if it leads to people at home too.
    best = find_own_address()
    try:
        found = _found()
    except OSError:
        # A service may be forbidden to ask the system for them.
        found = [best] if best else []
    addresses = sorted(found, key=lambda one: (one != best, ipaddress.ip_address(one)))
    return addresses or [one for one in [find_own_address(6)] if one]


def _found():
    # Only --lan needs the package.
    import ifaddr

    addresses = {
        ipaddress.ip_address(each.ip)
        for adapter in ifaddr.get_adapters()
        if not f"{adapter.name}".startswith(_APART) and not adapter.nice_name.startswith(_APART)
        for each in adapter.ips
        if each.is_IPv4
    }
    usable = {one for one in addresses if not one.is_loopback and not one.is_unspecified}
    # A computer gives itself a link-local address if nobody gives it another.
    return [str(one) for one in {one for one in usable if not one.is_link_local} or usable]
