"""Scripts written by hand: what an application and its servers do, for both libraries to live.

A script: `plans`, what the dials meet, one after the other, the last for good; `steps`, and
`handlers`: (name, n, actions inside its n-th call). Times are ms. Library first: what is due at
the instant of a step has happened before it. Durations of servers and providers leave a remainder
of 1 when divided by 4, those of options none, so that no two timers fire at one instant by chance.
"""


def script(steps, plans=(), handlers=(), **more):
    options = {"minReconnectionDelay": 1000, **more.pop("options", {})}
    return {
        "options": options,
        "plans": list(plans),
        "handlers": list(handlers),
        "steps": list(steps),
        **more,
    }


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


def _orders():
    """Each order from each state, and each pair of orders."""
    for state, (plans, steps) in STATES.items():
        for order, step in ORDERS.items():
            yield f"{order}, {state}", script([*steps, step, *AFTER], plans)
        for pair in ("close reconnect", "reconnect close", "close close", "reconnect reconnect"):
            both = [[order] for order in pair.split()]
            yield f"{pair}, {state}", script([*steps, *both, *AFTER], plans)


def _in_handlers():
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
                yield f"{order} in {name}", script([wait(200), *AFTER], plans, within)


def _ends():
    """How connections and dials end, and how often."""
    for how in (["close", 1000], ["close", 4000, "bye"], ["close"], ["fin"], ["rst"]):
        told = "-".join(str(part) for part in how)
        for after in (101, 7001):
            plans = [{"accept": 1, "then": [after, *how]}]
            yield f"{told} after {after}", script([wait(9000), wait(9000), wait(9000)], plans)
        plans = [{"accept": 1, "then": [101, *how]}]
        yield (
            f"{told}, and the predicate is asked",
            script(
                [wait(300), ["reconnect"], wait(300), ["close"], wait(10)], plans, predicate=[]
            ),
        )
    for plan, name in ((REFUSE, "refused"), (STATUS, "503"), (HANGS, "silence")):
        steps = [wait(n) for n in (4000, 9000, 30000, 30000)]
        yield f"{name} for ever", script(steps, [plan])
        for most in (0, 1, 3):
            yield (
                f"{name}, {most} retries",
                script(
                    [wait(40000), ["send", "x"], ["reconnect"], wait(40000), ["close"], ["look"]],
                    [plan],
                    options={"maxRetries": most},
                ),
            )
        yield (
            f"{name} with a backlog",
            script([["send", "a"], wait(20), ["send", "b"], *steps], [plan, plan, OPEN]),
        )


def _delays():
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
        yield f"delays: {name}", script([wait(20000)] * 6, plans, options=options)
    short = {"minUptime": 100, "connectionTimeout": 200}
    plans = [{"accept": 97}, {"accept": 1, "then": [97, "rst"]}]
    plans = [
        {"accept": 1, "then": [97, "rst"]},
        {"accept": 1, "then": [105, "rst"]},
        {"accept": 197},
        {"accept": 201},
    ]
    steps = [wait(3000), ["server", "rst"], wait(9000), wait(9000)]
    yield "limits of uptime and timeout", script(steps, plans, options=short)


def all_scripts():
    """Every script written by hand, by name."""
    from parity.scripts_more import FAMILIES

    scripts = {}
    for family in (_orders, _in_handlers, _ends, _delays, *FAMILIES):
        for name, one in family():
            assert name not in scripts, name
            scripts[name] = one
    return scripts
