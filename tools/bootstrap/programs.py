"""Runs installers, and says in plain words why one failed."""

import os
import re
import subprocess

# Variables of the environment with which pip would install elsewhere, or would see packages that
# are not in .venv.
_MISLEADING = {"PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"}
# Lines that are shown of an installer that failed.
_LAST_LINES = 12

# Remedies for errors of pip, npm or the system. The first match is used.
_REMEDIES = [
    (
        r"No space left on device|ENOSPC|Errno 28\b",
        "the disk is full; free some space (about 1 GB) and try again",
    ),
    (
        r"Read-only file system|EROFS|Permission denied|EACCES|Operation not permitted|EPERM",
        "a folder cannot be written to; make the checkout writable for this user",
    ),
    (
        r"DO NOT MATCH THE HASHES|EINTEGRITY",
        "a downloaded file is not the one that was pinned; try again, and if that does not help, "
        "ask who serves your packages",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|self-signed certificate|SELF_SIGNED_CERT_IN_CHAIN"
        r"|UNABLE_TO_GET_ISSUER_CERT",
        "the package registry's certificate is not accepted; if the clock is right and the "
        "package ca-certificates is there, a proxy puts its own in between: PIP_CERT and "
        "NODE_EXTRA_CA_CERTS name the file of the authority to trust",
    ),
    (
        r"Failed to establish a new connection|NewConnectionError|ConnectTimeout|ReadTimeout"
        r"|Name or service not known|Temporary failure in name resolution|Connection refused"
        r"|Network is unreachable|ProxyError|SSLError|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT"
        r"|ECONNRESET|Could not fetch URL|timed out",
        "the package registry could not be reached; check the network (and the proxy settings), "
        "then try again",
    ),
]


class Stop(Exception):
    """The work can't go on. The text says why, and what to do."""


def say(text):
    print("bootstrap: " + text, flush=True)


def remedy(text):
    """Return what to do about an error with that text, or None if it is not known."""
    return next((words for pattern, words in _REMEDIES if re.search(pattern, text)), None)


def output(command, trouble="it does not run"):
    """Return what the command prints. Raises Stop if it fails."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Stop(f"{trouble}: {error}") from None
    if done.returncode:
        raise Stop(f"{trouble}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(errors="replace")


def run(command, name, cwd=None):
    """Run an installer quietly. If it fails, raise Stop with a remedy and its last lines."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={name: value for name, value in os.environ.items() if name not in _MISLEADING},
        )
    except OSError as error:
        raise Stop(f"{name} does not run: {error}") from None
    if done.returncode == 0:
        return
    text = done.stdout.decode(errors="replace")
    last = "\n".join("  | " + line for line in text.strip().splitlines()[-_LAST_LINES:])
    why = remedy(text) or f"exit code {done.returncode}"
    raise Stop(f"{name} failed: {why}. Its last lines:\n{last}")
