"""tools/room_server/room-server.service: well made, as closed as it says, and it works."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from rooms.clients import http
from rooms.server_process import RoomServer

TOOLS = Path(__file__).parents[2] / "tools"
UNIT = TOOLS / "room_server" / "room-server.service"
SECTIONS = {
    "Unit": {"Description", "After", "Wants"},
    "Service": {
        *("ExecStart", "WorkingDirectory", "Environment", "EnvironmentFile"),
        *("Restart", "RestartSec", "TimeoutStopSec", "LimitNOFILE"),
        *("DynamicUser", "StateDirectory", "StateDirectoryMode", "UMask"),
        *("ProtectSystem", "ProtectHome", "ProtectProc", "ProcSubset"),
        *("PrivateTmp", "PrivateDevices", "ProtectClock", "ProtectHostname"),
        *("ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs"),
        *("ProtectControlGroups", "RestrictAddressFamilies", "RestrictNamespaces"),
        *("RestrictRealtime", "RestrictSUIDSGID", "LockPersonality", "MemoryDenyWriteExecute"),
        *("NoNewPrivileges", "CapabilityBoundingSet", "AmbientCapabilities"),
        *("SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber"),
    },
    "Install": {"WantedBy"},
}
SWITCHES = re.compile(
    "Protect(?!System|Proc)|Private|Restrict(?!Address)|Lock|Memory|NoNew|Dynamic"
)


def parse():
    """Return {section: {name: [values]}} of the unit, as systemd.syntax(7) has it."""
    found, section = {}, None
    for line in re.sub(r"\\\n\s*", " ", UNIT.read_text()).splitlines():
        if not line or line[0] in "#;":
            continue
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = found.setdefault(header[1], {})
            continue
        name, separator, value = line.partition("=")
        assert separator and section is not None and re.fullmatch(r"[A-Z][A-Za-z]+", name), line
        section.setdefault(name, []).append(value)
    return found


def test_the_unit_has_known_settings_once_each_and_closes_what_there_is_to_close(tmp_path):
    unit = parse()
    assert {section: set(settings) for section, settings in unit.items()} == SECTIONS
    service = unit["Service"]
    repeated = {name for name, values in service.items() if len(values) > 1}
    assert repeated == {"SystemCallFilter"}
    for name, [value, *_] in service.items():
        if SWITCHES.match(name):
            assert value == "yes", name
    assert service["ProtectSystem"] == ["strict"]
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == [""]
    assert service["SystemCallFilter"] == ["@system-service", "~@privileged @resources"]
    assert service["RestrictAddressFamilies"] == ["AF_INET AF_INET6"]
    if shutil.which("systemd-analyze"):  # a second opinion, which not every machine has
        copy = tmp_path / UNIT.name
        text = UNIT.read_text().replace("/opt/room-server/venv/bin/python", sys.executable)
        copy.write_text(text.replace("/opt/room-server", str(TOOLS)))
        command = ["systemd-analyze", "verify", "--man=no", copy]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_what_it_starts_is_a_server_that_keeps_its_state_in_its_directory(tmp_path):
    service = parse()["Service"]
    [command], [folder] = service["ExecStart"], service["WorkingDirectory"]
    state = tmp_path / "state"
    state.mkdir()
    values = {"STATE_DIRECTORY": str(state), "ROOM_SERVER_OPTIONS": "--verbose --list-rooms"}
    words = []
    for word in shlex.split(command):  # as systemd does: $NAME is split, ${NAME} is not
        if word.startswith("$") and word[1] != "{":
            words += values[word[1:]].split()
        else:
            words.append(re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], word))
    python, *arguments = words
    assert python == f"{folder}/venv/bin/python" and arguments[:2] == ["-m", "room_server"]
    assert arguments[arguments.index("--host") + 1] == "0.0.0.0"
    arguments[arguments.index("--host") + 1] = "127.0.0.1"
    port = arguments.index("--port")
    del arguments[port : port + 2]  # RoomServer gives a free one
    with RoomServer(*arguments[2:], env={"ROOM_SERVER_TOKEN": "s3cret"}) as server:
        reading = b'{"type":"reading","device":"d","values":{"t":1}}'
        assert http(server, "/parties/main/r", reading)[0] == 401
        assert http(server, "/parties/main/r?token=s3cret", reading)[0] == 200
        assert http(server, "/rooms?token=s3cret")[1]["rooms"][0]["room"] == "r"
        assert server.stop(signal.SIGTERM) == 0
    assert os.listdir(state) == ["rooms.db"]
