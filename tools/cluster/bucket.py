"""The bucket of a cluster on this computer: moto, as a process. All in it is lost at its end."""

import os
import subprocess
import sys
from pathlib import Path

from party_server import StartError

NAME = "rooms"
_PROGRAM = Path(__file__).with_name("moto_bucket.py")
# Its packages have a folder of their own, because they need others than the tests.
_PACKAGES = Path(sys.prefix) / "bucket"


def is_installed():
    return (_PACKAGES / "moto").is_dir()


class Bucket:
    """As a context manager it starts the process, and kills it at the end."""

    def __init__(self, host="127.0.0.1"):
        self.port = None
        self._host = host
        self._process = None

    def __enter__(self):
        if not is_installed():
            raise StartError("the bucket, moto, is not installed: `make cluster` does that")
        self._process = subprocess.Popen(
            [sys.executable, str(_PROGRAM), NAME, self._host],
            env={**os.environ, "PYTHONPATH": str(_PACKAGES)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C is for the program that started it.
            start_new_session=True,
        )
        line = self._process.stdout.readline()
        if not line:
            self.__exit__()
            raise StartError("the bucket, moto, did not start, and wrote why")
        self.port = int(line)
        return self

    def __exit__(self, *_):
        with self._process:
            self._process.kill()


def environment(port, host="127.0.0.1"):
    """Return the variables by which an instance reaches a bucket."""
    return {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_REGION": "us-east-1",
        # moto takes any.
        "AWS_ACCESS_KEY_ID": "rooms",
        "AWS_SECRET_ACCESS_KEY": "rooms",
    }
