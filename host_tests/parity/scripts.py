"""Scripts written by hand: what an application and its servers do, for both libraries to live.

A script: `plans`, what the dials meet, one after the other, the last for good; `steps`, and
`handlers`: (name, n, actions inside its n-th call). Times are ms. Library first: what is due at
the instant of a step has happened before it. Durations of servers and providers leave a remainder
of 1 when divided by 4, those of options none, so that no two timers fire at one instant by chance.
"""


def wait(ms):
    return ["wait", ms]


def gives(*gifts):
    return {"gives": list(gifts)}


REFUSE = {"refuse": 5}
STATUS = {"refuse": 5, "status": 503}
HANGS = {"hangs": True}
SLOW = {"accept": 101}
OPEN = {"accept": 1}
DEAF = {"accept": 1, "answersClose": None}
PARTY = {"host": "localhost:1999", "room": "r", "id": "me"}
URL = "ws://server/path?n="
ORDERS = {
    "close": ["close"],
    "close with a code": ["close", 4001, "bye"],
    "reconnect": ["reconnect"],
    "reconnect with a code": ["reconnect", 4002, "anew"],
}
# How a socket comes into a state: plans and steps.
STATES = {
    "just made": ([OPEN], []),
    "dialing": ([SLOW], [wait(2)]),
    "dialing into silence": ([HANGS, OPEN], [wait(20)]),
    "open": ([OPEN], [wait(20)]),
    "proven": ([OPEN], [wait(6000)]),
    "waiting": ([REFUSE, OPEN], [wait(20)]),
    "dialing again": ([REFUSE, SLOW], [wait(1010)]),
    "open after failures": ([REFUSE, REFUSE, OPEN], [wait(3000)]),
    "closed by the peer": ([OPEN], [wait(20), ["server", "close", 4000, "bye"]]),
    "closed": ([OPEN], [wait(20), ["close"]]),
    "closed while dialing": ([SLOW], [wait(2), ["close"]]),
    "closing, and the peer is deaf": ([DEAF, OPEN], [wait(20), ["close"], wait(500)]),
    "anew, and the peer is deaf": ([DEAF, OPEN], [wait(20), ["reconnect"], wait(500)]),
}
AFTER = [wait(8), ["send", "x"], wait(40), ["look"], wait(3000), ["drain"], wait(9000)]


def _orders(add):
    """Each order from each state, and each pair of orders."""
    for state, (plans, steps) in STATES.items():
        for order, step in ORDERS.items():
            add(f"{order}, {state}", [*steps, step, *AFTER], plans)
        for pair in ("close reconnect", "reconnect close", "close close", "reconnect reconnect"):
            both = [[order] for order in pair.split()]
            add(f"{pair}, {state}", [*steps, *both, *AFTER], plans)


def _in_handlers(add):
    """Each order in each handler, slot and listener."""
    for handler in ("open", "message", "close", "error", "reconnecting"):
        for name in (handler, "on" + handler):
            if name == "onreconnecting":
                continue
            for order in ("close", "reconnect"):
                plans = [{"accept": 1, "greets": ["hi"], "then": [101, "rst"]}, SLOW]
                within = [(name, 1, [["send", "in"], [order], ["look"], ["send", "more"]])]
                if handler == "reconnecting" and order == "close":
                    within = [(name, 1, [["close"]])]
                add(f"{order} in {name}", [wait(200), *AFTER], plans, within)


def _ends(add):
    """How connections and dials end, and how often."""
    for how in (["close", 1000], ["close", 4000, "bye"], ["close"], ["fin"], ["rst"]):
        told = "-".join(str(part) for part in how)
        for after in (101, 7001):
            plans = [{"accept": 1, "then": [after, *how]}]
            add(f"{told} after {after}", [wait(9000), wait(9000), wait(9000)], plans)
        plans = [{"accept": 1, "then": [101, *how]}]
        add(
            f"{told}, and the predicate is asked",
            [wait(300), ["reconnect"], wait(300), ["close"], wait(10)],
            plans,
            predicate=[],
        )
    for plan, name in ((REFUSE, "refused"), (STATUS, "503"), (HANGS, "silence")):
        steps = [wait(n) for n in (4000, 9000, 30000, 30000)]
        add(f"{name} for ever", steps, [plan])
        for most in (0, 1, 3):
            add(
                f"{name}, {most} retries",
                [wait(40000), ["send", "x"], ["reconnect"], wait(40000), ["close"], ["look"]],
                [plan],
                options={"maxRetries": most},
            )
        add(
            f"{name} with a backlog",
            [["send", "a"], wait(20), ["send", "b"], *steps],
            [plan, plan, OPEN],
        )


def _delays(add):
    """The law of delays and its limits."""
    laws = {
        "documented": {"minReconnectionDelay": 3000},
        "minimum over maximum": {"minReconnectionDelay": 5000, "maxReconnectionDelay": 1200},
        "no growth": {"reconnectionDelayGrowFactor": 1},
        "shrinking": {"reconnectionDelayGrowFactor": 0.5},
        "doubling": {"reconnectionDelayGrowFactor": 2, "maxReconnectionDelay": 5000},
        "no delay": {"minReconnectionDelay": 0},
    }
    for name, options in laws.items():
        plans = [{"refuse": 105}] * 8 + [{"accept": 1, "then": [101, "rst"]}]
        plans += [{"refuse": 105}, {"accept": 1, "then": [6001, "fin"]}, OPEN]
        add(f"delays: {name}", [wait(20000)] * 6, plans, options=options)
    short = {"minUptime": 100, "connectionTimeout": 200}
    plans = [{"accept": 97}, {"accept": 1, "then": [97, "rst"]}]
    plans = [
        {"accept": 1, "then": [97, "rst"]},
        {"accept": 1, "then": [105, "rst"]},
        {"accept": 197},
        {"accept": 201},
    ]
    steps = [wait(3000), ["server", "rst"], wait(9000), wait(9000)]
    add("limits of uptime and timeout", steps, plans, options=short)


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


def _providers(add):
    """URLs, protocols and queries that come late, never, or are none, first or after a dial."""
    good = {"value": URL + "1"}
    for name, gift in _GIFTS.items():
        add(f"url: {name}", _LATER, [OPEN], url=gives(gift, good))
        steps = [wait(20), ["server", "rst"], *_LATER]
        add(f"url, second: {name}", steps, [OPEN], url=gives(good, gift, good))
        for order in ("close", "reconnect"):
            steps = [wait(20), [order], ["look"], *_LATER]
            add(f"url: {name}, then {order}", steps, [OPEN], url=gives(gift, good))
            steps = [wait(20), [order, 3000, "now"], wait(1), ["reconnect"], *_LATER]
            add(
                f"url: {name}, then {order} and reconnect",
                steps,
                [SLOW],
                url=gives(gift, gift, good),
            )
    chosen = [{"accept": 1, "protocol": "b"}]
    for name, gift in _OFFERS.items():
        offers = {"protocols": gives(gift, {"value": ["b"]})}
        plans = chosen if name in ("two", "late") else [OPEN]
        add(f"protocols: {name}", _LATER, plans, **offers)
        both = {"url": gives({"value": URL + "1", "after": 101}), **offers}
        add(f"protocols: {name}, the url late", _LATER, plans, **both)
        none = {"url": gives({"fails": "provider: no token", "after": 101}), **offers}
        add(f"protocols: {name}, the url raises late", _LATER, plans, **none)
    for static in ("a", ["a", "b"], None, [], ""):
        add(f"protocols are {static!r}", _LATER, [OPEN], protocols=static)
    for wrong in (42, {"a": 1}):
        add(f"protocols are {wrong!r}", _LATER, [OPEN], protocols=wrong)
        add(f"the url is {wrong!r}", _LATER, [OPEN], url=wrong)
    add(
        "the deadline is one",
        [wait(20000)] * 3,
        [{"accept": 3001}, HANGS, OPEN],
        url=gives({"value": URL, "after": 2001}),
    )
    for name, inside in (("close", ["close"]), ("reconnect", ["reconnect"])):
        within = [("asks url", 1, [inside])]
        add(f"{name} in a provider", _LATER, [OPEN], within, url=gives(good))
        hangs = {"url": gives({"hangs": True}, good), "protocols": gives({"value": "a"})}
        add(f"{name} in a provider that hangs", _LATER, [OPEN], within, **hangs)
        both = {"url": gives(good), "protocols": gives({"value": "a"})}
        add(f"{name} in the first of two providers", _LATER, [OPEN], within, **both)
    add(
        "no answer to retries",
        [wait(60000), ["reconnect"], wait(9000)],
        [OPEN],
        url=gives({"fails": "provider: no"}),
        options={"maxRetries": 2},
    )


def _spellings(add):
    """The url is told as a browser writes it, whatever the application wrote."""
    for url in _SPELLINGS:
        add(f"spelt {url}", [wait(30), ["server", "rst"], *_LATER], [OPEN], url=url)


def _party(add):
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
        add(f"query: {name}", steps, [OPEN], party=PARTY, **more)
    for name, party in {
        "a slash in the room": {**PARTY, "room": "a/b"},
        "a slash in the party": {**PARTY, "party": "a/b"},
        "slashes without a warning": {**PARTY, "room": "a/b", "disableNameValidation": True},
        "no room": {"host": "localhost:1", "id": "me"},
        "no host": {"host": "", "room": "", "id": "me"},
        "a base path": {"host": "localhost:1", "basePath": "x/y", "path": "z", "id": "me"},
        "a path with a slash": {**PARTY, "path": "/z"},
    }.items():
        add(f"party: {name}", [wait(100), ["send", "x"], wait(10)], [OPEN], party=party)
        add(
            f"party, closed: {name}",
            [["reconnect"], wait(100)],
            [OPEN],
            party=party,
            options={"startClosed": True},
        )


def _queue(add):
    """What waits to be sent, when it goes out, and what is too much."""
    burst = [["send", "one"], ["bytes", "00ff"], ["send", ""], ["send", "zwei€"], ["look"]]
    for name, plans in {"soon": [OPEN], "late": [REFUSE, SLOW], "never": [HANGS]}.items():
        add(f"queue: {name}", [*burst, wait(5000), *burst, wait(5000)], plans)
        taken = [*burst, ["drain"], ["drain"], *burst, wait(5000), ["drain"]]
        add(f"queue, drained: {name}", taken, plans)
        for most in (0, 1, 3):
            add(
                f"queue of {most}: {name}",
                [*burst, wait(5000), *burst],
                plans,
                options={"maxEnqueuedMessages": most},
            )
    for size in (32, 64):
        full = [
            wait(2),
            *[["send", f"message {n}"] for n in range(5)],
            ["drain"],
            *burst,
            wait(500),
        ]
        add(f"queue of {size} bytes", full, [SLOW], queueBytes=size)
    big = [wait(2), *[["send", "x" * n] for n in (125, 126, 200)], wait(500)]
    add("queue of long messages", big, [SLOW], queueBytes=400)
    add(
        "the queue goes before onopen",
        [["send", "queued"], wait(100)],
        [OPEN],
        [("onopen", 1, [["send", "in onopen"]]), ("open", 1, [["send", "in open"]])],
    )
    for handler in ("onopen", "open", "message"):
        within = [(handler, 1, [["send", "in"], ["drain"], ["send", "after"]])]
        steps = [["send", "queued"], wait(20), ["server", "message", "m"], wait(20)]
        add(f"drained in {handler}", steps, [OPEN], within)
    for state, steps in {"closed": [["close"]], "closing": [["reconnect"]]}.items():
        add(
            f"sent while {state}",
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
        )
    add(
        "start closed",
        [*burst, wait(100), ["close"], *burst, ["reconnect"], ["look"], *AFTER],
        [SLOW],
        options={"startClosed": True},
    )
    echo = [("message", n, [["send", f"answer {n}"]]) for n in (1, 2, 3)]
    talk = [
        wait(10),
        *[["server", "message", f"m{n}"] for n in range(4)],
        ["server", "binary", "00ff10"],
        ["server", "message", "ä€😀"],
    ]
    add("a talk", talk, [OPEN], echo)


def _listeners(add):
    """Who hears, in which order, how often."""
    listen = [
        ["listen", "message", "a"],
        ["listen", "message", "b", {"once": True}],
        ["listen", "message", "c", {"object": True}],
        ["listen", "message", "a"],
    ]
    hear = [["server", "message", "1"], ["server", "message", "2"]]
    add(
        "listeners",
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
    )
    add("unknown types", [["listen", "nonsense", "a"], wait(50)], [OPEN])
    adds = [("message", 1, [["listen", "message", "late"]])]
    add("added while it is told", [wait(5), *listen, *hear], [OPEN], adds)
    removes = [("a", 1, [["unlisten", "message", "a"]])]
    add("a listener removes itself", [wait(5), *listen, *hear], [OPEN], removes)
    again = [("b", 1, [["listen", "message", "b", {"once": True}]])]
    add("once, and added anew inside", [wait(5), *listen, *hear], [OPEN], again)
    removes = [("a", 1, [["unlisten", "message", "c"], ["unlisten", "message", "b"]])]
    add("removed while it is told", [wait(5), *listen, *hear], [OPEN], removes)
    for name in ("open", "message", "close", "error"):
        for handler in (name, "on" + name):
            add(
                f"{handler} raises",
                [["listen", name, "after"], wait(500), ["close"], wait(5)],
                [{"accept": 1, "greets": ["hi"], "then": [101, "rst"]}, OPEN],
                [(handler, 1, [["raise"]])],
            )
    for handler in ("close", "onclose"):
        add(
            f"{handler} raises inside close()",
            [["listen", "close", "after"], wait(50), ["close"], wait(5)],
            [OPEN],
            [(handler, 1, [["raise"]])],
        )


def _predicate(add):
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
            add(f"no to {no}: {name}", steps, plans, predicate=no)
    steps = [wait(20), ["reconnect"], wait(20), ["close"], wait(20), ["reconnect"], wait(20)]
    add("orders are not asked about", steps, [OPEN], predicate=[1000])
    add("and dials that fail are", [wait(5000)], [HANGS], predicate=[1006])
    add(
        "no, with retries used up",
        [wait(20000)],
        [REFUSE],
        predicate=[1006],
        options={"maxRetries": 0},
    )


def _codes(add):
    """Codes and reasons."""
    for state, plans in {"open": [OPEN], "dialing": [SLOW], "waiting": [REFUSE]}.items():
        for order in ("close", "reconnect"):
            for code in (1000, 3000, 4999, 1001, 1005, 2999, 5000, 0):
                add(f"{order} {code}, {state}", [wait(20), [order, code], wait(200)], plans)
            for reason in ("", "ä" * 61, "ä" * 62):
                add(
                    f"{order} for {len(reason)}, {state}",
                    [wait(20), [order, 1000, reason], wait(200)],
                    plans,
                )
    plans = [{"accept": 1, "answersClose": 101}, OPEN]
    for order in ("close", "reconnect"):
        steps = [wait(20), [order], wait(40), ["send", "x"], ["look"], wait(4000)]
        add(f"{order}, answered late", steps, plans)


FAMILIES = [_orders, _in_handlers, _ends, _delays, _providers, _spellings, _party, _queue]
FAMILIES += [_listeners, _predicate, _codes]


def all_scripts():
    """Every script written by hand, by name."""
    scripts = {}

    def add(name, steps, plans=(), handlers=(), options=None, **more):
        assert name not in scripts, name
        options = {"minReconnectionDelay": 1000, **(options or {})}
        scripts[name] = {
            "options": options,
            "plans": list(plans),
            "handlers": list(handlers),
            "steps": list(steps),
            **more,
        }

    for family in FAMILIES:
        family(add)
    return scripts
