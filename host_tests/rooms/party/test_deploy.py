"""The deployment of examples/party_server: its types, its bundle, and its configuration."""

import json
import os
import re
import subprocess

import needs
import party_server
from partyserver import Workerd
from rooms.clients import join

ROOMS = party_server.ROOMS
SOURCES = sorted(path.name for path in (ROOMS / "src").iterdir())
SECRETS = {"TOKEN", "READ_TOKEN", "ROOM_TOKENS", "ALERT_TARGETS", "IMPORT_TOKEN"}
# A variable that is only refused.
GONE = {"HISTORY"}
WAIT_S = 100


def run(program, *args, home=None, cwd=ROOMS):
    """Run an npm program that `npm ci` installed. Return (status, output)."""
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


def test_every_type_is_right_and_a_wrong_one_would_be_found(tmp_path):
    for name in ("src", "node_modules"):
        (tmp_path / name).symlink_to(ROOMS / name)
    settings = (ROOMS / "tsconfig.json").read_text().replace('["src"]', '["src", "a.ts"]')
    (tmp_path / "tsconfig.json").write_text(settings)
    right = 'import "./src/worker.ts";\nimport { Rate } from "./src/rate.ts";\nnew Rate(50);\n'
    (tmp_path / "a.ts").write_text(right)
    assert run("typescript/bin/tsc", "--noEmit", cwd=tmp_path) == (0, "")
    (tmp_path / "a.ts").write_text(right.replace("50", '"50"'))
    status, said = run("typescript/bin/tsc", "--noEmit", cwd=tmp_path)
    assert status != 0 and said.count("error TS") == 1 and "a.ts(3,10)" in said


async def test_what_wrangler_would_deploy_has_its_bindings_and_runs(tmp_path, monkeypatch):
    needs.need_party_server()
    wrangler = "wrangler/bin/wrangler.js"
    status, said = run(wrangler, "deploy", "--dry-run", "--outdir", tmp_path, home=tmp_path)
    assert status == 0, said
    assert "env.Main (Main)" in said and "env.Rooms (Rooms)" in said and "env.ASSETS" in said
    assert "--dry-run: exiting now." in said
    assert "WARNING" not in said and "ERROR" not in said
    config = (ROOMS / "config.capnp").read_text()
    modules = 'modules = [ (name = "worker.js", esModule = embed "worker.js") ],'
    config, count = re.subn(r"modules = \[.*?^  \],", modules, config, flags=re.S | re.M)
    assert count == 1
    monkeypatch.setattr(party_server, "CONFIG", tmp_path / "config.capnp")
    party_server.CONFIG.write_text(config)
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
        name, room = binding["name"], binding["class_name"]
        assert f'(name = "{name}", durableObjectNamespace = "{room}")' in local
        assert f'(className = "{room}", uniqueKey = "{room.lower()}", enableSql = true)' in local
    bound = [binding["class_name"] for binding in deployed["durable_objects"]["bindings"]]
    assert bound == [name for tag in deployed["migrations"] for name in tag["new_sqlite_classes"]]
    assert re.findall(r'embed "src/(.*?)"', local)[1:] == [n for n in SOURCES if n != "worker.ts"]
    variables = set(re.findall(r'\(name = "(.*?)", fromEnvironment = "\1"\)', local))
    assert variables == set(deployed["vars"]) | SECRETS | GONE
    in_code = (ROOMS / "src/settings.ts").read_text()
    assert variables == set(re.findall(r"^  ([A-Z_]+)\?: string", in_code, re.MULTILINE))
    for name, value in deployed["vars"].items():
        assert value == "" or re.search(rf'"{name}", env.{name}, {value},', in_code)


def test_the_page_says_every_variable_with_its_default():
    page, deployed = (ROOMS / "README.md").read_text(), wrangler_config()
    for name, value in deployed["vars"].items():
        preset = f"{int(value):,}" if value else "none"
        assert re.search(rf"^\| `{name}`[^|]* \| {preset} \|", page, re.MULTILINE), name
    assert all(f"`{name}`" in page for name in SECRETS)
