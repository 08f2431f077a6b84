"""Deviations planted in our library: the traces must part from the package's."""

import asyncio

import pytest

from parity.ours import PARTYSOCKET
from parity.traces import are_same, by_hand, of_ours, partings
from partysocket import WebSocket
from partysocket import engine as engine_module
from partysocket import link as link_module
from partysocket.core import backoff, connection
from partysocket.events import Emitter
from partysocket.face import Face


def retry_count_off_by_one(patch):
    counted = WebSocket.retry_count.fget
    patch.setattr(WebSocket, "retry_count", property(lambda self: counted(self) + 1))


def close_is_told_a_turn_later(patch):
    tell = Face._tell

    def later(self, event, in_order=True):
        if in_order:
            tell(self, event, in_order)
        else:
            asyncio.get_running_loop().call_soon(tell, self, event, in_order)

    patch.setattr(Face, "_tell", later)


def buffered_amount_counts_characters(patch):
    send = WebSocket.send

    def counting(self, data):
        before = self._engine.ring.pushed
        result = send(self, data)
        if isinstance(data, str) and self._engine.ring.pushed > before:
            self._over = getattr(self, "_over", 0) + len(data.encode()) - len(data)
        return result

    def amount(self):
        waits = self._engine.ring.payload_bytes
        return waits - getattr(self, "_over", 0) if waits else 0

    patch.setattr(WebSocket, "send", counting)
    patch.setattr(WebSocket, "buffered_amount", property(amount))


def delay_is_not_capped(patch):
    ceiling = backoff.ceiling_ms

    def uncapped(options, minimum, retries):
        return ceiling(dict(options, max_reconnection_delay=1 << 28), minimum, retries)

    patch.setattr(backoff, "ceiling_ms", uncapped)


def a_listener_added_twice_is_called_twice(patch):
    def add(self, type, listener, once=False):
        listeners = self._listeners.get(type, ())
        self._listeners[type] = list(listeners) + [(listener, once)]

    patch.setattr(Emitter, "add_event_listener", add)


def the_queue_drops_the_oldest(patch):
    patch.setitem(PARTYSOCKET, "overflow", "drop-oldest")


def min_uptime_proves_nothing(patch):
    prove = connection.Connection._prove

    def unmoved(self, now):
        count = self.retry_count
        prove(self, now)
        self.retry_count = count

    patch.setattr(connection.Connection, "_prove", unmoved)


def every_open_proves(patch):
    opened = connection.Connection.opened

    def proven(self, now):
        opened(self, now)
        self.retry_count = 0

    patch.setattr(connection.Connection, "opened", proven)


def the_reason_is_lost(patch):
    payload = link_module.close_payload
    patch.setattr(link_module, "close_payload", lambda code, reason: payload(code, ""))


def reconnect_waits_out_the_back_off(patch):
    begin = engine_module.Engine.begin

    def patient(self):
        if self.machine.state != connection.WAITING:
            begin(self)

    patch.setattr(engine_module.Engine, "begin", patient)


def listeners_run_before_the_slot(patch):
    dispatch = Emitter._dispatch

    def turned(self, event):
        slot = getattr(self, "on" + event.type, None)
        setattr(self, "on" + event.type, None)
        awaited = dispatch(self, event)
        if slot is not None:
            setattr(self, "on" + event.type, slot)
            awaited = self._call(slot, event, awaited)
        return awaited

    patch.setattr(Emitter, "_dispatch", turned)


def the_timeout_is_a_millisecond_late(patch):
    timeout = backoff.timeout_ms
    patch.setattr(backoff, "timeout_ms", lambda options, n: timeout(options, n) + 1)


def once_is_always(patch):
    add = Emitter.add_event_listener
    patch.setattr(
        Emitter, "add_event_listener", lambda self, type, f, once=False: add(self, type, f)
    )


def one_retry_too_few(patch):
    lost = connection.Connection.lost

    def sooner(self, *given):
        most = self._options["max_retries"]
        if most and self.retry_count == most - 1:
            self.stop()
        else:
            lost(self, *given)

    patch.setattr(connection.Connection, "lost", sooner)


def the_url_is_asked_for_once(patch):
    ask = Face._ask_providers

    async def once(self, *given):
        if not hasattr(self, "_known"):
            self._known = await ask(self, *given)
        return self._known

    patch.setattr(Face, "_ask_providers", once)


PLANTED = [
    retry_count_off_by_one,
    close_is_told_a_turn_later,
    buffered_amount_counts_characters,
    delay_is_not_capped,
    a_listener_added_twice_is_called_twice,
    the_queue_drops_the_oldest,
    min_uptime_proves_nothing,
    every_open_proves,
    the_reason_is_lost,
    reconnect_waits_out_the_back_off,
    listeners_run_before_the_slot,
    the_timeout_is_a_millisecond_late,
    once_is_always,
    one_retry_too_few,
    the_url_is_asked_for_once,
]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_deviation_is_caught(plant, monkeypatch):
    scripts, traces, own = by_hand()
    assert all(map(are_same, traces, own))  # so that it is the plant
    plant(monkeypatch)
    count, told = partings(scripts, traces, of_ours(list(scripts.values())), most=1)
    print(f"caught by {count} of {len(scripts)} scripts\n{told}")
    assert count
