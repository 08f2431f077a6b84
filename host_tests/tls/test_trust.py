"""What `ssl` takes: roots as a context, a path or bytes, PEM or DER; the platform's; and what is
said of those that are none. One set a socket, however often it dials.
"""

import base64

import pytest

from roots import module

from .devices import copy_of_lib, dialed
from .server import Server

_HASTY = {"min_reconnection_delay": 0, "jitter": "none"}
_DIALS = 3
_NO_PLATFORM = {"SSL_CERT_FILE": "/nonexistent/file", "SSL_CERT_DIR": "/nonexistent"}


@pytest.fixture
def good(shown):
    return shown["good"]


@pytest.fixture
def server(good):
    with Server(good.context) as server:
        yield server


def dial(server, ssl, how="socket", **settings):
    return {
        "name": "",
        "host": "room.test",
        "port": server.port,
        "ssl": ssl,
        "how": how,
        **settings,
    }


def root_pem(identity):
    data = base64.encodebytes(identity.trusted)
    return b"-----BEGIN CERTIFICATE-----\n" + data + b"-----END CERTIFICATE-----\n"


def forms(shown):
    """{name: (the file's bytes, how many certificates are in it)}"""
    right, other = root_pem(shown["good"]), root_pem(shown["other root"])
    other = root_pem(shown["pinned"])
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
    dials, expected = [], []
    for name, (data, count) in forms(shown).items():
        path = tmp_path / name.replace(" ", "-")
        path.write_bytes(data)
        for form in ("path", "bytes", "context"):
            dials.append(dial(server, {form: str(path)}, options=_HASTY, dials=_DIALS))
            expected.append((name, form, _DIALS, count))
            dials.append(dial(server, {form: str(path)}, "fetch"))
            expected.append((name, form, 200, count))
    found = dialed(interpreter, dials)
    got = [
        (name, form, result.get("opened", result.get("status")), result["loads"])
        for (name, form, _, _), result in zip(expected, found)
    ]
    assert got == expected, "loaded once for all dials of a socket"
    server.wait_ended((_DIALS + 1) * len(expected) // 2)


def junk(shown):
    """{name: (the file's bytes or None for no file, what the error has to say)}"""
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
        "PEM of something else": (
            pem_of(b"no certificate" * 9),
            "that can't be read",
        ),
        "PEM with a hole": (lines[0] + right[len(lines[0]) + 1 :], "that is no PEM"),
        "PEM without lines": (lines[0] + lines[-1], "that can't be read"),
        "PEM that is cut off": (b"".join(lines[:-1]), "cut off"),
        "two, the second cut off": (root_pem(shown["rsa"]) + lines[0] + lines[1], "cut off"),
    }


def pem_of(data):
    body = base64.encodebytes(data)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


def test_what_is_no_certificate_is_said_and_nothing_is_dialed(
    interpreter, server, shown, tmp_path
):
    dials, expected = [], []
    for name, (data, text) in junk(shown).items():
        path = tmp_path / name.replace(" ", "-")
        if data is not None:
            path.write_bytes(data)
        for form in ("path", "bytes") if data is not None else ("path",):
            for how in ("socket", "fetch"):
                dials.append(dial(server, {form: str(path)}, how))
                expected.append((name, form, how, text))
    found = dialed(interpreter, dials)
    for (name, form, how, text), result in zip(expected, found):
        message, kind = result.get("error", ""), result.get("type")
        if how == "socket":
            message, kind = "".join(result["errors"]), "".join(result["types"])
        assert text in message and message.startswith("ssl"), (name, form, how, result)
        assert kind == "Error", (name, form, how, result)
        if how == "socket":
            assert result["phases"] == ["tls"]
            assert result["delays"][0] >= 240_000, "only its owner can mend it"
    assert server.peers == []


def test_without_roots_the_error_says_what_to_install_and_nothing_is_dialed(
    interpreter, server, tmp_path
):
    lib = copy_of_lib(tmp_path / "lib", without=["roots.py"])
    dials = [dial(server, True, how) for how in ("socket", "fetch")]
    socket, fetch = dialed(interpreter, dials, lib=lib, env=_NO_PLATFORM)
    for message in (socket["errors"][0], fetch["error"]):
        assert "no roots to verify by: install partysocket.roots" in message
        assert "SSLContext" in message and "ssl=False" in message
    assert (socket["types"], fetch["type"]) == (["Error"], "Error")
    assert socket["phases"] == ["tls"] and socket["delays"][0] >= 240_000
    assert server.peers == []


def test_true_takes_the_librarys_roots_where_the_platform_has_none(
    interpreter, server, good, shown, tmp_path
):
    lib = copy_of_lib(tmp_path / "lib")
    ders = [shown["rsa"].trusted, good.trusted]
    (lib / "partysocket/roots.py").write_text(module([("x", "x", d) for d in ders], "of a test"))
    dials = [dial(server, True, options=_HASTY, dials=_DIALS), dial(server, True, "fetch")]
    socket, fetch = dialed(interpreter, dials, lib=lib, env=_NO_PLATFORM)
    assert (socket["opened"], fetch["status"]) == (_DIALS, 200)
    server.wait_ended(_DIALS + 1)


def test_a_server_that_none_of_the_librarys_roots_vouches_for_is_refused(interpreter, server):
    dials = [dial(server, True, how) for how in ("socket", "fetch")]
    socket, fetch = dialed(interpreter, dials, env=_NO_PLATFORM)
    assert "certificate was refused" in socket["errors"][0]
    assert "certificate was refused" in fetch["error"]
    server.wait_ended(2)


def test_true_takes_the_platforms_roots_on_cpython(server, good, shown, tmp_path):
    for identity, is_right in ((good, True), (shown["rsa"], False)):
        path = tmp_path / "platform.pem"
        path.write_bytes(root_pem(identity))
        env = {**_NO_PLATFORM, "SSL_CERT_FILE": str(path)}
        (result,) = dialed("cpython", [dial(server, True)], env=env)
        assert result["opened"] == is_right, result
    server.wait_ended(2)
