"""More scripts written by hand: providers, what waits to be sent, listeners, the predicate."""

from parity.scripts import (
    AFTER,
    DEAF,
    HANGS,
    OPEN,
    PARTY,
    REFUSE,
    SLOW,
    URL,
    gives,
    script,
    wait,
)

_GIFTS = {
    "at once": {"value": URL + "2"},
    "late": {"value": URL + "2", "after": 49},
    "very late": {"value": URL + "2", "after": 6001},
    "never": {"hangs": True},
    "raises": {"fails": "provider: no token"},
    "raises late": {"fails": "provider: no token", "after": 49},
    "raises very late": {"fails": "provider: no token", "after": 6001},
    "a number": {"value": 42},
    "a number late": {"value": 42, "after": 49},
    "null": {"value": None},
    "null late": {"value": None, "after": 49},
    "no URL": {"value": "server without a scheme"},
}
_OFFERS = {
    "one": {"value": "a"},
    "two": {"value": ["a", "b"]},
    "none": {"value": None},
    "an empty text": {"value": ""},
    "late": {"value": ["b"], "after": 49},
    "none late": {"value": None, "after": 49},
    "never": {"hangs": True},
    "raises": {"fails": "provider: no word"},
    "raises late": {"fails": "provider: no word", "after": 49},
    "a number": {"value": 42},
    "a number late": {"value": 42, "after": 49},
}
_SPELLINGS = [
    "ws://server",
    "WS://Server:80/",
    "ws://server:8080?",
    "ws://server?token=1",
    "ws://[::1]:80",
    "http://server:443/a",
    " ws://server/a/./b/../c d?e f=ü&g='\"<%20",
    "ws://server\\a",
]
_LATER = [wait(30), ["look"], wait(3000), ["send", "x"], wait(9000)]


def _providers():
    """URLs, protocols and queries that come late, never, or are none, first or after a dial."""
    good = {"value": URL + "1"}
    for name, gift in _GIFTS.items():
        yield f"url: {name}", script(_LATER, [OPEN], url=gives(gift, good))
        steps = [wait(20), ["server", "rst"], *_LATER]
        yield f"url, second: {name}", script(steps, [OPEN], url=gives(good, gift, good))
        for order in ("close", "reconnect"):
            steps = [wait(20), [order], ["look"], *_LATER]
            yield f"url: {name}, then {order}", script(steps, [OPEN], url=gives(gift, good))
            steps = [wait(20), [order, 3000, "now"], wait(1), ["reconnect"], *_LATER]
            yield (
                f"url: {name}, then {order} and reconnect",
                script(steps, [SLOW], url=gives(gift, gift, good)),
            )
    chosen = [{"accept": 1, "protocol": "b"}]
    for name, gift in _OFFERS.items():
        offers = {"protocols": gives(gift, {"value": ["b"]})}
        plans = chosen if name in ("two", "late") else [OPEN]
        yield f"protocols: {name}", script(_LATER, plans, **offers)
        both = {"url": gives({"value": URL + "1", "after": 101}), **offers}
        yield f"protocols: {name}, the url late", script(_LATER, plans, **both)
        none = {"url": gives({"fails": "provider: no token", "after": 101}), **offers}
        yield f"protocols: {name}, the url raises late", script(_LATER, plans, **none)
    for static in ("a", ["a", "b"], None, [], ""):
        yield f"protocols are {static!r}", script(_LATER, [OPEN], protocols=static)
    for wrong in (42, {"a": 1}):
        yield f"protocols are {wrong!r}", script(_LATER, [OPEN], protocols=wrong)
        yield f"the url is {wrong!r}", script(_LATER, [OPEN], url=wrong)
    yield (
        "the deadline is one",
        script(
            [wait(20000)] * 3,
            [{"accept": 3001}, HANGS, OPEN],
            url=gives({"value": URL, "after": 2001}),
        ),
    )
    for name, inside in (("close", ["close"]), ("reconnect", ["reconnect"])):
        within = [("asks url", 1, [inside])]
        yield f"{name} in a provider", script(_LATER, [OPEN], within, url=gives(good))
        hangs = {"url": gives({"hangs": True}, good), "protocols": gives({"value": "a"})}
        yield f"{name} in a provider that hangs", script(_LATER, [OPEN], within, **hangs)
        both = {"url": gives(good), "protocols": gives({"value": "a"})}
        yield f"{name} in the first of two providers", script(_LATER, [OPEN], within, **both)
    yield (
        "no answer to retries",
        script(
            [wait(60000), ["reconnect"], wait(9000)],
            [OPEN],
            url=gives({"fails": "provider: no"}),
            options={"maxRetries": 2},
        ),
    )


def _spellings():
    """The url is told as a browser writes it, whatever the application wrote."""
    for url in _SPELLINGS:
        yield f"spelt {url}", script([wait(30), ["server", "rst"], *_LATER], [OPEN], url=url)


def _party():
    """Rooms: the id and the query."""
    queries = {
        "none": None,
        "static": {"a": "1", "b": None, "c": ""},
        "asked": gives({"value": {"n": "1"}}, {"value": {"n": "2"}}),
        "late": gives({"value": {"n": "ä b"}, "after": 49}),
        "raises": gives({"fails": "provider: no"}, {"value": {}}),
        "a number": gives({"value": 42}, {"value": {"x": "y"}}),
        "null": gives({"value": None}, {"value": {"x": "y"}}),
        "an id of its own": {"_pk": "other"},
    }
    for name, query in queries.items():
        more = {} if query is None else {"query": query}
        steps = [wait(100), ["server", "rst"], wait(3000), ["reconnect"], wait(100)]
        yield f"query: {name}", script(steps, [OPEN], party=PARTY, **more)
    for name, party in {
        "a slash in the room": {**PARTY, "room": "a/b"},
        "a slash in the party": {**PARTY, "party": "a/b"},
        "slashes without a warning": {**PARTY, "room": "a/b", "disableNameValidation": True},
        "no room": {"host": "localhost:1", "id": "me"},
        "no host": {"host": "", "room": "", "id": "me"},
        "a base path": {"host": "localhost:1", "basePath": "x/y", "path": "z", "id": "me"},
        "a path with a slash": {**PARTY, "path": "/z"},
    }.items():
        yield f"party: {name}", script([wait(100), ["send", "x"], wait(10)], [OPEN], party=party)
        yield (
            f"party, closed: {name}",
            script([["reconnect"], wait(100)], [OPEN], party=party, options={"startClosed": True}),
        )


def _queue():
    """What waits to be sent, when it goes out, and what is too much."""
    burst = [["send", "one"], ["bytes", "00ff"], ["send", ""], ["send", "zwei€"], ["look"]]
    for name, plans in {"soon": [OPEN], "late": [REFUSE, SLOW], "never": [HANGS]}.items():
        yield f"queue: {name}", script([*burst, wait(5000), *burst, wait(5000)], plans)
        taken = [*burst, ["drain"], ["drain"], *burst, wait(5000), ["drain"]]
        yield f"queue, drained: {name}", script(taken, plans)
        for most in (0, 1, 3):
            yield (
                f"queue of {most}: {name}",
                script([*burst, wait(5000), *burst], plans, options={"maxEnqueuedMessages": most}),
            )
    for size in (32, 64):
        full = [
            wait(2),
            *[["send", f"message {n}"] for n in range(5)],
            ["drain"],
            *burst,
            wait(500),
        ]
        yield f"queue of {size} bytes", script(full, [SLOW], queueBytes=size)
    big = [wait(2), *[["send", "x" * n] for n in (125, 126, 200)], wait(500)]
    yield "queue of long messages", script(big, [SLOW], queueBytes=400)
    yield (
        "the queue goes before onopen",
        script(
            [["send", "queued"], wait(100)],
            [OPEN],
            [("onopen", 1, [["send", "in onopen"]]), ("open", 1, [["send", "in open"]])],
        ),
    )
    for handler in ("onopen", "open", "message"):
        within = [(handler, 1, [["send", "in"], ["drain"], ["send", "after"]])]
        steps = [["send", "queued"], wait(20), ["server", "message", "m"], wait(20)]
        yield f"drained in {handler}", script(steps, [OPEN], within)
    for state, steps in {"closed": [["close"]], "closing": [["reconnect"]]}.items():
        yield (
            f"sent while {state}",
            script(
                [
                    wait(20),
                    *steps,
                    *burst,
                    *burst,
                    wait(3000),
                    ["reconnect"],
                    wait(50),
                    *burst,
                    ["close"],
                    *burst,
                ],
                [DEAF, OPEN],
            ),
        )
    yield (
        "start closed",
        script(
            [*burst, wait(100), ["close"], *burst, ["reconnect"], ["look"], *AFTER],
            [SLOW],
            options={"startClosed": True},
        ),
    )
    echo = [("message", n, [["send", f"answer {n}"]]) for n in (1, 2, 3)]
    talk = [
        wait(10),
        *[["server", "message", f"m{n}"] for n in range(4)],
        ["server", "binary", "00ff10"],
        ["server", "message", "ä€😀"],
    ]
    yield "a talk", script(talk, [OPEN], echo)


def _listeners():
    """Who hears, in which order, how often."""
    listen = [
        ["listen", "message", "a"],
        ["listen", "message", "b", {"once": True}],
        ["listen", "message", "c", {"object": True}],
        ["listen", "message", "a"],
    ]
    hear = [["server", "message", "1"], ["server", "message", "2"]]
    yield (
        "listeners",
        script(
            [
                wait(5),
                *listen,
                *hear,
                ["unlisten", "message", "a"],
                *hear,
                ["unlisten", "message", "a"],
                ["listen", "message", "a", {"once": True}],
                *hear,
                ["server", "rst"],
                wait(3000),
                *hear,
            ],
            [OPEN],
        ),
    )
    yield "unknown types", script([["listen", "nonsense", "a"], wait(50)], [OPEN])
    adds = [("message", 1, [["listen", "message", "late"]])]
    yield "added while it is told", script([wait(5), *listen, *hear], [OPEN], adds)
    removes = [("a", 1, [["unlisten", "message", "a"]])]
    yield "a listener removes itself", script([wait(5), *listen, *hear], [OPEN], removes)
    again = [("b", 1, [["listen", "message", "b", {"once": True}]])]
    yield "once, and added anew inside", script([wait(5), *listen, *hear], [OPEN], again)
    removes = [("a", 1, [["unlisten", "message", "c"], ["unlisten", "message", "b"]])]
    yield "removed while it is told", script([wait(5), *listen, *hear], [OPEN], removes)
    for name in ("open", "message", "close", "error"):
        for handler in (name, "on" + name):
            yield (
                f"{handler} raises",
                script(
                    [["listen", name, "after"], wait(500), ["close"], wait(5)],
                    [{"accept": 1, "greets": ["hi"], "then": [101, "rst"]}, OPEN],
                    [(handler, 1, [["raise"]])],
                ),
            )
    for handler in ("close", "onclose"):
        yield (
            f"{handler} raises inside close()",
            script(
                [["listen", "close", "after"], wait(50), ["close"], wait(5)],
                [OPEN],
                [(handler, 1, [["raise"]])],
            ),
        )


def _predicate():
    """should_reconnect_on_close says no to some codes."""
    ends = {
        "close": ["close", 4000, "bye"],
        "1000": ["close", 1000],
        "fin": ["fin"],
        "rst": ["rst"],
        "codeless": ["close"],
    }
    for name, how in ends.items():
        for no in ([4000], [1000], [1006], [1005], []):
            plans = [REFUSE] * (name == "rst") + [{"accept": 1, "then": [101, *how]}]
            steps = [wait(5000), ["send", "x"], ["look"], wait(9000), ["reconnect"], wait(5000)]
            yield f"no to {no}: {name}", script(steps, plans, predicate=no)
    steps = [wait(20), ["reconnect"], wait(20), ["close"], wait(20), ["reconnect"], wait(20)]
    yield "orders are not asked about", script(steps, [OPEN], predicate=[1000])
    yield "and dials that fail are", script([wait(5000)], [HANGS], predicate=[1006])
    yield (
        "no, with retries used up",
        script([wait(20000)], [REFUSE], predicate=[1006], options={"maxRetries": 0}),
    )


def _codes():
    """Codes and reasons."""
    for state, plans in {"open": [OPEN], "dialing": [SLOW], "waiting": [REFUSE]}.items():
        for order in ("close", "reconnect"):
            for code in (1000, 3000, 4999, 1001, 1005, 2999, 5000, 0):
                yield (
                    f"{order} {code}, {state}",
                    script([wait(20), [order, code], wait(200)], plans),
                )
            for reason in ("", "ä" * 61, "ä" * 62):
                yield (
                    f"{order} for {len(reason)}, {state}",
                    script([wait(20), [order, 1000, reason], wait(200)], plans),
                )
    plans = [{"accept": 1, "answersClose": 101}, OPEN]
    for order in ("close", "reconnect"):
        steps = [wait(20), [order], wait(40), ["send", "x"], ["look"], wait(4000)]
        yield f"{order}, answered late", script(steps, plans)


FAMILIES = (_providers, _spellings, _party, _queue, _listeners, _predicate, _codes)
