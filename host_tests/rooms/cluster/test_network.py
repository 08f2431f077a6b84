"""Two instances that can't see each other. Each instance is in a network of its own, and a hub
passes on between them.

The test itself runs in the hub: `python -m rooms.cluster.test_network` with the instances'
networks as JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest

import needs
from cluster.bucket import NAME, Bucket, environment
from cluster.instance import Instance
from cluster.together import make_key
from rooms.network import Computer, need_networks

pytestmark = pytest.mark.soak

ROOT = Path(__file__).parents[3]
APART_S = 40


def test_two_instances_that_cannot_see_each_other_lose_nothing(capsys):
    needs.need_party_server()
    needs.need_bucket()
    need_networks(joined=True)
    with ExitStack() as running:
        hub = running.enter_context(Computer())
        hub.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        inside = []
        for n in (1, 2, 3):
            computer = running.enter_context(Computer())
            hub.plug(f"10.77.{n}.1", computer, f"10.77.{n}.2", name=f"to{n}")
            computer.run("ip", "route", "add", "default", "via", f"10.77.{n}.1")
            inside.append(computer.inside)
        paths = [str(ROOT / "tools"), str(ROOT / "host_tests")]
        done = subprocess.run(
            [*hub.inside, sys.executable, "-m", "rooms.cluster.test_network", json.dumps(inside)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    with capsys.disabled():
        print("\n" + done.stdout)


class Poster:
    """Posts readings to a room through one instance, until it is told to end."""

    def __init__(self, title, instance, room):
        self.title = title
        self.room = room
        # (time, status or 0, seconds, number)
        self.attempts = []
        self._url = f"{instance.url}/parties/main/{room}?name={title.replace(' ', '-')}"
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self):
        self._is_over.set()
        self._thread.join()

    def _run(self):
        n = 0
        while not self._is_over.wait(0.1):
            n += 1
            body = json.dumps({"type": "reading", "values": {"i": n}}).encode()
            request = urllib.request.Request(self._url, body, {"Content-Type": "text/plain"})
            began = time.time()
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    status = answer.status
            except urllib.error.HTTPError as error:
                status = error.code
            except OSError:
                status = 0
            self.attempts.append((began, status, time.time() - began, n))

    def accepted(self):
        return [n for _, status, _, n in self.attempts if status == 200]

    def answers(self, since, until):
        """Return the statuses of what was sent and answered in this time."""
        return [
            status for at, status, took, _ in self.attempts if since <= at and at + took < until
        ]

    def longest(self, since, until):
        """Return how long the answer took that took longest, of what was sent in this time."""
        return max((took for at, _, took, _ in self.attempts if since <= at < until), default=0)

    def back(self, since):
        """Return when the first one was accepted that was sent or waited after `since`."""
        ends = (at + took for at, status, took, _ in self.attempts if status == 200)
        return min(end - since for end in ends if end >= since)


def main(inside):
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        secrets = folder / "secrets"
        secrets.mkdir()
        make_key(secrets / "key")
        (secrets / "bucket").write_text(f"s3://{NAME}/main")
        bucket = running.enter_context(Bucket("10.77.1.1"))
        env = environment(bucket.port, "10.77.1.1")
        instances = []
        for n, prefix in enumerate(inside, 1):
            log = running.enter_context(open(folder / f"{n}.log", "ab"))
            instance = Instance(
                n, folder / f"{n}", secrets, env, log=log, host=f"10.77.{n}.2", inside=prefix
            )
            instances.append(running.enter_context(instance))
        first, second, third = instances
        for room, instance in (("one", first), ("two", second), ("three", third)):
            urllib.request.urlopen(f"{instance.url}/parties/main/{room}").close()
        posters = [
            Poster("its own room", first, "one"),
            Poster("the other's room", first, "two"),
            Poster("the third's room", first, "three"),
            Poster("from the third", third, "one"),
            Poster("from the other", second, "one"),
        ]
        across = (posters[1], posters[4])
        time.sleep(3)
        for one, other in ((1, 2), (2, 1)):
            block("add", one, other)
        apart = time.time()
        time.sleep(APART_S)
        together = time.time()
        for one, other in ((1, 2), (2, 1)):
            block("del", one, other)
        time.sleep(30)
        for poster in posters:
            poster.end()
        print(f"1 and 2 do not see each other for {APART_S} s:")
        for poster in posters:
            answers = poster.answers(apart, together)
            longest, back = poster.longest(apart, together), poster.back(together)
            print(
                f"{poster.title}: {len(answers)} accepted, longest {longest:.1f} s;"
                f" well {back:.1f} s after it"
            )
            # Across, everything waits. All others notice nothing.
            assert set(answers) == (set() if poster in across else {200}), answers
        for poster in posters:
            name = poster.title.replace(" ", "-")
            url = f"{third.url}/parties/main/{poster.room}?format=json&device={name}"
            with urllib.request.urlopen(urllib.request.Request(url)) as answer:
                values = [point["value"] for point in json.load(answer)["points"]]
            assert set(poster.accepted()) <= set(values), "lost"
            assert len(values) == len(set(values)), "doubled"
        assert not any(instance.has_ended for instance in instances)


def block(what, one, other):
    """Let the hub drop what one sends to another, or pass it on again."""
    rule = ["from", f"10.77.{one}.2", "to", f"10.77.{other}.2", "blackhole"]
    subprocess.run(["ip", "rule", what, *rule], check=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
