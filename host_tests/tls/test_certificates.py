"""Who is let in: every kind of certificate and of TLS peer, on both interpreters, for sockets and
for fetch, verified and not.
"""

import contextlib

import pytest

from .certificates import GOOD, REFUSED
from .devices import dialed
from .server import Server, hang_up, reset, say_nothing, say_ssh

_SOON_MS = (100, 5000)  # the first ordinary wait, by the defaults
_PATIENT_MS = (240_000, 360_000)  # max_reconnection_delay x 5, +-20 %
_HASTY = {"connection_timeout": 400}
_FAULTS = {
    "no TLS": say_ssh,
    "no TLS, and early": say_ssh,
    "silence": say_nothing,
    "reset": reset,
    "end": hang_up,
}
_WAYS = ("socket", "fetch", "socket, not verified", "fetch, not verified")


@pytest.fixture(scope="module", params=["micropython", "cpython"])
def table(request, shown):
    """(interpreter, {(name, way): what came of it}, output). Each server has seen all of its
    connections end while the process lived.
    """
    with contextlib.ExitStack() as stack:
        dials = []
        servers = []
        for name in [*GOOD, *REFUSED, *_FAULTS]:
            if name in _FAULTS:
                identity = shown["good"]
                server = Server(None, handshake=_FAULTS[name])
            else:
                identity = shown[name]
                server = Server(identity.context)
            servers.append(stack.enter_context(server))
            for way in _WAYS:
                how = way.split(",")[0]
                options = {}
                if name == "silence":
                    options = _HASTY if how == "socket" else {"timeout_ms": 400}
                dials.append(
                    {
                        "name": [name, way],
                        "host": identity.host,
                        "port": server.port,
                        "ssl": False if "not" in way else {"path": identity.root},
                        "how": how,
                        "options": options,
                        "late": "early" in name,
                    }
                )
        open_ones = []
        printed = []

        def look():
            try:
                for server in servers:
                    server.wait_ended(len(_WAYS))
            except AssertionError as e:
                open_ones.append(str(e))

        found = dialed(request.param, dials, meanwhile=look, printed=printed)
        assert open_ones == []
        yield (
            request.param,
            {tuple(result.pop("name")): result for result in found},
            printed[0],
        )


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
    assert (result["opened"], result["errors"]) == (1, [])
    assert result["warnings"] == ["partysocket: ssl=False: anybody can pose as the server"]
    assert found[name, "fetch, not verified"]["status"] == 200


def test_fetch_warns_once_in_all(table):
    _, _, output = table
    assert output.count("partysocket: ssl=False: anybody can pose as the server\n") == 1
