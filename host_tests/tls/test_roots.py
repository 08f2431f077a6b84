"""partysocket/roots.py is what tools/roots.py makes from certifi, every board can read it, and the
tool tells the truth about servers.
"""

import datetime
import re
import socket

import pytest
from cryptography import x509

import roots
from library import ROOT
from needs import need

from .certificates import Authority, der, pem
from .devices import done
from .server import Server, hang_up, say_ssh


def need_certifi():
    """The certifi from which roots.py was made. Another one may have other roots."""
    version = re.search(r"from certifi (\S+)", roots.TARGET.read_text()).group(1)
    try:
        import certifi
    except ImportError:
        certifi = None
    return need(f"certifi {version}", getattr(certifi, "__version__", None) == version)


def test_roots_are_what_the_tool_makes_of_certifi():
    need_certifi()
    assert roots.TARGET.read_text(encoding="ascii") == roots.written(), "tools/roots.py writes it"


def test_every_root_is_read_and_is_the_one_it_is_called(interpreter):
    (result,) = done(interpreter, [{"what": "roots"}])
    assert result["found"] == list(roots.ROOTS.values())
    assert result["verifies"]


def test_the_set_is_small():
    """It takes flash, and heap when it is loaded, on boards with little of both."""
    assert (ROOT / "lib/mpy/partysocket/roots.mpy").stat().st_size < 6000


@pytest.fixture(scope="module")
def known():
    return Authority("known")


@pytest.fixture(scope="module")
def bundle(known, shown, tmp_path_factory):
    """A list of two roots, in the form of certifi's."""
    path = tmp_path_factory.mktemp("bundle") / "cacert.pem"
    address = x509.load_der_x509_certificate(shown["address"].trusted)
    path.write_bytes(b"# Issuer: x\n" + pem(known.certificate) + b"\n" + pem(address))
    return path


def test_a_root_is_held_by_its_fingerprint(known, bundle):
    available = roots.read(bundle)
    fingerprint = next(root.fingerprint for root in available if root.name == "known")
    (root,) = roots.chosen(available, {"known": fingerprint})
    assert (root.der, root.key) == (der(known.certificate), "ECDSA 256")
    for found, wanted, text in (
        (available, {"known": "00" * 32}, "is not the one that is known"),
        (available, {"Known": fingerprint}, "has no 'Known' any more"),
        (available * 2, {"known": fingerprint}, "is not the one that is known"),
    ):
        with pytest.raises(roots.Stop, match=text):
            roots.chosen(found, wanted)


def test_one_that_expires_within_a_year_is_marked(known):
    now = datetime.datetime.now(datetime.timezone.utc)
    for days, is_soon in ((364, True), (-1, True), (366, False)):
        until = now + datetime.timedelta(days=days)
        since = now - datetime.timedelta(days=9)
        root = roots.Root(known.sign(known, since=since, until=until))
        assert root.expires_within_a_year() == is_soon
        assert ("EXPIRES" in str(root)) == is_soon


def checked(port, ours, bundle):
    said = []
    is_accepted = roots.check("127.0.0.1", port, ours, bundle, said.append)
    return is_accepted, "\n".join(said)


def test_check_tells_what_a_chain_ends_in_and_whether_the_set_has_it(shown, bundle):
    everything = roots.read(bundle)
    (own,) = [root for root in everything if root.name == "known"]
    (right,) = [root for root in everything if root.name != "known"]
    with Server(shown["address"].context) as server:
        is_accepted, said = checked(server.port, everything, bundle)
        assert is_accepted and f"ends in:  {right}" in said and "accepts it" in said
        is_accepted, said = checked(server.port, [own], bundle)
        assert not is_accepted and f"ends in:  {right}" in said
        assert "refuses it: unable to get local issuer certificate" in said
    with Server(shown["pinned"].context) as server:
        is_accepted, said = checked(server.port, everything, bundle)
        assert not is_accepted and "refused even with all of certifi's roots: self-sig" in said


def test_check_says_what_is_wrong_with_a_peer(bundle):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        nobody = unused.getsockname()[1]
    with Server(handshake=say_ssh) as ssh, Server(handshake=hang_up) as curt:
        for host, port, text in (
            ("127.0.0.1", ssh.port, "does not speak TLS"),
            ("127.0.0.1", curt.port, "does not speak TLS"),
            ("127.0.0.1", nobody, "no connection to 127.0.0.1:.*refused"),
            ("nowhere.invalid", 443, "could not be looked up"),
        ):
            with pytest.raises(roots.Stop, match=text):
                roots.check(host, port, [], bundle)


def test_hosts_are_understood_and_what_is_none_is_said():
    for text, place in (
        ("partykit.dev", ("partykit.dev", 443)),
        ("wss://partykit.dev:8443/parties/main/r", ("partykit.dev", 8443)),
        ("[::1]:8443", ("::1", 8443)),
        ("[::1]", ("::1", 443)),
    ):
        assert roots.place(text) == place
    for text in ("", ":443", "host:", "host:0", "host:65536", "host:x"):
        with pytest.raises(roots.Stop, match="is no HOST"):
            roots.place(text)
