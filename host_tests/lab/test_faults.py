"""Real devices behind a proxy that breaks their connections in every way: they come back each
time, no message is doubled or out of order, and what they count adds up.

In real time, MicroPython and CPython. SEED=n in the environment draws other plans; a test prints
the seed and, when it fails, the plans.
"""

import json

import pytest

from e2e.conftest import interpreter as interpreter  # the fixture
from e2e.devices import Device
from strict_server import StrictServer

from .background import Background
from .files import CAN_LOOK, open_files
from .ledger import WAITED_FOR, check
from .messages import FINISH, made
from .plans import CUTS, FAULTS, SHUT, WAYS, WITHOUT_A_WORD, Plan, drawn

_EACH = 4  # connections of each kind, in its own test
_MIXED = 33
_SOCKETS = {"micropython": 1, "cpython": 3}  # asyncio has a pair there to wake itself
_TALK = 3  # messages on the last connection before all is said to be well


class Talk:
    """The server's side: it answers each message by a numbered one, until all plans are used up
    and the last connection is well.
    """

    def __init__(self):
        self.told = 0
        self.connections = []  # (passage, messages)
        self.lab = self.device = None
        self.sockets = None  # how many the device had on the last connection

    async def __call__(self, connection):
        passage = self.lab.proxy.passage_from(connection.ws.remote_address[1])
        self.connections.append((passage, connection.messages))
        while True:
            await connection.receive()
            is_finished = len(connection.messages) == _TALK and self._is_well()
            if is_finished and CAN_LOOK:
                self.sockets = open_files(self.device.pid)[1]
            await connection.send(FINISH if is_finished else made(self.told))
            self.told += 1
            while is_finished:  # it reads what still waits, and says nothing
                await connection.receive()

    def _is_well(self):
        proxy = self.lab.proxy
        return not proxy.plans and proxy.passages[-1].plan.fault == "none"


def walk(interpreter, plans, meanwhile=lambda lab, device: None):
    """Let a device meet `plans`; return its report and the numbers that the server got."""
    talk = Talk()
    with StrictServer(talk) as server, Background(server.port, plans) as lab:
        talk.lab = lab
        with Device(interpreter, "host_tests/lab/walker.py", str(lab.proxy.port)) as device:
            talk.device = device._process
            try:
                meanwhile(lab, device)
                report = device.wait("ended")
                assert device.wait_end() == 0
                server.wait_closed()
                lab.wait(lambda proxy: all(p.is_over for p in proxy.passages), "all over")
                got = check(report, talk.connections, lab.proxy)
                assert talk.sockets == _SOCKETS[interpreter] or not CAN_LOOK
                assert [line for line in device.lines if not line.startswith("{")] == []
                events = map(json.loads, device.lines)
                errors = {event["message"] for event in events if event["what"] == "error"}
                if not all(plan.fault in WITHOUT_A_WORD for plan in plans):
                    assert errors - set(WAITED_FOR), "seen by nothing but time"
            except AssertionError:
                print("plans:", [passage.plan for passage in lab.proxy.passages])
                print("\n".join(device.lines))
                raise
    assert report["stats"]["attempts"] > len(plans)
    assert lab.proxy.plans == []
    return report, got


@pytest.mark.parametrize("fault", FAULTS)
def test_a_device_comes_back_from(interpreter, fault):
    walk(interpreter, drawn(fault, _EACH, (fault,)))


def test_a_device_comes_back_from_one_after_the_other(interpreter):
    walk(interpreter, drawn("all of them", _MIXED))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", CUTS)
def test_whatever_ends_after_the_handshake_loses_only_what_was_on_its_way(interpreter, fault, way):
    """And what the device had not written yet goes out with the next connection."""
    report, got = walk(interpreter, [Plan(fault, way, 700)] * 2)
    assert report["stats"]["opens"] >= 3
    assert len(got) > _TALK
    assert report["heard"] > 0


def test_a_device_comes_back_when_nobody_listened(interpreter):
    def refuse(lab, device):
        device.wait("error", phase="tcp")
        device.wait("error", phase="tcp")
        lab.reopen()

    report, _ = walk(interpreter, [Plan(SHUT)], refuse)
    assert report["stats"]["opens"] == 1
