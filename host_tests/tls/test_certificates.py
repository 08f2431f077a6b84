"""Which servers are accepted: every kind of certificate and of TLS peer, on both interpreters, for
sockets and for fetch, verified and not.
"""

import contextlib

import pytest

from .certificates import GOOD, REFUSED
from .devices import dial, done
from .server import FAULTS, Server

# The first normal wait, with the defaults.
_SOON_MS = (100, 5000)
# max_reconnection_delay x 5, +-20 %.
_PATIENT_MS = (240_000, 360_000)
_LIMIT = {"socket": {"connection_timeout": 400}, "fetch": {"timeout_ms": 400}}
_FAULTS = {**FAULTS, "no TLS, and early": FAULTS["no TLS"]}
_WAYS = ("socket", "fetch", "socket, not verified", "fetch, not verified")
_WARNING = "partysocket: ssl=False: anybody can pose as the server"


@pytest.fixture(scope="module", params=["micropython", "cpython"])
def table(request, shown):
    """(interpreter, {(name, way): result}, output). Each server has seen the ends of all its
    connections while the process lived.
    """
    jobs, servers, open_ones, printed = {}, [], [], []

    def look():
        try:
            for server in servers:
                server.wait_ended(len(_WAYS))
        except AssertionError as e:
            open_ones.append(str(e))

    with contextlib.ExitStack() as stack:
        for name in [*GOOD, *REFUSED, *_FAULTS]:
            identity = shown.get(name, shown["good"])
            server = Server(identity.context, handshake=_FAULTS.get(name))
            servers.append(stack.enter_context(server))
            for way in _WAYS:
                what, _, is_open = way.partition(", ")
                limit = _LIMIT[what] if name == "silence" else {}
                ssl = False if is_open else identity.root
                late = "early" in name
                jobs[name, way] = dial(server, ssl, what, identity.host, limit, late=late)
        found = done(request.param, [*jobs.values()], meanwhile=look, printed=printed)
        assert open_ones == []
        yield request.param, dict(zip(jobs, found)), printed[0]


@pytest.mark.parametrize("name", GOOD)
def test_a_certificate_that_is_right_is_accepted(table, name):
    _, found, _ = table
    result = found[name, "socket"]
    assert (result["opened"], result["errors"], result["warnings"]) == (1, [], [])
    assert found[name, "fetch"]["status"] == 200


@pytest.mark.parametrize("name", REFUSED)
def test_one_that_is_not_is_refused_with_its_reason_and_tried_again_patiently(table, name):
    interpreter, found, _ = table
    reason = REFUSED[name][interpreter == "cpython"]
    result = found[name, "socket"]
    assert result["opened"] == 0
    (message,) = result["errors"]
    assert message.startswith("the server's certificate was refused: ")
    assert reason in message and "clock" not in message
    assert (result["phases"], result["types"]) == (["tls"], ["Error"])
    assert _PATIENT_MS[0] <= result["delays"][0] <= _PATIENT_MS[1]
    fetched = found[name, "fetch"]
    assert fetched["type"] == "Error" and fetched["error"] == message


@pytest.mark.parametrize("way", ["socket", "socket, not verified"])
@pytest.mark.parametrize("name", _FAULTS)
def test_a_fault_of_the_network_is_tried_again_soon(table, name, way):
    _, found, _ = table
    result = found[name, way]
    assert (result["opened"], result["phases"]) == (0, ["tls"])
    assert "certificate" not in result["errors"][0]
    assert (result["errors"] == ["TIMEOUT"]) == (name == "silence")
    assert _SOON_MS[0] <= result["delays"][0] <= _SOON_MS[1]
    fetched = found[name, way.replace("socket", "fetch")]
    assert "certificate" not in fetched["error"]
    assert (fetched["error"] == "TIMEOUT") == (name == "silence")
    assert (fetched["type"] == "Error") == (name == "silence"), "the network's are OSError"


@pytest.mark.parametrize("name", [*GOOD, *REFUSED])
def test_without_verification_all_are_let_in_and_each_socket_warns_once(table, name):
    _, found, _ = table
    result = found[name, "socket, not verified"]
    assert (result["opened"], result["errors"], result["warnings"]) == (1, [], [_WARNING])
    assert found[name, "fetch, not verified"]["status"] == 200


def test_fetch_warns_once_in_all(table):
    _, _, output = table
    assert output.count(_WARNING + "\n") == 1
