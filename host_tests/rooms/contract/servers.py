"""Starts the servers of ROOMS.md with the same settings. Each has its own names for them."""

import json
from contextlib import ExitStack, contextmanager

import needs
from partyserver import Workerd
from rooms.cluster.spread import Spread
from rooms.server_process import RoomServer

KINDS = ("room_server", "party_server")
# The party server on three instances.
CLUSTER = "cluster"
_ROOM_ENV = {"token": "ROOM_SERVER_TOKEN", "read_token": "ROOM_SERVER_READ_TOKEN"}
_NO_LIMIT = (
    "--max-connections",
    "10000",
    "--max-per-address",
    "10000",
    "--request-rate",
    "100000",
)


def make(kind, folder, **settings):
    """Return a server of this kind. It is not started yet, and stores its data in `folder`.

    Settings: token, read_token, room_tokens (lines), allow_origins (a list), max_message_bytes,
    max_clients, max_devices, max_db_bytes, keep_raw, keep_minutes, keep_hours, rate,
    alert_targets (an object).
    """
    if kind == "room_server":
        return _room_server(folder, settings)
    needs.need_party_server()
    texts = _as_variables(settings)
    return Spread(folder, texts) if kind == CLUSTER else Workerd(folder / "storage", env=texts)


@contextmanager
def starting(kind, folder):
    """Yield `start(**settings)`, which starts servers that store their data below `folder`."""
    with ExitStack() as running:

        def start(**settings):
            own = folder / f"server-{len(list(folder.iterdir()))}"
            own.mkdir()
            return running.enter_context(make(kind, own, **settings))

        yield start


def one_of(server):
    """Return the server, or of a cluster one instance: its address stays the same."""
    return server.one() if isinstance(server, Spread) else server


def _room_server(folder, settings):
    args, env = [*_NO_LIMIT, "--db", folder / "rooms.db"], {}
    for name, value in settings.items():
        if name in _ROOM_ENV:
            env[_ROOM_ENV[name]] = value
        elif name == "room_tokens":
            (folder / "tokens").write_text(value)
            args += ["--token-file", folder / "tokens"]
        elif name == "alert_targets":
            path = folder / "targets.json"
            path.write_text(json.dumps(value))
            path.chmod(0o600)
            args += ["--alert-targets", path]
        elif name == "allow_origins":
            args += [part for origin in value for part in ("--allow-origin", origin)]
        else:
            args += ["--" + name.replace("_", "-"), value]
    return RoomServer(*args, env=env)


def _as_variables(settings):
    return {name.upper(): _as_text(value) for name, value in settings.items()}


def _as_text(value):
    if isinstance(value, dict):
        return json.dumps(value)
    return " ".join(value) if isinstance(value, list) else str(value)
