"""The values of `ssl`: roots as a context, a path or bytes, PEM or DER; the platform's roots; and
the errors for invalid ones. A socket loads them once, however often it dials.
"""

import base64

import pytest

from circuitpython.runner import BOARDS
from roots import module

from .devices import both_ways, copy_of_lib, dial, done
from .server import Server

_HASTY = {"min_reconnection_delay": 0, "jitter": "none"}
_TIMES = 3
_NO_PLATFORM = {"SSL_CERT_FILE": "/nonexistent/file", "SSL_CERT_DIR": "/nonexistent"}


@pytest.fixture
def server(shown):
    with Server(shown["good"].context) as server:
        yield server


def pem_of(data):
    body = base64.encodebytes(data)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


def root_pem(identity):
    return pem_of(identity.trusted)


def forms(shown):
    """{name: (the file's bytes, the number of certificates in it)}."""
    right, other = root_pem(shown["good"]), root_pem(shown["pinned"])
    return {
        "DER": (shown["good"].trusted, 1),
        "PEM": (right, 1),
        "PEM, the second matches": (other + right, 2),
        "PEM, the first of three matches": (right + other + root_pem(shown["rsa"]), 3),
        "PEM with comments": (b"# Issuer: CN=x\n\nLabel: y\n" + other + b"# Next\n" + right, 2),
        "PEM with Windows' line ends": (right.replace(b"\n", b"\r\n"), 1),
        "PEM without a last line end": (right.rstrip(), 1),
    }


def test_every_form_of_roots(interpreter, server, shown, tmp_path):
    jobs, expected = [], []
    for name, (data, count) in forms(shown).items():
        path = tmp_path / name
        path.write_bytes(data)
        for ssl in (str(path), {"bytes": str(path)}, {"context": str(path)}):
            jobs.append(dial(server, ssl, arguments=_HASTY, times=_TIMES))
            jobs.append(dial(server, ssl, "fetch"))
            expected += [(name, ssl, _TIMES, count), (name, ssl, 200, count)]
    found = done(interpreter, jobs)
    got = [
        (name, ssl, result.get("opened", result.get("status")), result["loads"])
        for (name, ssl, _, _), result in zip(expected, found)
    ]
    # With FORM=compiled they can't be counted.
    if found[0]["loads"] is None:
        expected = [(*one[:3], None) for one in expected]
    assert got == expected, "loaded once for all dials of a socket"
    server.wait_ended((_TIMES + 1) * len(expected) // 2)


def junk(shown):
    """{name: (the file's bytes or None for no file, the text of the error)}."""
    right = root_pem(shown["good"])
    lines = right.splitlines(keepends=True)
    none = "holds no certificate"
    return {
        "absent": (None, "can't be read"),
        "empty": (b"", none),
        "text": (b"hello\n" * 100, none),
        "a key": (shown["good"].key_pem, none),
        "zeros": (bytes(2000), none),
        "DER that is cut off": (shown["good"].trusted[:-9], "that can't be read"),
        "other DER": (bytes.fromhex("300602010102010a"), "that can't be read"),
        "PEM of something else": (pem_of(b"no certificate" * 9), "that can't be read"),
        "PEM with a hole": (lines[0] + right[len(lines[0]) + 1 :], "that is no PEM"),
        "PEM without lines": (lines[0] + lines[-1], "that can't be read"),
        "PEM that is cut off": (b"".join(lines[:-1]), "cut off"),
        "two, the second cut off": (root_pem(shown["rsa"]) + lines[0] + lines[1], "cut off"),
    }


def test_what_is_no_certificate_is_said_and_nothing_is_dialed(
    interpreter, server, shown, tmp_path
):
    jobs, expected = [], []
    for name, (data, text) in junk(shown).items():
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        for ssl in (str(path), {"bytes": str(path)}) if data is not None else (str(path),):
            jobs += both_ways(server, ssl)
            expected += [text, text]
    for job, text, result in zip(jobs, expected, done(interpreter, jobs)):
        message, kind = result.get("error", ""), result.get("type")
        if job["what"] == "socket":
            message, kind = "".join(result["errors"]), "".join(result["types"])
            assert result["phases"] == ["tls"]
            assert result["delays"][0] >= 240_000, "only its owner can mend it"
        assert text in message and message.startswith("ssl"), (job, result)
        assert kind == "Error", (job, result)
    # They read them after connecting.
    if interpreter not in BOARDS:
        assert server.peers == []


def test_without_roots_the_error_says_what_to_install_and_nothing_is_dialed(
    interpreter, server, tmp_path
):
    lib = copy_of_lib(tmp_path / "lib", without=["roots.py"])
    socket, fetch = done(interpreter, both_ways(server, True), lib=lib, env=_NO_PLATFORM)
    for message in (socket["errors"][0], fetch["error"]):
        assert "no roots to verify by: install partysocket.roots" in message
        assert "SSLContext" in message and "ssl=False" in message
    assert (socket["types"], fetch["type"]) == (["Error"], "Error")
    assert socket["phases"] == ["tls"] and socket["delays"][0] >= 240_000
    assert server.peers == []


def test_true_takes_the_librarys_roots_where_the_platform_has_none(
    interpreter, server, shown, tmp_path
):
    lib = copy_of_lib(tmp_path / "lib")
    ders = [shown["rsa"].trusted, shown["good"].trusted]
    (lib / "partysocket/roots.py").write_text(module([("x", "x", d) for d in ders], "of a test"))
    jobs = [dial(server, True, arguments=_HASTY, times=_TIMES), dial(server, True, "fetch")]
    socket, fetch = done(interpreter, jobs, lib=lib, env=_NO_PLATFORM)
    assert (socket["opened"], fetch["status"]) == (_TIMES, 200)
    server.wait_ended(_TIMES + 1)


def test_a_server_that_none_of_the_librarys_roots_vouches_for_is_refused(interpreter, server):
    socket, fetch = done(interpreter, both_ways(server, True), env=_NO_PLATFORM)
    assert "certificate was refused" in socket["errors"][0]
    assert "certificate was refused" in fetch["error"]
    server.wait_ended(2)


@pytest.mark.parametrize("name, is_right", [("good", True), ("rsa", False)])
@pytest.mark.parametrize("platform", ["cpython", *BOARDS])
def test_true_takes_the_platforms_roots(platform, server, shown, tmp_path, name, is_right):
    path = tmp_path / "platform.pem"
    path.write_bytes(root_pem(shown[name]))
    # A board's firmware.
    env = {**_NO_PLATFORM, "SSL_CERT_FILE": str(path), "BUILT_IN": str(path)}
    for result in done(platform, [dial(server, True), dial(server, str(path))], env=env):
        assert result["opened"] == is_right, result
        if not is_right:
            assert "the server's certificate was refused" in result["errors"][0]
            assert result["delays"][0] >= 240_000, "only its owner can mend it"
    server.wait_ended(2)


@pytest.mark.parametrize("board", BOARDS)
def test_false_verifies_nothing_on_circuitpython_and_warns(board, server):
    socket, fetch = done(board, both_ways(server, False))
    assert (socket["opened"], fetch["status"]) == (1, 200)
    assert "anybody can pose as the server" in socket["warnings"][0]
