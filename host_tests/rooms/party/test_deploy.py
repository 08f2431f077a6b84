"""examples/party_server as it is deployed: its types, its bundle, and the files that say how."""

import json
import os
import re
import subprocess

import pytest

import needs
import party_server
from partyserver import Workerd
from rooms.clients import join

ROOMS = party_server.ROOMS
SOURCES = sorted(path.name for path in (ROOMS / "src").iterdir())
WAIT_S = 100


def run(program, *args, home=None, cwd=ROOMS):
    """Run an npm program as `npm ci` brought it; return (status, what it wrote)."""
    path = ROOMS / "node_modules" / program
    needs.need(f"{program} of examples/party_server", path.exists())
    done = subprocess.run(
        [needs.need_node(), str(path), *map(str, args)],
        cwd=cwd,
        env={
            **os.environ,
            "HOME": str(home or cwd),
            "WRANGLER_SEND_METRICS": "false",
            "CLOUDFLARE_CF_FETCH_ENABLED": "false",
            "CLOUDFLARE_API_TOKEN": "",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=WAIT_S,
    )
    return done.returncode, done.stdout


def wrangler_config():
    text = (ROOMS / "wrangler.jsonc").read_text()
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))


def test_every_type_is_right():
    assert run("typescript/bin/tsc", "--noEmit") == (0, "")


def test_a_wrong_type_would_be_found(tmp_path):
    settings = (
        (ROOMS / "tsconfig.json").read_text().replace('"include": ["src"]', '"files": ["a.ts"]')
    )
    (tmp_path / "tsconfig.json").write_text(settings)
    for name in SOURCES:
        (tmp_path / name).write_text((ROOMS / "src" / name).read_text())
    (tmp_path / "node_modules").symlink_to(ROOMS / "node_modules")
    (tmp_path / "a.ts").write_text(
        'import { Rate } from "./rate.ts";\nimport "./worker.ts";\nnew Rate("50");\n'
    )
    status, said = run("typescript/bin/tsc", "--noEmit", cwd=tmp_path)
    assert status != 0 and said.count("error TS") == 1 and "a.ts(3,10)" in said


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """What `npx wrangler deploy` would send, and what it says of it."""
    folder = tmp_path_factory.mktemp("bundle")
    out = folder / "out"
    status, said = run(
        "wrangler/bin/wrangler.js", "deploy", "--dry-run", "--outdir", out, home=folder
    )
    assert status == 0, said
    return out / "worker.js", said


def test_the_deployment_has_its_bindings(bundle):
    _, said = bundle
    assert "env.Main (Main)" in said and "env.ASSETS" in said
    assert "--dry-run: exiting now." in said
    assert "WARNING" not in said and "ERROR" not in said


async def test_what_would_be_deployed_runs(bundle, tmp_path, monkeypatch):
    needs.need_party_server()
    config = (ROOMS / "config.capnp").read_text()
    modules = 'modules = [ (name = "worker.js", esModule = embed "worker.js") ],'
    config, count = re.subn(
        r"modules = \[.*?^  \],", modules, config, flags=re.DOTALL | re.MULTILINE
    )
    assert count == 1
    monkeypatch.setattr(party_server, "CONFIG", tmp_path / "config.capnp")
    party_server.CONFIG.write_text(config)
    (tmp_path / "worker.js").write_bytes(bundle[0].read_bytes())
    with Workerd(tmp_path / "storage") as server:
        async with join(server, "r") as a, join(server, "r", role="device", name="d") as device:
            await device.send({"type": "reading", "values": {"t": 1}})
            assert (await a.next("reading"))["values"] == {"t": 1}


def test_both_configurations_say_the_same():
    local, deployed = (ROOMS / "config.capnp").read_text(), wrangler_config()
    assert f'compatibilityDate = "{deployed["compatibility_date"]}"' in local
    for flag in deployed["compatibility_flags"]:
        assert f'"{flag}"' in local
    for binding in deployed["durable_objects"]["bindings"]:
        assert (
            f'(name = "{binding["name"]}", durableObjectNamespace = "{binding["class_name"]}")'
            in local
        )
    assert re.findall(r'embed "src/(.*?)"', local)[1:] == [n for n in SOURCES if n != "worker.ts"]
    variables = {
        name
        for name, source in re.findall(r'\(name = "(.*?)", fromEnvironment = "(.*?)"\)', local)
        if name == source
    }
    secrets = {"TOKEN", "READ_TOKEN", "ROOM_TOKENS"}
    assert variables == set(deployed["vars"]) | secrets
    in_code = (ROOMS / "src/settings.ts").read_text()
    assert variables == set(re.findall(r"^  ([A-Z_]+)\?: string", in_code, re.MULTILINE))
    for name, value in deployed["vars"].items():
        assert value == "" or re.search(rf'"{name}", env.{name}, {value},', in_code)


def test_the_page_says_every_variable_with_its_default():
    page, deployed = (ROOMS / "README.md").read_text(), wrangler_config()
    for name, value in deployed["vars"].items():
        preset = f"{int(value):,}" if value else "none"
        assert re.search(rf"^\| `{name}`[^|]* \| {preset} \|", page, re.MULTILINE), name
    for name in ("TOKEN", "READ_TOKEN", "ROOM_TOKENS"):
        assert f"`{name}`" in page
