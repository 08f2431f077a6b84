"""A million readings: the page keeps as much in memory and on the page as after half of them."""

import pytest

from .log import BATCH, EPOCH, Log, now
from .looking import set_alert, value, wait_points

# All of their cards are open.
DEVICES = 12
QUARTERS = 4
# Of each device in a quarter. The page cuts a series each 900 points, so all are as long at the
# end of each quarter.
READINGS = 24 * 900
SHARE = 0.05
# Batches of a device that are sent before the server has stored them.
AHEAD = 10


def values(n):
    return {
        "temperature": 20 + n % 50 / 10,
        "humidity": 50 + n % 13,
        "free_memory": 50_000 + n % 997,
        "door": n % 60 < 30,
        "mode": ("heating", "cooling", "idle")[n // 100 % 3],
        "error": "no sensor" if n % 500 == 499 else "",
    }


def measured(page, session):
    """{"JSHeapUsedSize": bytes, "Nodes": count} after a collection."""
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return {
        each["name"]: each["value"]
        for each in metrics
        if each["name"] in ("JSHeapUsedSize", "Nodes")
    }


@pytest.mark.soak
def test_memory_does_not_grow_with_a_million_readings(own_server, join, open_page):
    begin = now() - QUARTERS * READINGS * 1000
    logs = [Log(join(own_server, f"sensor-{n}", epoch=EPOCH)) for n in range(DEVICES)]
    for log in logs:
        log.device.hello(units={"temperature": "°C", "humidity": "%"})
        log.device.send(type="reading", at=begin - 1000, values={"temperature": 1})
    page = open_page(own_server)
    page.wait_for_selector(value("sensor-0", "temperature", "1 °C"))
    page.click("#ranges >> text=7 d")
    page.click("#chart-table summary")
    set_alert(page, "sensor-0", "temperature", "24")
    page.keyboard.press("Escape")
    wait_points(page, 1)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    found = []
    for quarter in range(QUARTERS):
        first = quarter * READINGS
        for start in range(first, first + READINGS, BATCH):
            some = range(start, min(start + BATCH, first + READINGS))
            for log in logs:
                log.batch(*((begin + n * 1000, values(n)) for n in some))
            if start // BATCH % AHEAD == 0:
                for log in logs:
                    log.wait()
        for log in logs:
            log.device.send(type="result", name="quarter", ok=True, value=quarter)
        page.wait_for_selector(f".answer >> text=quarter: ok, {quarter} >> nth={DEVICES - 1}")
        found.append(measured(page, session))
        print(found[-1])
    for what, before in found[1].items():
        assert abs(found[-1][what] / before - 1) <= SHARE, (what, found)
