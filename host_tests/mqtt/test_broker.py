"""Coming into a real broker: TLS, passwords, and clients with the same name."""

import asyncio
import subprocess

import aiomqtt
import trustme

import processes
from mqtt.bridges import Bridge
from mqtt.brokers import WAIT_S, Mosquitto, Watcher
from needs import need_mosquitto

ALIVE = "partysocket/bridge"


async def told(bridge, text):
    """Wait until the bridge has said this."""

    async def wait():
        while text not in bridge.stderr:
            await asyncio.sleep(0.02)

    try:
        await asyncio.wait_for(wait(), WAIT_S)
    except asyncio.TimeoutError:
        raise AssertionError(bridge.stderr) from None


async def test_with_tls_only_a_broker_with_the_right_certificate_gets_anything(server, tmp_path):
    right, wrong = trustme.CA(), trustme.CA()
    paths = {}
    for name, pem in (
        ("right", right.cert_pem),
        ("wrong", wrong.cert_pem),
        ("key", right.issue_cert("localhost").private_key_and_cert_chain_pem),
    ):
        paths[name] = tmp_path / f"{name}.pem"
        pem.write_to_path(str(paths[name]))
    tls = [f"certfile {paths['key']}", f"keyfile {paths['key']}", "allow_anonymous true"]
    with Mosquitto(tmp_path / "broker", *tls) as broker:
        where = ["--broker", f"mqtts://localhost:{broker.port}", "--broker-ca"]
        with Bridge(server, broker, *where, paths["wrong"]) as bridge:
            await told(bridge, "certificate verify failed")
        by_address = ["--broker", f"mqtts://127.0.0.1:{broker.port}", "--broker-ca"]
        with Bridge(server, broker, *by_address, paths["right"]) as bridge:
            await told(bridge, "certificate verify failed")
        with Bridge(server, broker, *where, paths["right"]):
            trust = aiomqtt.TLSParameters(ca_certs=str(paths["right"]))
            async with Watcher(broker, host="localhost", tls_params=trust) as watcher:
                await watcher.holds(ALIVE, "online")
                assert [text for topic, text in watcher.heard if topic == ALIVE] == ["online"]


async def test_a_password_of_a_file_opens_the_broker_and_is_in_no_list_or_log(server, tmp_path):
    secret, users = tmp_path / "secret", tmp_path / "users"
    secret.touch(0o600)
    secret.write_text("open sesame\n")
    program = need_mosquitto().replace("sbin", "bin") + "_passwd"
    subprocess.run([program, "-b", "-c", users, "home", "open sesame"], check=True)
    lines = ["allow_anonymous false", f"password_file {users}"]
    with Mosquitto(tmp_path / "broker", *lines) as broker:
        with Bridge(server, broker) as bridge:
            await told(bridge, "Not authorized; give --user and --password-file")
        access = ["--user", "home", "--password-file", secret, "--verbose"]
        with Bridge(server, broker, *access) as bridge:
            async with Watcher(broker, username="home", password="open sesame") as watcher:
                await watcher.holds(ALIVE, "online")
            assert "sesame" not in processes.arguments(bridge.pid) + bridge.stderr


async def test_a_bridge_that_comes_after_one_that_hangs_is_online(server, broker):
    async with Watcher(broker) as watcher:
        with Bridge(server, broker) as bridge:
            await watcher.holds(ALIVE, "online")
            # As a computer that has lost its power: its connection stays open.
            bridge.pause()
            with Bridge(server, broker):
                # The will of the first, before what the second says.
                await watcher.hears(ALIVE, "offline")
                await watcher.holds(ALIVE, "online")


async def test_two_bridges_with_one_name_are_told(server, broker):
    with Bridge(server, broker) as first, Bridge(server, broker):
        await told(first, "if another bridge is 'partysocket-bridge' too, give one another --id")


async def test_two_bridges_with_names_of_their_own_share_a_broker(server, broker):
    with Bridge(server, broker), Bridge(server, broker, "--id", "attic", rooms=("attic",)):
        async with Watcher(broker) as watcher:
            for topic in (ALIVE, "partysocket/attic"):
                await watcher.holds(topic, "online")
            for room in ("home", "attic"):
                await watcher.holds(f"partysocket/main/{room}/available", "online")
