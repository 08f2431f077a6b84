"""A room of the party server, as a move sees it. While it is away, requests are tried again."""

import http.client
import json
import ssl
import time
from urllib.parse import quote

TIMEOUT_S = 60
# A room of a cluster is back within 20 s: CLUSTER.md.
_PATIENCE_S = 30
_WAIT_S = 0.5


class MoveError(Exception):
    """A room cannot be moved. The text says why, and what to do."""


class Target:
    """One connection to the party server."""

    def __init__(self, settings):
        self._settings = settings
        self._connection = None
        # A server that has never answered is not waited for: its address may be wrong.
        self._has_answered = False

    def room(self, party, room):
        """Return the Room of this name."""
        # Names are stored as they are in addresses.
        return Room(self, f"/parties/{party}/{quote(room, safe='%!$&*+,;=:@~')}")

    def request(self, method, path, body=None):
        """Return the answer's JSON, or None. Raises MoveError."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                status, text = self._try(method, path, body)
                # Only who goes in gets 503, or a room that moves between machines; 502 says
                # haproxy of one whose owner ended before it answered.
                why = _said(text) if status in (502, 503) else None
            except (OSError, http.client.HTTPException) as error:
                self._close()
                why = _reason(error)
                if isinstance(error, ssl.SSLCertVerificationError):
                    raise MoveError(f"{why}: give its authority with --ca") from None
            if why is None:
                break
            if time.monotonic() > deadline or not self._has_answered:
                host = self._settings.to.netloc
                raise MoveError(f"{host} does not take it: {why}; run the command again")
            time.sleep(_WAIT_S)
        if not 200 <= status < 300:
            raise MoveError(f"the party server says: {_said(text)} ({status})")
        try:
            return json.loads(text) if text else None
        except ValueError:
            raise MoveError("no party server answers there: give its address with --to") from None

    def _try(self, method, path, body):
        if self._connection is None:
            self._connection = self._connect()
        headers = {"Import-Token": self._settings.import_token}
        if self._settings.token is not None:
            headers["Authorization"] = f"Bearer {self._settings.token}"
        self._connection.request(method, path, body, headers)
        reply = self._connection.getresponse()
        text = reply.read()
        self._has_answered = True
        return reply.status, text

    def _connect(self):
        to = self._settings.to
        if to.scheme == "http":
            return http.client.HTTPConnection(to.hostname, to.port, timeout=TIMEOUT_S)
        context = ssl.create_default_context(cafile=self._settings.ca)
        return http.client.HTTPSConnection(
            to.hostname, to.port, timeout=TIMEOUT_S, context=context
        )

    def _close(self):
        if self._connection:
            self._connection.close()
        self._connection = None


class Room:
    """The import of a room: see examples/party_server/src/moves.ts."""

    def __init__(self, target, path):
        self._target = target
        self._path = path

    def status(self):
        """Return what is there: `import`, `isEmpty`, `limits`, `targets` and more."""
        found = self._target.request("GET", f"{self._path}?import")
        if "import" not in found:
            raise MoveError("no party server of this version answers there: update it")
        return found

    def begin(self, id, now, pieces):
        return self._post("begin", {"id": id, "now": now, "pieces": pieces})

    def put(self, id, number, rows):
        """Send a piece. `rows` is JSON."""
        body = f'{{"id":"{id}","rows":[{",".join(rows)}]}}'.encode()
        return self._target.request("PUT", f"{self._path}?import={number}", body)

    def sums(self, id, before):
        """Return {(kind, device or None, name or None): sum}, like Tally.shown()."""
        found = {}
        room = self._post("sums", {"id": id})
        for kind in ("layout", "alerts"):
            found[kind, None, None] = room[kind]
        for device in room["devices"]:
            names = before.get(device, {})
            sums = self._post("sums", {"id": id, "device": device, "before": names})
            found["devices", device, None] = sums["device"]
            for name, by_kind in sums["series"].items():
                found.update(((kind, device, name), each) for kind, each in by_kind.items())
        return found

    def end(self, id):
        return self._post("end", {"id": id})

    def discard(self):
        self._target.request("DELETE", f"{self._path}?import")

    def _post(self, what, body):
        return self._target.request(
            "POST", f"{self._path}?import={what}", json.dumps(body).encode()
        )


def _said(text):
    try:
        return json.loads(text)["error"]
    except (ValueError, KeyError, TypeError):
        return "an answer without a reason: is it a party server?"


def _reason(error):
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
