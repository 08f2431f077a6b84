"""TLS from certificate files."""

import ssl


class CertificateError(Exception):
    """The certificate or key cannot be used. The text says why."""


def make_context(cert, key=None):
    """Return a server's SSLContext for TLS 1.2 or newer. Raises CertificateError.

    `cert` is a PEM file with the chain, the server's own certificate first. `key` is a PEM file
    without a password, or None if the key is in `cert` too.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    try:
        # The empty password prevents a question on the terminal.
        context.load_cert_chain(cert, key, password="")
    # This includes SSLError.
    except OSError as error:
        reason = error.strerror or error.reason or "no certificate and key in PEM, or not a pair"
        names = f"{cert} and {key}" if key else cert
        raise CertificateError(f"{names} cannot be used: {reason}") from None
    return context
