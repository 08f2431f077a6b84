"""Speed, compared with a bare stream and with the last release: CPU per echo, messages in a
second.
"""

import resource
import time
from statistics import median

from .clients import ALL, OURS, PARTYSOCKET, PEERS, RAW, RELEASE
from .devices import Missing
from .load import Load

# (Task, bytes of a message): number of messages.
_CASES = {
    ("echo", 16): 5000,
    ("echo", 125): 5000,
    ("echo", 1024): 3000,
    ("echo", 16384): 1000,
    ("pull", 64): 20000,
    ("pull", 1024): 10000,
    ("push", 64): 20000,
    ("push", 1024): 10000,
}
_RATE = "messages of {:,} B %s in a second"
# Task: the name of its rows, their unit, and the key of the figure in the answer of a run.
_ROWS = {
    "echo": [("CPU per echo of {:,} B", "us", "cpu_us")],
    "pull": [
        (_RATE % "received", "", "rate"),
        (_RATE % "received" + " of CPU", "", "rate_of_cpu"),
    ],
    "push": [
        (_RATE % "sent", "", "rate"),
        (_RATE % "sent" + " of CPU", "", "rate_of_cpu"),
    ],
}
# Adapters of partysocket.
_WAYS = {"websocket": ", by recv()", "handler": ", by onmessage"}
# For messages that do not fit into the default queue.
_QUEUE_BYTES = 20000
# The pause between runs, so that sockets can close.
_PAUSE_S = 0.02
_LIMIT_S = 20


def measure(bench):
    table = [row for case in _CASES for row in rows(*case) if bench.match in row[0]]
    turns = list(dict.fromkeys(turn for row in table for turn in row[-1]))
    count = bench.rounds or (1 if bench.is_quick else 7)
    # The result of each round, or the reason why there is none.
    found = {turn: [] for turn in turns}
    with Load() as load:
        for i in range(count):
            for case in dict.fromkeys(turn[0] for turn in turns):
                bench.say("{} of {} B, round {} of {}".format(*case, i + 1, count))
                # Every second round goes backwards, so that the order gives no advantage.
                for turn in turns[:: -1 if i % 2 else 1]:
                    if turn[0] == case:
                        take(bench, load, found, turn)
    for what, unit, figure, its_turns in table:
        values = {turn[-1]: figures(found[turn], figure) for turn in its_turns}
        cells = {client.name: cell(client, values, unit) for client in values}
        bench.table.append({"what": what, "unit": unit, "cells": cells})
    bench.note(
        f"Pace: text; medians of {count} rounds, in each of which all take their turn, and in "
        "brackets the smallest and the largest. The ratios are those within a round. CPU is user "
        "and system time of the client's process with many messages, less that with one. The "
        "second is the client's: until the last message is received, or with the socket; that of "
        "CPU leaves out what it waits, for the server or for a core. The raw stream carries the "
        "same payloads without frames, by one readexactly a message, or write and drain. "
        "partysocket is a WebSocket from lib/mpy; all have a heap of 2 MB. "
        "micropython-async-websocket-client looks every 5 ms whether something came, "
        "and waits for delayed ACKs."
    )


def rows(task, size):
    """For each row: its name, unit, figure, and its turns, each (case, adapter, client)."""
    for way, by in {"websocket": ""}.items() if task == "push" else _WAYS.items():
        turns = [
            ((task, size), way if client in OURS else client.adapter, client)
            for client in (ALL if way == "websocket" else [*OURS, RAW])
        ]
        for what, unit, figure in _ROWS[task]:
            yield what.format(size) + by, unit, figure, turns


def take(bench, load, found, turn):
    """Measure this turn once more, unless it failed before."""
    case, adapter, client = turn
    if isinstance(found[turn], Missing):
        return
    value = bench.attempt(lambda client: once(bench, load, client, adapter, *case), client)
    if isinstance(value, Missing):
        found[turn] = value
    else:
        found[turn].append(value)
    time.sleep(_PAUSE_S)


def figures(runs, key):
    if isinstance(runs, Missing):
        return runs
    values = [run[key] for run in runs]
    return Missing("their CPU is lost in that of the start") if None in values else values


def once(bench, load, client, adapter, task, size):
    """Messages in a second, and the CPU time for each. None if that is too small to measure."""
    n = messages(bench, client, task, size)
    more = [_QUEUE_BYTES] if client in OURS and size > 2000 else []
    port = load.ports["raw" if client is RAW else "websocket"]
    # Before the CPU is read, because the compiler is a child process too.
    folder = bench.tree(client)
    words = [adapter, port, task, size]

    def run(n):
        before_s = cpu_of_children_s()
        load.job = task, size, n
        rate = bench.micropython.task(
            "pace", *words, n, *more, tree=[folder], heap="2m", limit_s=_LIMIT_S
        )
        return rate, cpu_of_children_s() - before_s

    rate, many_s = run(n)
    cpu_s = (many_s - run(1)[1]) / (n - 1)
    seen = cpu_s > 0
    return {
        "rate": rate,
        "cpu_us": cpu_s * 1e6 if seen else None,
        "rate_of_cpu": 1 / cpu_s if seen else None,
    }


def cpu_of_children_s():
    """The CPU time of child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def messages(bench, client, task, size):
    """The number of messages. Slow clients send fewer."""
    n = _CASES[task, size]
    # This client sleeps 5 ms before it reads.
    if client.name == "async" and task != "push":
        n = 80
    elif client.name == "chumicro" and task == "echo" and size >= 1000:
        # Without TCP_NODELAY each takes 44 ms.
        n = 30
    elif client in PEERS:
        n = n // 10 if size < 10000 else 15
    return max(10, n // 4) if bench.is_quick else n


def cell(client, values, unit):
    """The cell of one client for the table and the JSON. `values`: the values of each client."""
    mine = values[client]
    if isinstance(mine, Missing):
        return {"value": None, "text": f"n/a: {mine}".replace("|", "/")}
    told = {"value": median(mine), "values": mine}
    told["text"] = spread(mine, "{:,.1f}" if unit else "{:,.0f}", f" {unit}".rstrip())
    for other in {PARTYSOCKET: [RAW, RELEASE], RAW: []}.get(client, [RAW]):
        if not isinstance(values[other], Missing):
            ratios = [a / b for a, b in zip(mine, values[other])]
            told["x " + other.name] = median(ratios)
            told["text"] += "; " + spread(ratios, "{:.2f}", f"x {other.name}")
    return told


def spread(values, form, unit):
    least, most = form.format(min(values)), form.format(max(values))
    return f"{form.format(median(values))}{unit} [{least}-{most}]"
