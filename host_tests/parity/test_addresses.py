"""Random hosts, rooms, paths and queries: the package's address, parsed by a browser's URL parser,
and ours, byte by byte.
"""

import asyncio
import functools
import ipaddress
import random
import re

import pytest

from dialled import dialled
from parity import npm
from partysocket import PartySocket

_COUNT = 10_000
_PRIVATE = ["127.0.0.0/8", "10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12", "169.254.0.0/16"]
_AT_HOME = r"(?!\d+$|0x)[^.]+|.+\.(local|lan|internal)\.?|(.+\.)?home\.arpa\.?"
_HOSTS = """
    example.com a.b.example.com localhost 127.0.0.1 127.1.2.3 10.0.0.1 192.168.1.9 172.16.0.1
    172.31.9.9 172.32.0.1 172.2.0.1 172.200.1.1 10.example.com 192.168.example.com foo.local [::1]
    [2001:db8::1] [::ffff:7f00:1] 172.16x.com EXAMPLE.com a-b_c.example Foo.Local
    raspberrypi pi.lan. pi.home.arpa pi.internal pi.lan.example 169.254.7.7 100.64.0.1 8.8.8.8
    example.org party.example.com a.example pi.local.example home.arpa.example
""".split()
_ODD_HOSTS = """
    bücher.example a%20b user@h h/sub h/sub/.. h?x h#x 0x7f.1 h\\sub h:99999 h:x [::1
    xn--bcher-kva.example h/%2e%2e h<
""".split()
_ODD_HOSTS += ["", "a b", "a\tb", "h/a b"]
_PORTS = ["", "", "", ":1999", ":80", ":443", ":8787"]
_SCHEMES = ["", "http://", "https://", "ws://", "wss://"] * 6
_SCHEMES += ["HTTPS://", "Ws://", "ftp://", "https://wss://"]
_ENDS = ["", "/"] * 9 + ["//"]
_PIECES = "a B 9 room - _ . .. %2e %2E ./ ../ / // \\ % %20 %zz ~ ä ß € 日本 😀".split()
_PIECES += list(" \x80\xa0\u3000!\"$&'()*+,:;<=>@[]^`{|}")
_RARE = list("?#\x00\t\n\x1f\x7f")
_KEYS = ["a", "b", "token", "ä ö", "a[b]", "&=", "_pk", "x-y*.z", ""]


class Draw:
    def __init__(self, seed):
        self.chance = random.Random(seed)

    def text(self, most=6):
        pieces = _PIECES + (_RARE if self.chance.random() < 0.06 else [])
        return "".join(self.chance.choice(pieces) for _ in range(self.chance.randrange(most + 1)))

    def options(self):
        chance = self.chance
        odd = chance.random() < 0.15
        host = chance.choice(_ODD_HOSTS if odd else _HOSTS)
        options = {
            "host": chance.choice(_SCHEMES) + host + chance.choice(_PORTS) + chance.choice(_ENDS),
            "room": self.text() or "room",
        }
        for name in ("party", "prefix", "basePath", "path"):
            if chance.random() < 0.25:
                options[name] = self.text()
        if chance.random() < 0.3:
            options["protocol"] = chance.choice(["ws", "wss"])
        if chance.random() < 0.5:
            values = [None, "", "1", self.text(), self.text(), 7, True, False, 0.5, "\r\n\0"]
            keys = chance.sample(_KEYS, chance.randrange(4))
            if chance.random() < 0.05:
                keys += ["2"]
            options["query"] = {key: chance.choice(values) for key in keys}
        return options


async def ours(options):
    """The package's answers, but from our library; or the error."""
    given = {re.sub("([A-Z])", lambda m: "_" + m[1].lower(), k): options[k] for k in options}
    try:
        socket, dial = await dialled(PartySocket, id="me", disable_name_validation=True, **given)
    except ValueError as e:
        return {"refused": str(e)}
    target = dial.request.split(b" ")[1].decode()
    # The text is what a browser shows, too.
    if not re.search(r"[/?#\\]", socket.host):
        assert "?_pk=me" in target
        assert socket.room_url.partition("://")[2] == socket.host + target.partition("?")[0]
    return {
        "protocol": "wss:" if dial.is_secure else "ws:",
        "hostname": f"[{dial.host}]" if ":" in dial.host else dial.host,
        "port": "" if dial.port == (443 if dial.is_secure else 80) else str(dial.port),
        "target": target,
        "names": [socket.path, socket.name],
    }


async def all_of_ours(drawn):
    return [await ours(options) for options in drawn]


def bare(options):
    """The host without its scheme (in any case) and trailing slashes."""
    return re.sub("^(https?|wss?)://", "", options["host"], flags=re.I).rstrip("/")


# The intended differences: each changes the options so that the package's address becomes ours. It
# returns other options, or None if it does not apply.


def scheme_and_slashes(options):
    """48: any of the four schemes, in any case, and all slashes after the host."""
    theirs = re.sub("^(https?|wss?)://", "", options["host"]).removesuffix("/")
    return None if bare(options) == theirs else {**options, "host": bare(options)}


def local(options):
    """52: TLS but for names that can only be at home, and private addresses by their numbers."""
    if "protocol" in options:
        return None
    host = re.split("[/?#\\\\]", bare(options))[0].lower()
    name = host[1:].partition("]")[0] if host[:1] == "[" else host.partition(":")[0]
    try:
        address = ipaddress.ip_address(name)
        nets = ["::1"] if address.version == 6 else _PRIVATE
        is_local = any(address in ipaddress.ip_network(net) for net in nets)
    except ValueError:
        is_local = re.fullmatch(_AT_HOME, name) is not None
    return {**options, "protocol": "ws" if is_local else "wss"}


def cut(options):
    """53: the address is cut at "?" or "#", and our query stays."""
    names = [options.get("prefix") or "parties", options.get("party", "main"), options["room"]]
    place = options.get("basePath") or "/".join(names)
    place += "/" + options["path"] if options.get("path") else ""
    kept = re.split("[?#]", place)[0]
    # The names stay. Only the address is cut.
    return None if kept == place else {**options, "basePath": kept or ".", "path": ""}


MENDS = (scheme_and_slashes, local, cut)


# Options that are refused. Each tells whether it applies to the options.


def host_that_is_none(options):
    """48: a host is a name or an address, and a port."""
    host = r"(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+)(:\d+)?"
    return re.fullmatch(host, bare(options)) is None


def number_for_a_host(options):
    """48: browsers read numbers of any form as IPv4. Here the resolver may do so, or not."""
    return "0x7f.1" in options["host"]


def controls(options):
    """53: control characters."""
    names = ("host", "room", "party", "prefix", "basePath", "path")
    return re.search("[\0-\x1f\x7f]", "".join(options.get(name) or "" for name in names))


REFUSALS = (host_that_is_none, number_for_a_host, controls)


def order(answer):
    """54: a JavaScript object puts integer keys first; a dict has its own order."""
    path, mark, query = answer["target"].partition("?")
    return {**answer, "target": path + mark + "&".join(sorted(query.split("&")))}


def mended(options):
    names = []
    for mend in MENDS:
        changed = mend(options)
        if changed is not None:
            options = changed
            names.append(mend.__name__)
    return options, names


@functools.cache
def compared(seed):
    """For each random address: the options, the differences that explain it, and the differing
    texts if none does.
    """
    draw = Draw(seed)
    drawn = [draw.options() for _ in range(_COUNT)]
    others = [mended(options) for options in drawn]
    answers = npm.run("addresses.mjs", addresses=drawn + [options for options, _ in others])
    own = asyncio.run(all_of_ours(drawn))
    return [
        (options, *explained(options, ours, plain, mend, names))
        for options, ours, plain, mend, (_, names) in zip(
            drawn, own, answers[:_COUNT], answers[_COUNT:], others
        )
    ]


def are_same(one, other):
    return one == other or ("refused" in one and "refused" in other)


def explained(options, own, plain, answer, names):
    if are_same(own, plain):
        return [], None
    refusals = [refusal.__name__ for refusal in REFUSALS if refusal(options)]
    if refusals:
        return refusals, None
    if "cut" in names:
        answer["names"] = plain["names"]
    if are_same(own, answer):
        return names, None
    if "2" in options.get("query", {}) and order(own) == order(answer):
        return [*names, "order"], None
    return [], (own, plain)


@pytest.fixture
def drawn(request):
    npm.need_partysocket()
    seed = request.config.getoption("hypothesis_seed", None) or 20260
    print("hypothesis seed", seed)
    return compared(int(seed))


def test_drawn_addresses(drawn):
    apart = [f"{options}\n  ours, npm: {parts}" for options, _, parts in drawn if parts]
    assert not apart, f"{len(apart)} of {_COUNT}:\n" + "\n".join(apart[:8])
    same = [options for options, names, _ in drawn if not names]
    assert len(same) > _COUNT * 0.5


@pytest.mark.parametrize("mend", [mend.__name__ for mend in (*MENDS, *REFUSALS, order)])
def test_no_mend_is_idle(drawn, mend):
    assert any(mend in names for _, names, _ in drawn)
