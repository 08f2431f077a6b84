"""A real mosquitto on this computer, and a client that sees everything in it."""

import asyncio
import json
import os
import signal
import socket
import subprocess

import aiomqtt

from needs import need_mosquitto

# The limit of every wait. Only a failure takes this long.
WAIT_S = 30.0


def free_port():
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class Hearer:
    """What hears others. Its subclass sets `_news` when something was heard, and has told(): all
    of that, for a test that fails.
    """

    def __init__(self):
        self._news = asyncio.Event()

    async def until(self, is_so, limit=WAIT_S):
        """Wait until the condition is true."""

        async def wait():
            while not is_so():
                self._news.clear()
                await self._news.wait()

        try:
            await asyncio.wait_for(wait(), limit)
        except asyncio.TimeoutError:
            raise AssertionError(self.told()) from None


class Mosquitto:
    """A mosquitto that keeps its messages in `folder`, on a free port, which a restart keeps.
    `lines` are added to its configuration. As a context manager it runs.
    """

    def __init__(self, folder, *lines):
        self.port = free_port()
        self._folder = folder
        self._process = None
        folder.mkdir(exist_ok=True)
        # If root starts it, it would become another user, who may not write here.
        own = ["user root", f"listener {self.port} 127.0.0.1", "persistence true"]
        own += [f"persistence_location {folder}/", *(lines or ("allow_anonymous true",))]
        self._config = folder / "mosquitto.conf"
        self._config.write_text("\n".join(own) + "\n")

    def start(self):
        self._process = subprocess.Popen(
            [need_mosquitto(), "-c", self._config],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=open(self._folder / "log", "ab"),
        )
        return self

    def kill(self):
        """End it as a power cut would: what it has not saved is lost."""
        self._process.kill()
        self._process.wait(WAIT_S)

    def pause(self):
        """Let it read and answer nothing, until resume()."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self):
        os.kill(self._process.pid, signal.SIGCONT)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        # It may be paused.
        self.kill()


class Watcher(Hearer):
    """A client that hears all topics. For an `async with` block.

    `arguments` are those of aiomqtt.

    `held`: {topic: text} as the broker holds it now. `heard`: (topic, text) of all messages that
    have come, in their order.
    """

    def __init__(self, broker, host="127.0.0.1", **arguments):
        super().__init__()
        self._broker = broker
        self._host = host
        self._arguments = {"protocol": aiomqtt.ProtocolVersion.V5, **arguments}
        self.held, self.heard = {}, []
        self._client = self._reading = None

    async def __aenter__(self):
        async def connect():
            while True:
                try:
                    client = aiomqtt.Client(self._host, self._broker.port, **self._arguments)
                    await client.__aenter__()
                    return client
                except aiomqtt.MqttError:
                    # It is still starting.
                    await asyncio.sleep(0.02)

        self._client = await asyncio.wait_for(connect(), WAIT_S)
        options = aiomqtt.client.SubscribeOptions(retainAsPublished=True)
        await self._client.subscribe([("#", options)])
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *exc_info):
        self._reading.cancel()
        await asyncio.wait({self._reading})
        try:
            await self._client.__aexit__(*exc_info)
        except aiomqtt.MqttError:
            # The broker was killed.
            pass

    async def send(self, topic, text, **arguments):
        await self._client.publish(topic, text, **arguments)

    def told(self):
        return f"held: {self.held}\nheard: {self.heard[-50:]}"

    async def becomes(self, judge, right):
        """Wait until `judge`, of all that the broker holds, returns what is right. It is asked
        again and again, because it may depend on others too.
        """

        async def wait():
            while judge(self.held) != right:
                await asyncio.sleep(0.2)

        try:
            await asyncio.wait_for(wait(), 4 * WAIT_S)
        except asyncio.TimeoutError:
            raise AssertionError(judge(self.held)) from None

    async def holds(self, topic, text):
        """Wait until the broker holds this text there. None: nothing."""
        await self.until(lambda: self.held.get(topic) == text)

    async def hears(self, topic, text=None):
        """Wait for the next message of the topic, with this text if one is given. Return it."""
        start = len(self.heard)
        texts = []

        def is_so():
            texts[:] = [each for where, each in self.heard[start:] if where == topic]
            return text in texts if text is not None else bool(texts)

        await self.until(is_so)
        return texts[0]

    async def result(self, topic, text, **arguments):
        """Send a command, and return its result."""
        start = len(self.heard)
        await self.send(topic, text, **arguments)
        where = "/result/".join(topic.rsplit("/command/", 1))
        await self.until(lambda: any(each == where for each, _ in self.heard[start:]))
        return next(json.loads(each) for topic, each in self.heard[start:] if topic == where)

    async def _read(self):
        async for message in self._client.messages:
            topic, text = message.topic.value, message.payload.decode()
            self.heard.append((topic, text))
            if message.retain:
                self.held[topic] = text
                if not text:
                    del self.held[topic]
            self._news.set()
