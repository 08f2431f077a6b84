import pytest

from circuitpython.runner import BOARDS

from .certificates import identities

_OWN_ROOTS = "a board's firmware has roots"
_NO_REASON = "CircuitPython does not tell why it refuses a certificate"
# Tests that do not apply to CircuitPython.
NOT_ON_BOARDS = {
    "test_without_roots_the_error_says_what_to_install_and_nothing_is_dialed": _OWN_ROOTS,
    "test_true_takes_the_librarys_roots_where_the_platform_has_none": _OWN_ROOTS,
    "test_a_server_that_none_of_the_librarys_roots_vouches_for_is_refused": _OWN_ROOTS,
    "test_every_root_is_read_and_is_the_one_it_is_called": _OWN_ROOTS,
    "test_a_refusal_names_a_clock_that_is_not_set": _NO_REASON,
    "test_a_device_without_the_time_is_refused_asks_for_it_and_gets_in": _NO_REASON,
    "test_what_the_network_says_is_an_os_error": "its sockets hear of no refused datagram",
    "test_a_computers_clock_is_left_alone": "a board's is set",
}


def pytest_generate_tests(metafunc):
    """`interpreter`: the interpreter of a device."""
    if "interpreter" in metafunc.fixturenames:
        # Both boards have the same TLS.
        boards = [] if metafunc.function.__name__ in NOT_ON_BOARDS else BOARDS[:1]
        metafunc.parametrize("interpreter", ["micropython", "cpython", *boards])


@pytest.fixture(scope="session")
def shown(tmp_path_factory):
    """{name: Identity}, with `context` for the server and `root`, a DER file to trust."""
    found = identities()
    for identity in found.values():
        identity.write_to(tmp_path_factory.mktemp("identity"))
    return found
