"""What `ssl` may be on CircuitPython, and what becomes of it."""

import binascii
import ssl

from partysocket.core.errors import Error
from partysocket.net import tls
from peers import PORTS

DER = bytes([0x30, 0x82, 1, 0]) + bytes([i & 255 for i in range(256)])


def pem(der):
    text = binascii.b2a_base64(der, newline=False).decode()
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n" % "\n".join(lines)


def said(trust):
    try:
        tls.context(trust)
    except Error as e:
        return str(e)
    raise AssertionError("it was taken")


def test_true_trusts_the_roots_of_the_firmware():
    made = tls.context(True)
    assert isinstance(made, ssl.SSLContext) and made._pem is None and made.check_hostname


def test_false_verifies_nothing():
    made = tls.context(False)
    assert made._pem == "" and not made.check_hostname


def test_a_context_is_taken_as_it_is():
    made = ssl.create_default_context()
    assert tls.context(made) is made


def test_certificates_of_every_form_are_given_as_pem_in_one_text():
    one = pem(DER)
    other = pem(DER[:4] + bytes(256))
    for data, text in (
        (DER, one),
        (one.encode(), one),
        ((one + other).encode(), one + other),
        (("# a comment: \u00e9\n" + one + "# another\n" + other).encode(), one + other),
        (one.replace("\n", "\r\n").encode(), one),
        (bytearray(one.encode()), one),
    ):
        assert tls.context(data)._pem == text
        path = PORTS["folder"] + "/certificate"
        with open(path, "wb") as file:
            file.write(data)
        assert tls.context(path)._pem == text


def test_what_is_no_certificate_is_said():
    lines = pem(DER).split("\n")
    for data, text in (
        (b"", "holds no certificate"),
        (b"hello\n", "holds no certificate"),
        ("\n".join(lines[:-2]).encode(), "cut off"),
        ("\n".join([lines[0], "?", lines[-2]]).encode(), "can't be read"),
        (pem(b"no certificate" * 9).encode(), "can't be read"),
    ):
        assert text in said(data), (data, said(data))
    assert "can't be read" in said("/nowhere.pem")


def test_a_refusal_is_told_and_names_a_clock_that_is_not_set():
    error = tls.explained(ValueError("MBEDTLS_ERR_X509_CERT_VERIFY_FAILED"))
    assert isinstance(error, Error) and "CERT_VERIFY_FAILED" in str(error)
    lost = OSError(-29312, "MBEDTLS_ERR_SSL_CONN_EOF")
    assert tls.explained(lost) is lost
