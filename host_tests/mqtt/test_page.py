"""What MQTT.md says of options, topics and Node-RED's flow."""

import json
import re

import pytest

from library import ROOT
from room_server.mqtt.settings import parse_arguments
from room_server.mqtt.topics import Topics

PAGE = (ROOT / "tools/room_server/MQTT.md").read_text("utf-8")
TOPICS = Topics("partysocket", "main", "home", "homeassistant")


def test_the_page_has_each_option_with_its_default(capsys):
    with pytest.raises(SystemExit):
        parse_arguments(["--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    (table,) = re.findall(r"## Options\n(.*?)\n## ", PAGE, re.S)
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `--")]
    listed = {name for first, _ in rows for name in re.findall(r"--[a-z-]+", first)}
    assert listed == options
    settings = parse_arguments(["--broker", "localhost", "--room", "home"])
    defaults = " ".join(second for _, second in rows)
    for each in (settings.id, settings.prefix, settings.discovery, settings.max_bytes):
        assert str(each) in defaults.replace("`", "").replace(",", "").split()


def test_the_flow_for_node_red_has_the_topics_of_the_bridge():
    (flow,) = re.findall(r"```json\n(.*?)```", PAGE, re.S)
    nodes = json.loads(flow)
    topics = {node["name"]: node["topic"] for node in nodes if "topic" in node}
    # The names of a wildcard are not encoded.
    assert topics == {
        "temperatures": TOPICS.value("+", "temperature").replace("%2B", "+"),
        "the led": TOPICS.command("porch", "led"),
        "results": TOPICS.result("+", "+").replace("%2B", "+"),
    }
    ids = {node["id"] for node in nodes}
    wires = {wire for node in nodes for group in node.get("wires", ()) for wire in group}
    assert wires <= ids and {node["broker"] for node in nodes if "topic" in node} <= ids


def test_the_table_of_topics_is_right():
    table = PAGE.replace("<party>", "main").replace("<room>", "home")
    table = table.replace("<device>", "d").replace("<name>", "n").replace("...", TOPICS.root)
    for topic in (
        TOPICS.room,
        TOPICS.available("d"),
        TOPICS.value("d", "n"),
        TOPICS.command("d", "n"),
        TOPICS.result("d", "n"),
        TOPICS.config("d"),
    ):
        assert f"| `{topic}` |" in table
