"""tools/room_server/room-server.service: it is valid, as restricted as it says, and it works."""

import configparser
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
# The restrictions of systemd that are on; and the other settings.
SWITCHES = """
    DynamicUser PrivateTmp PrivateDevices ProtectHome ProtectClock ProtectHostname LockPersonality
    ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectControlGroups
    RestrictNamespaces RestrictRealtime RestrictSUIDSGID MemoryDenyWriteExecute NoNewPrivileges
"""
FILTERS = ["@system-service", "~@privileged @resources"]
OTHERS = """
    ExecStart WorkingDirectory Environment EnvironmentFile Restart RestartSec TimeoutStopSec
    LimitNOFILE StateDirectory StateDirectoryMode UMask ProtectSystem ProtectProc ProcSubset
    RestrictAddressFamilies CapabilityBoundingSet AmbientCapabilities SystemCallArchitectures
    SystemCallFilter SystemCallErrorNumber
"""


def parse():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(UNIT)
    return {section: dict(unit[section]) for section in unit.sections()}


def test_the_unit_has_known_settings_once_each_and_closes_what_there_is_to_close(tmp_path):
    unit = parse()
    assert set(unit["Unit"]) == {"Description", "After", "Wants"}
    assert set(unit["Install"]) == {"WantedBy"}
    service = unit["Service"]
    assert set(service) == {*SWITCHES.split(), *OTHERS.split()}
    assert {name for name, value in service.items() if value == "yes"} == {*SWITCHES.split()}
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == ""
    assert service["RestrictAddressFamilies"] == "AF_INET AF_INET6"
    names = re.findall("^([A-Z][A-Za-z]+)=", UNIT.read_text(), re.MULTILINE)
    [repeated] = {name for name in names if names.count(name) > 1}
    filters = re.findall(f"^{repeated}=(.*)", UNIT.read_text(), re.MULTILINE)
    assert (repeated, filters) == ("SystemCallFilter", FILTERS)
    # A second check, if the machine has this program.
    if shutil.which("systemd-analyze"):
        copy = tmp_path / UNIT.name
        text = UNIT.read_text().replace("/opt/room-server/venv/bin/python", sys.executable)
        copy.write_text(text.replace("/opt/room-server", str(TOOLS)))
        command = ["systemd-analyze", "verify", "--man=no", copy]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_what_it_starts_is_a_server_that_keeps_its_state_in_its_directory(tmp_path):
    service = parse()["Service"]
    command, folder = service["ExecStart"].replace("\\\n", " "), service["WorkingDirectory"]
    state = tmp_path / "state"
    state.mkdir()
    values = {"STATE_DIRECTORY": str(state), "ROOM_SERVER_OPTIONS": "--verbose --list-rooms"}
    words = []
    # Like systemd: $NAME is split into words, ${NAME} is not.
    for word in shlex.split(command):
        if word.startswith("$") and word[1] != "{":
            words += values[word[1:]].split()
        else:
            words.append(re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], word))
    python, *arguments = words
    assert python == f"{folder}/venv/bin/python" and arguments[:2] == ["-m", "room_server"]
    assert arguments[arguments.index("--host") + 1] == "0.0.0.0"
    arguments[arguments.index("--host") + 1] = "127.0.0.1"
    port = arguments.index("--port")
    # RoomServer gives a free port.
    del arguments[port : port + 2]
    with RoomServer(*arguments[2:], env={"ROOM_SERVER_TOKEN": "s3cret"}) as server:
        reading = b'{"type":"reading","device":"d","values":{"t":1}}'
        assert http(server, "/parties/main/r", reading)[0] == 401
        assert http(server, "/parties/main/r?token=s3cret", reading)[0] == 200
        assert http(server, "/rooms?token=s3cret")[1]["rooms"][0]["room"] == "r"
        assert server.stop(signal.SIGTERM) == 0
    assert os.listdir(state) == ["rooms.db"]
