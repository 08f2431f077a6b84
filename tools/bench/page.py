"""The dashboard in a browser: 500 devices and 50 readings a second. Whether it answers at once: a
task of the browser's main thread that takes longer than 50 ms delays what the user does. Browser,
server and devices share this computer, so a task also waits for the others: beside the long tasks
that the browser tells there is the longest one by the CPU that it took itself.
"""

import asyncio
import json
import random
import tempfile
import time
from pathlib import Path
from statistics import median

import websockets

from screenshots.shot import find_browser

from .devices import Missing
from .room_servers import RoomServerUnderLoad

_DEVICES, _FEW_DEVICES = 500, 100
_PACE = 50
_SECONDS, _FEW_SECONDS = 60, 10
# Readings of each device that are there before the page opens.
_BEFORE = 30
_EPOCH = "0123456789abcdef"
# Devices that join at the same time.
_JOINING = 50
_FLAGS = ("--no-sandbox", "--disable-gpu")
_HELLO = {
    "type": "hello",
    "units": {"temperature": "°C", "humidity": "%", "pressure": "hPa"},
    "controls": [{"name": "led", "type": "switch"}],
}
_RANGES = 5
# As many as there are colours.
_CHART = [("sensor-0", "door"), ("sensor-0", "mode")]
_CHART += [(f"sensor-{n}", "temperature") for n in range(6)]
_KEPT = json.dumps([{"device": device, "name": name} for device, name in _CHART])
_CHOOSE = f"localStorage.setItem('chart main/page', {json.dumps(_KEPT)})"
# The browser tells only tasks of more than 50 ms.
_NOTE_TASKS = """window.tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => e.duration)))
        .observe({ type: "longtask", buffered: true });"""
_UNTIL_ALL_ARE_THERE = """(count) => new Promise((done) => {
    const look = () => document.querySelectorAll(".device .value").length >= count
        && document.querySelectorAll(".device").length >= count
        && Number(document.getElementById("plot").dataset.points) > 0
        ? done(performance.now()) : requestAnimationFrame(look);
    look(); })"""
# A trace is taken in parts, so that it stays small.
_TRACED_S = 10

OPENS = "{count} devices: from the address to all cards"
LIVE = "{pace} readings a second, for {seconds} s"
RANGES = "then each range of the chart"
TASKS = "{what}: tasks over 50 ms, the longest; the most CPU of one"
BUSY = "{pace} readings a second: the main thread is at work"
TITLE = "the dashboard of the room server"


def measure(bench):
    count = _FEW_DEVICES if bench.is_quick else _DEVICES
    seconds = _FEW_SECONDS if bench.is_quick else _SECONDS
    opens = OPENS.format(count=count)
    live = LIVE.format(pace=_PACE, seconds=seconds)
    names = [opens, *(TASKS.format(what=what) for what in ("until then", live, RANGES))]
    names.append(BUSY.format(pace=_PACE))
    try:
        figures = asyncio.run(_measured(bench, count, seconds))
    except (Missing, OSError) as error:
        figures = [(None, f"n/a: {error}")] * len(names)
    rows = []
    for name, (value, text) in zip(names, figures, strict=True):
        rows.append({"what": name, "cells": {TITLE: {"value": value, "text": text}}})
    bench.more.append(rows)


async def _measured(bench, count, seconds):
    try:
        from playwright.async_api import Error, async_playwright
    except ImportError:
        raise Missing("playwright is not installed: make test does it") from None
    path = find_browser()
    if path is None:
        raise Missing("there is no Chromium")
    bench.say(f"{count} devices in a room")
    with (
        tempfile.TemporaryDirectory() as folder,
        RoomServerUnderLoad(Path(folder), count) as server,
    ):
        devices = await _join(server.port, count)
        try:
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=path, args=_FLAGS)
                return await _watch(bench, browser, server.port, devices, seconds)
        except Error as error:
            raise Missing(str(error).splitlines()[0]) from None
        finally:
            await asyncio.gather(*(device.close() for device in devices))


async def _watch(bench, browser, port, devices, seconds):
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    await page.add_init_script(_NOTE_TASKS)
    await page.add_init_script(_CHOOSE)
    opened = []
    opening = Tasks(browser, page)
    for _ in range(bench.tries()):
        bench.say("the page opens")
        async with opening:
            await page.goto(f"http://127.0.0.1:{port}/?room=page")
            opened.append(await page.evaluate(_UNTIL_ALL_ARE_THERE, len(devices)))
            await page.wait_for_timeout(1000)
    sending = asyncio.ensure_future(_send(devices))
    # Until the machine has settled.
    await page.wait_for_timeout(5000)
    bench.say(f"{_PACE} readings a second for {seconds} s")
    metrics = await page.context.new_cdp_session(page)
    await metrics.send("Performance.enable")
    live = Tasks(browser, page)
    for _ in range(seconds // _TRACED_S):
        async with live:
            await page.wait_for_timeout(_TRACED_S * 1000)
    before = await _work_s(metrics)
    await page.wait_for_timeout(_TRACED_S * 1000)
    busy = (await _work_s(metrics) - before) / _TRACED_S
    ranges = Tasks(browser, page)
    await page.focus("#ranges :checked")
    for _ in range(_RANGES):
        async with ranges:
            await page.keyboard.press("ArrowRight")
            await page.wait_for_timeout(2000)
    sending.cancel()
    took_ms = median(opened)
    return [
        (took_ms, f"{took_ms:,.0f} ms"),
        *(tasks.cell() for tasks in (opening, live, ranges)),
        (busy, f"{busy:.0%} of the time"),
    ]


class Tasks:
    """The tasks of the page's main thread, while it is entered."""

    def __init__(self, browser, page):
        self._browser = browser
        self._page = page
        # The long ones that the browser tells, in ms.
        self._long = []
        # The most CPU of one, in ms.
        self._cpu = 0

    async def __aenter__(self):
        await self._page.evaluate("window.tasks = []")
        await self._browser.start_tracing(page=self._page, categories=["toplevel"])

    async def __aexit__(self, *_):
        events = json.loads(await self._browser.stop_tracing())["traceEvents"]
        names = {
            (event["pid"], event["tid"]): event["args"]["name"]
            for event in events
            if event["name"] == "thread_name"
        }
        for event in events:
            if names.get((event["pid"], event["tid"])) == "CrRendererMain":
                self._cpu = max(self._cpu, event.get("tdur", 0) / 1000)
        found = "new Promise((done) => setTimeout(() => done(tasks.splice(0)), 100))"
        self._long += await self._page.evaluate(found)

    def cell(self):
        longest = max(self._long, default=0)
        text = f"{len(self._long)}, {longest:,.0f} ms" if self._long else "none"
        return self._cpu, f"{text}; {self._cpu:,.0f} ms"


async def _work_s(session):
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "TaskDuration")


async def _join(port, count):
    """Let `count` devices join the room and send their first readings. Return their sockets."""
    at_once = asyncio.Semaphore(_JOINING)

    async def join(n):
        async with at_once:
            url = f"ws://127.0.0.1:{port}/parties/main/page?role=device&name=sensor-{n}"
            url += f"&hears=commands&epoch={_EPOCH}"
            device = await websockets.connect(url, compression=None)
            await device.send(json.dumps({**_HELLO, "name": f"Sensor {n}"}))
            await device.send(json.dumps(_backlog()))
            # First it tells what it has: nothing.
            while json.loads(await device.recv()).get("n") != _BEFORE:
                pass
            return device

    return await asyncio.gather(*map(join, range(count)))


def _backlog():
    now = int(time.time() * 1000)
    readings = [
        {"n": n, "at": now - (_BEFORE - n) * 10_000, "values": _values(n)}
        for n in range(1, _BEFORE + 1)
    ]
    return {"type": "batch", "epoch": _EPOCH, "after": 0, "readings": readings}


def _values(n):
    return {
        "temperature": round(random.gauss(20, 2), 1),
        "humidity": round(random.gauss(60, 5)),
        "pressure": round(random.gauss(1013, 5), 1),
        "door": n % 5 == 0,
        "mode": ("heating", "idle")[n // 7 % 2],
        "led": n % 2 == 0,
        "rssi": random.randint(-90, -50),
        "free_memory": random.randint(40_000, 90_000),
    }


async def _send(devices):
    """Send readings, each device in its turn, until it is cancelled."""
    n = 0
    while True:
        for device in devices:
            n += 1
            await device.send(json.dumps({"type": "reading", "values": _values(n)}))
            await asyncio.sleep(1 / _PACE)
