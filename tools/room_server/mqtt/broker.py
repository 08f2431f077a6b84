"""The connection to the MQTT broker: it is kept, and what is on the Shelf goes there."""

import asyncio
import logging
import random
import ssl
import time
from dataclasses import dataclass, field

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from .. import logs
from .room import OFFLINE, ONLINE

# Waits between tries, in seconds. A connection that lasted so long begins with the first again.
_FIRST_WAIT_S = 1
_LONGEST_WAIT_S = 60
_LASTING_S = 30
# For the end of a connection, in seconds.
_END_S = 1
# Silence after which the broker is asked, and then given up.
_KEEPALIVE_S = 20
# Messages that have arrived and are not read yet. More are dropped.
_MOST_INCOMING = 10_000
# MQTT 5, 2.4: a reason code from here on is a failure.
_FAILURE = 0x80
_TAKEN_OVER = 0x8E
_NOT_ALLOWED = (0x86, 0x87)


@dataclass(frozen=True)
class Address:
    """Where the broker is, and how to come in."""

    host: str
    port: int
    has_tls: bool
    # A file with the certificates to trust, or None for the system's.
    ca: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class Refused(Exception):
    """The broker does not allow a subscription."""


class Broker:
    """Keeps a connection to a broker. `alive`: the topic where it says whether the bridge runs.
    `filters`: what it hears. `on_message(topic, payload, is_retained)` gets that.
    """

    def __init__(self, address, identifier, alive, filters, most_bytes, on_message):
        self._address = address
        self._identifier = identifier
        self._alive = alive
        self._filters = filters
        self._most_bytes = most_bytes
        self._on_message = on_message
        self._is_stopping = False
        self._is_connected = False
        # Something is to be sent.
        self._work = asyncio.Event()
        self._warnings = logs.Warnings()

    def wake(self):
        """Note that something is on the shelf."""
        self._work.set()

    def stop(self):
        """Send what is on the shelf, and that the bridge is offline. Then run() ends."""
        self._is_stopping = True
        self._work.set()

    async def run(self, shelf):
        """Keep the connection until stop()."""
        wait = _FIRST_WAIT_S
        # Connections in a row that the broker ended soon.
        short = 0
        while not self._is_stopping:
            began = time.monotonic()
            self._is_connected = False
            try:
                await self._connection(shelf)
                return
            except (aiomqtt.MqttError, Refused, OSError, ValueError) as error:
                if self._is_stopping:
                    return
                is_lasting = time.monotonic() - began >= _LASTING_S
                short = short + 1 if self._is_connected and not is_lasting else 0
                self._warn(error, short > 1)
            if is_lasting:
                wait = _FIRST_WAIT_S
            # Not all clients of a broker that was restarted come at once.
            await asyncio.sleep(wait * random.uniform(0.5, 1))
            wait = min(2 * wait, _LONGEST_WAIT_S)

    async def _connection(self, shelf):
        async with self._client() as client:
            await self._subscribe(client)
            self._is_connected = True
            self._warnings.over(None)
            logs.info("broker", f"connected to the broker {self._where()}")
            shelf.put(self._alive, ONLINE)
            shelf.repeat()
            reading = asyncio.create_task(self._read(client))
            try:
                await self._send(client, shelf, reading)
            finally:
                reading.cancel()
                await asyncio.wait({reading})
                # A broker that does not answer is not waited for long at the end.
                client.timeout = _END_S

    def _client(self):
        address = self._address
        properties = Properties(PacketTypes.CONNECT)
        # What is longer the broker keeps to itself.
        properties.MaximumPacketSize = self._most_bytes
        logger = logging.getLogger("mqtt")
        logger.setLevel(logging.ERROR)
        return aiomqtt.Client(
            address.host,
            address.port,
            username=address.user,
            password=address.password,
            # Always the same. When a computer has lost its power, the broker ends the old
            # connection as soon as the new one is there, and not when the bridge is online again.
            identifier=self._identifier,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=aiomqtt.Will(self._alive, OFFLINE, retain=True),
            keepalive=_KEEPALIVE_S,
            # Commands that came while the bridge was away are not carried out later.
            clean_start=True,
            properties=properties,
            max_queued_incoming_messages=_MOST_INCOMING,
            tls_context=ssl.create_default_context(cafile=address.ca) if address.has_tls else None,
            logger=logger,
        )

    async def _subscribe(self, client):
        # Not what the bridge itself sends; and whether others send it with retain.
        options = SubscribeOptions(qos=0, noLocal=True, retainAsPublished=True)
        for filter in self._filters:
            (code,) = await client.subscribe([(filter, options)])
            if code.value >= _FAILURE:
                raise Refused(f"the broker refuses the subscription to {filter}: {code}")

    async def _send(self, client, shelf, reading):
        """Send what is on the shelf until stop(), or until the reader has failed."""
        while True:
            self._work.clear()
            while item := shelf.take():
                topic, payload, is_retained = item
                # Returns when the system has taken it: a slow broker is not sent more meanwhile.
                await client.publish(topic, payload, retain=is_retained)
            if self._is_stopping:
                await client.publish(self._alive, OFFLINE, retain=True)
                return
            working = asyncio.create_task(self._work.wait())
            try:
                await asyncio.wait({working, reading}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                working.cancel()
            if reading.done():
                reading.result()

    async def _read(self, client):
        async for message in client.messages:
            self._on_message(message.topic.value, message.payload, message.retain)

    def _warn(self, error, is_again):
        cause = error.__cause__ or error
        code = getattr(getattr(cause, "rc", None), "value", None)
        hint = ""
        # Not every broker says that this is the reason.
        if code == _TAKEN_OVER or is_again:
            hint = f"; if another bridge is {self._identifier!r} too, give one another --id"
        elif code in _NOT_ALLOWED:
            hint = "; give --user and --password-file"
        text = f"no connection to the broker {self._where()}: {cause}{hint}; it is tried again"
        self._warnings.warning(None, "broker", text)

    def _where(self):
        return f"{self._address.host}:{self._address.port}"
