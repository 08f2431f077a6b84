"""What CLUSTER.md puts onto each machine, tried here: the systemd unit, and haproxy with TLS."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import urllib.request

import pytest
import trustme

import needs
from cluster.balancer import SHARED
from cluster.bucket import environment
from cluster.together import Cluster
from party_server import DASHBOARD, ROOMS, find_workerd

from .spread import bucket, new_prefix

UNIT = ROOMS / "cluster" / "party-cluster.service"
MACHINES = ROOMS / "cluster" / "machines.cfg"
WAIT_S = 60


@pytest.fixture
def one(tmp_path):
    needs.need_party_server()
    port, prefix = bucket().port, new_prefix()
    with Cluster(
        tmp_path / "c", count=1, bucket_port=port, prefix=prefix, is_balanced=False
    ) as one:
        yield one


def unit_here(one):
    """The unit with the paths of this checkout."""
    return (
        UNIT.read_text()
        .replace("/opt/party-server/workerd", find_workerd())
        .replace("/opt/party-server/dashboard", str(DASHBOARD))
        .replace("/opt/party-server", str(ROOMS))
        .replace("%d", str(one.folder / "secrets"))
        .replace("%S", str(one.folder))
        .replace("${HTTP}", "127.0.0.1:0")
        .replace("${PEERS}", "127.0.0.1:0")
    )


def test_the_unit_starts_an_instance_that_joins_and_ends_when_it_is_asked(one):
    text = unit_here(one)
    # A second check, if the machine has this program.
    if shutil.which("systemd-analyze"):
        copy = one.folder / UNIT.name
        copy.write_text(text)
        command = ["systemd-analyze", "verify", "--man=no", copy]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
    [command] = re.findall(r"^ExecStart=((?:.*\\\n)*.*)$", text, re.MULTILINE)
    (one.folder / "party-cluster").mkdir()
    read, write = os.pipe()
    process = subprocess.Popen(
        [*shlex.split(command.replace("\\\n", " ")), f"--control-fd={write}"],
        env={**os.environ, **environment(bucket().port)},
        pass_fds=[write],
    )
    os.close(write)
    try:
        with os.fdopen(read) as control:
            ports = {(event := json.loads(control.readline()))["event"]: event["port"]}
            event = json.loads(control.readline())
            ports[event["event"]] = event["port"]
        room = f"http://127.0.0.1:{one.instances[0].port}/parties/main/r"
        again = f"http://127.0.0.1:{ports['listen']}/parties/main/r"
        reading = b'{"type":"reading","values":{"t":1}}'
        headers = {"Content-Type": "text/plain"}
        posted = urllib.request.Request(f"{room}?name=d", reading, headers)
        assert json.load(urllib.request.urlopen(posted, timeout=WAIT_S))["ok"]
        [device] = json.load(urllib.request.urlopen(again, timeout=WAIT_S))["devices"]
        assert device["last"] == {"t": 1}
        ready = f"http://127.0.0.1:{ports['listen-cluster']}/ready"
        assert urllib.request.urlopen(ready, timeout=WAIT_S).status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
    finally:
        process.kill()
        process.wait()


def test_haproxy_has_tls_and_sends_others_there(one, tmp_path):
    haproxy = needs.need_haproxy()
    authority = trustme.CA()
    certificates = tmp_path / "certs"
    certificates.mkdir()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(
        str(certificates / "one.pem")
    )
    [instance] = one.instances
    with (
        socket.create_server(("127.0.0.1", 0)) as tls,
        socket.create_server(("127.0.0.1", 0)) as plain,
    ):
        text = MACHINES.read_text()
        for old, new in (
            ("/etc/haproxy/certs/", f"{certificates}/"),
            (":443", f"fd@{tls.fileno()}"),
            (":80\n", f"fd@{plain.fileno()}\n"),
            (
                "10.0.0.1:8080 check port 8081",
                f"{instance.url[7:]} check port {instance.peer_port}",
            ),
        ):
            assert old in text
            text = text.replace(old, new)
        config = tmp_path / "machines.cfg"
        # The other two machines are not there.
        config.write_text(re.sub(r".*10\.0\.0\..*\n", "", text))
        process = subprocess.Popen(
            [haproxy, "-db", "-f", SHARED, "-f", config], pass_fds=[tls.fileno(), plain.fileno()]
        )
        tls_port, port = tls.getsockname()[1], plain.getsockname()[1]
    try:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        https = urllib.request.HTTPSHandler(context=context)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), https)
        url = f"https://localhost:{tls_port}/parties/main/r"
        with opener.open(url, timeout=WAIT_S) as answer:
            assert answer.headers["X-Instance"] == "a"
            assert json.load(answer)["room"] == "r"
        with socket.create_connection(("127.0.0.1", port), WAIT_S) as tcp:
            tcp.sendall(b"GET /parties/main/r HTTP/1.1\r\nHost: example.org\r\n\r\n")
            assert b"location: https://example.org/parties/main/r\r\n" in tcp.recv(4096)
    finally:
        process.kill()
        process.wait()
