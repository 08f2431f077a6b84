"""Home Assistant's core with nothing but its MQTT integration, as a program. Only its own Python
can run it: the arguments are the broker's port and a free one.

Each change of a state, and each warning about MQTT, is a line of JSON on stdout. A line of JSON on
stdin calls a service: [domain, service, entity].
"""

import asyncio
import json
import logging
import sys
import tempfile
from pathlib import Path
from types import MappingProxyType

from homeassistant import auth, bootstrap, loader
from homeassistant.config_entries import ConfigEntries, ConfigEntry
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry
from homeassistant.setup import async_setup_component


def say(**fields):
    print(json.dumps(fields, default=str), flush=True)


class Teller(logging.Handler):
    def emit(self, record):
        if record.name.startswith("homeassistant.components."):
            say(what="warning", text=record.getMessage())


async def main(broker_port, own_port):
    logging.getLogger().addHandler(Teller(logging.WARNING))
    folder = tempfile.mkdtemp()
    Path(folder, "configuration.yaml").touch()
    hass = HomeAssistant(folder)
    hass.config.skip_pip = True
    loader.async_setup(hass)
    hass.config_entries = ConfigEntries(hass, {})
    await bootstrap.async_load_base_functionality(hass)
    hass.auth = await auth.auth_manager_from_config(hass, [], [])
    assert await async_setup_component(hass, "homeassistant", {})
    # The integration needs it. By default it would be open to the network.
    http = {"server_host": ["127.0.0.1"], "server_port": own_port}
    assert await async_setup_component(hass, "http", {"http": http})
    # Otherwise it is called in threads, in any order.
    hass.bus.async_listen(EVENT_STATE_CHANGED, callback(lambda event: tell(hass, event.data)))
    await hass.async_start()
    entry = ConfigEntry(
        version=1,
        minor_version=2,
        domain="mqtt",
        title="",
        data={"broker": "127.0.0.1", "port": broker_port},
        source="user",
        options={},
        unique_id=None,
        discovery_keys=MappingProxyType({}),
        subentries_data=None,
    )
    await hass.config_entries.async_add(entry)
    say(what="started")
    while line := await asyncio.to_thread(sys.stdin.readline):
        domain, service, data = json.loads(line)
        await hass.services.async_call(domain, service, data, blocking=True)


def tell(hass, data):
    entity, state = data["entity_id"], data["new_state"]
    known = entity_registry.async_get(hass).async_get(entity)
    say(
        what="state",
        entity=entity,
        id=known and known.unique_id,
        state=state and state.state,
        attributes=state and dict(state.attributes),
    )


asyncio.run(main(*map(int, sys.argv[1:3])))
