"""Scripts written by hand: what an application and its servers do, for both libraries.

A script has `plans`, what the dials meet, one after the other (the last one is for all later
dials); `steps`; and `handlers`: (name, n, actions inside its n-th call). Times are ms. At the
instant of a step, the library acts first. Durations of servers and providers leave a remainder of
1 when divided by 4, those of options leave none, so that two timers never fire at the same
instant.
"""


def steps(text):
    """The steps in a text. A number is a wait. `close:4001:bye` is an action and its arguments."""
    return [["wait", int(word)] if word.isdigit() else _action(word) for word in text.split()]


def _action(word):
    what, *given = word.split(":")
    return [what, *[int(one) if one.isdigit() else one for one in given]]


def gives(*gifts):
    return {"gives": list(gifts)}


REFUSE = {"refuse": 5}
STATUS = {"refuse": 5, "status": 503}
HANGS = {"hangs": True}
SLOW = {"accept": 101}
OPEN = {"accept": 1}
DEAF = {"accept": 1, "answersClose": None}
TALKER = {"accept": 1, "greets": ["hi"], "then": [101, "rst"]}
PARTY = {"host": "localhost:1999", "room": "r", "id": "me"}
URL = "ws://server/path?n="
ORDERS = {
    "close": "close",
    "close with a code": "close:4001:bye",
    "reconnect": "reconnect",
    "reconnect with a code": "reconnect:4002:anew",
}
# How to bring a socket into a state: plans and steps.
STATES = {
    "just made": ([OPEN], ""),
    "dialing": ([SLOW], "2"),
    "dialing into silence": ([HANGS, OPEN], "20"),
    "open": ([OPEN], "20"),
    "proven": ([OPEN], "6000"),
    "waiting": ([REFUSE, OPEN], "20"),
    "dialing again": ([REFUSE, SLOW], "1010"),
    "open after failures": ([REFUSE, REFUSE, OPEN], "3000"),
    "closed by the peer": ([OPEN], "20 server:close:4000:bye"),
    "closed": ([OPEN], "20 close"),
    "closed while dialing": ([SLOW], "2 close"),
    "closing, and the peer is deaf": ([DEAF, OPEN], "20 close 500"),
    "anew, and the peer is deaf": ([DEAF, OPEN], "20 reconnect 500"),
}
AFTER = " 8 send:x 40 look 3000 drain 9000"


def _orders(add):
    """Each order from each state, and each pair of orders."""
    for state, (plans, before) in STATES.items():
        for order, step in ORDERS.items():
            add(f"{order}, {state}", f"{before} {step} {AFTER}", plans)
        for pair in ("close reconnect", "reconnect close", "close close", "reconnect reconnect"):
            add(f"{pair}, {state}", f"{before} {pair} {AFTER}", plans)
    for order in ("close", "reconnect"):
        late = [{**OPEN, "answersClose": 101}, OPEN]
        add(f"{order}, answered late", f"20 {order} 40 send:x look 4000", late)
        for code in (3000, 4999, 1001, 5000):
            add(f"{order} {code}", f"20 {order}:{code} 200", [OPEN])


def _in_handlers(add):
    """Each order in each handler, slot and listener."""
    names = [on + name for name in ("open", "message", "close", "error") for on in ("", "on")]
    for name in [*names, "reconnecting"]:
        for order in ("close", "reconnect"):
            actions = f"send:in {order} look send:more"
            if name == "reconnecting" and order == "close":
                actions = "close"
            add(f"{order} in {name}", "200" + AFTER, [TALKER, SLOW], [(name, 1, actions)])


def _ends(add):
    """How connections and dials end, and how often."""
    for how in (["close", 1000], ["close", 4000, "bye"], ["close"], ["fin"], ["rst"]):
        told = "-".join(str(part) for part in how)
        for after in (101, 7001):
            add(f"{told} after {after}", "9000 9000 9000", [{**OPEN, "then": [after, *how]}])
    for plan, name in ((REFUSE, "refused"), (STATUS, "503"), (HANGS, "silence")):
        add(f"{name} for ever", "4000 9000 30000 30000", [plan])
        for most in (0, 1, 3):
            often = "40000 send:x reconnect 40000 close look"
            add(f"{name}, {most} retries", often, [plan], options={"maxRetries": most})
        backlog = "send:a 20 send:b 4000 9000 30000 30000"
        add(f"{name} with a backlog", backlog, [plan, plan, OPEN])


def _delays(add):
    """The formula of delays, and its limits."""
    laws = {
        "documented": {"minReconnectionDelay": 3000},
        "minimum over maximum": {"minReconnectionDelay": 5000, "maxReconnectionDelay": 1200},
        "no growth": {"reconnectionDelayGrowFactor": 1},
        "shrinking": {"reconnectionDelayGrowFactor": 0.5},
        "doubling": {"reconnectionDelayGrowFactor": 2, "maxReconnectionDelay": 5000},
        "no delay": {"minReconnectionDelay": 0},
    }
    plans = [{"refuse": 105}] * 8 + [{**OPEN, "then": [101, "rst"]}]
    plans += [{"refuse": 105}, {**OPEN, "then": [6001, "fin"]}, OPEN]
    for name, options in laws.items():
        add(f"delays: {name}", "20000 " * 6, plans, options=options)
    short = {"minUptime": 100, "connectionTimeout": 200}
    plans = [{**OPEN, "then": [after, "rst"]} for after in (97, 105)]
    plans += [{"accept": 197}, {"accept": 201}]
    add("limits of uptime and timeout", "3000 server:rst 9000 9000", plans, options=short)


GIFTS = {
    "at once": {"value": URL + "2"},
    "late": {"value": URL + "2", "after": 49},
    "very late": {"value": URL + "2", "after": 6001},
    "never": {"hangs": True},
    "raises": {"fails": "provider: no token"},
    "raises late": {"fails": "provider: no token", "after": 49},
    "a number": {"value": 42},
    "a number late": {"value": 42, "after": 49},
    "null": {"value": None},
    "no URL": {"value": "server without a scheme"},
}
OFFERS = {
    "one": {"value": "a"},
    "two": {"value": ["a", "b"]},
    "none": {"value": None},
    "an empty text": {"value": ""},
    "late": {"value": ["b"], "after": 49},
    "never": {"hangs": True},
    "raises": {"fails": "provider: no word"},
    "a number": {"value": 42},
    "a number late": {"value": 42, "after": 49},
}
LATER = "30 look 3000 send:x 9000"
GOOD = {"value": URL + "1"}


def _urls(add):
    """URLs that come late or never, or that are invalid, at first or after a dial."""
    for name, gift in GIFTS.items():
        add(f"url: {name}", LATER, [OPEN], url=gives(gift, GOOD))
        second = gives(GOOD, gift, GOOD)
        add(f"url, second: {name}", f"20 server:rst {LATER}", [OPEN], url=second)
        for order in ("close", "reconnect"):
            then = f"url: {name}, then {order}"
            add(then, f"20 {order} look {LATER}", [OPEN], url=gives(gift, GOOD))
            both = f"20 {order}:3000:now 1 reconnect {LATER}"
            add(f"{then} and reconnect", both, [SLOW], url=gives(gift, gift, GOOD))
    plans = [{"accept": 3001}, HANGS, OPEN]
    add("the deadline is one", "20000 " * 3, plans, url=gives({"value": URL, "after": 2001}))
    no = {"url": gives({"fails": "provider: no"}), "options": {"maxRetries": 2}}
    add("no answer to retries", "60000 reconnect 9000", [OPEN], **no)


def _protocols(add):
    """Protocols that come late or never, or that are invalid."""
    late = gives({"value": URL + "1", "after": 101})
    none = gives({"fails": "provider: no token", "after": 101})
    for name, gift in OFFERS.items():
        offers = gives(gift, {"value": ["b"]})
        plans = [{**OPEN, "protocol": "b"}] if name in ("two", "late") else [OPEN]
        add(f"protocols: {name}", LATER, plans, protocols=offers)
        add(f"protocols: {name}, the url late", LATER, plans, url=late, protocols=offers)
        add(f"protocols: {name}, the url raises late", LATER, plans, url=none, protocols=offers)
    for static in ("a", ["a", "b"], None, [], ""):
        add(f"protocols are {static!r}", LATER, [OPEN], protocols=static)
    for wrong in (42, {"a": 1}):
        add(f"protocols are {wrong!r}", LATER, [OPEN], protocols=wrong)
        add(f"the url is {wrong!r}", LATER, [OPEN], url=wrong)
    given = gives({"value": "a"})
    hangs = gives({"hangs": True}, GOOD)
    for name in ("close", "reconnect"):
        within = [("asks url", 1, name)]
        add(f"{name} in a provider", LATER, [OPEN], within, url=gives(GOOD))
        hanging = f"{name} in a provider that hangs"
        add(hanging, LATER, [OPEN], within, url=hangs, protocols=given)
        first = f"{name} in the first of two providers"
        add(first, LATER, [OPEN], within, url=gives(GOOD), protocols=given)


def _spellings(add):
    """The url is shown as a browser writes it, whatever the application wrote."""
    spelt = ["ws://server", "WS://Server:80/", "ws://server:8080?", "ws://server?token=1"]
    spelt += ["ws://[::1]:80", "http://server:443/a", "ws://server\\a"]
    for url in [*spelt, " ws://server/a/./b/../c d?e f=ü&g='\"<%20"]:
        add(f"spelt {url}", f"30 server:rst {LATER}", [OPEN], url=url)


def _party(add):
    """Rooms: the id and the query, as pairs of names and values."""
    queries = {
        "none": {},
        "static": {"query": [["a", "1"], ["b", None], ["c", ""]]},
        "asked": {"query": gives({"value": [["n", "1"]]}, {"value": [["n", "2"]]})},
        "late": {"query": gives({"value": [["n", "ä b"]], "after": 49})},
        "raises": {"query": gives({"fails": "provider: no"}, {"value": []})},
        "a number": {"query": gives({"value": 42}, {"value": [["x", "y"]]})},
        "null": {"query": gives({"value": None}, {"value": [["x", "y"]]})},
        "an id of its own": {"query": [["_pk", "other"]]},
    }
    for name, query in queries.items():
        add(f"query: {name}", "100 server:rst 3000 reconnect 100", [OPEN], party=PARTY, **query)
    for name, party in {
        "a slash in the room": {**PARTY, "room": "a/b"},
        "a slash in the party": {**PARTY, "party": "a/b"},
        "slashes without a warning": {**PARTY, "room": "a/b", "disableNameValidation": True},
        "no room": {"host": "localhost:1", "id": "me"},
        "no host": {"host": "", "room": "", "id": "me"},
        "a base path": {"host": "localhost:1", "basePath": "x/y", "path": "z", "id": "me"},
        "a path with a slash": {**PARTY, "path": "/z"},
    }.items():
        closed = {"startClosed": True}
        add(f"party: {name}", "100 send:x 10", [OPEN], party=party)
        add(f"party, closed: {name}", "reconnect 100", [OPEN], party=party, options=closed)


def _queue(add):
    """Messages that wait, when they are sent, and what is too much."""
    burst = " send:one bytes:00ff send: send:zwei€ look "
    for name, plans in {"soon": [OPEN], "late": [REFUSE, SLOW], "never": [HANGS]}.items():
        add(f"queue: {name}", f"{burst} 5000 {burst} 5000", plans)
        add(f"queue, drained: {name}", f"{burst} drain drain {burst} 5000 drain", plans)
        for most in (0, 1, 3):
            limit = {"maxEnqueuedMessages": most}
            add(f"queue of {most}: {name}", f"{burst} 5000 {burst}", plans, options=limit)
    five = " ".join(f"send:message-{n}" for n in range(5))
    for size in (32, 64):
        add(f"queue of {size} bytes", f"2 {five} drain {burst} 500", [SLOW], queueBytes=size)
    big = " ".join("send:" + "x" * n for n in (125, 126, 200))
    add("queue of long messages", f"2 {big} 500", [SLOW], queueBytes=400)
    within = [("onopen", 1, "send:in-onopen"), ("open", 1, "send:in-open")]
    add("the queue goes before onopen", "send:queued 100", [OPEN], within)
    for handler in ("onopen", "open", "message"):
        within = [(handler, 1, "send:in drain send:after")]
        add(f"drained in {handler}", "send:queued 20 server:message:m 20", [OPEN], within)
    for state, order in {"closed": "close", "closing": "reconnect"}.items():
        late = f"20 {order} {burst} {burst} 3000 reconnect 50 {burst} close {burst}"
        add(f"sent while {state}", late, [DEAF, OPEN])
    closed = f"{burst} 100 close {burst} reconnect look {AFTER}"
    add("start closed", closed, [SLOW], options={"startClosed": True})
    echo = [("message", n, f"send:answer-{n}") for n in (1, 2, 3)]
    talk = " ".join(f"server:message:m{n}" for n in range(4))
    add("a talk", f"10 {talk} server:binary:00ff10 server:message:ä€😀", [OPEN], echo)


def _listeners(add):
    """Which listeners are called, in which order, how often."""
    add_all = "listen:message:a listen:message:b:once listen:message:c:object listen:message:a"
    hear = "server:message:one server:message:two"
    forget = "unlisten:message:a"
    again = f"{forget} listen:message:a:once {hear} server:rst 3000 {hear}"
    add("listeners", f"5 {add_all} {hear} {forget} {hear} {again}", [OPEN])
    add("unknown types", "listen:nonsense:a 50", [OPEN])
    for name, within in {
        "added while it is told": ("message", 1, "listen:message:late"),
        "a listener removes itself": ("a", 1, forget),
        "once, and added anew inside": ("b", 1, "listen:message:b:once"),
        "removed while it is told": ("a", 1, "unlisten:message:c unlisten:message:b"),
    }.items():
        add(name, f"5 {add_all} {hear}", [OPEN], [within])
    for name in ("open", "message", "close", "error"):
        for handler in (name, "on" + name):
            raises = [(handler, 1, "raise")]
            add(f"{handler} raises", f"listen:{name}:after 500 close 5", [TALKER, OPEN], raises)
    for handler in ("close", "onclose"):
        raises = [(handler, 1, "raise")]
        add(f"{handler} raises inside close()", "listen:close:after 50 close 5", [OPEN], raises)


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
            plans = [REFUSE] * (name == "rst") + [{**OPEN, "then": [101, *how]}]
            add(f"no to {no}: {name}", "5000 send:x look 9000 reconnect 5000", plans, predicate=no)
    orders = "20 reconnect 20 close 20 reconnect 20"
    add("orders are not asked about", orders, [OPEN], predicate=[1000])
    add("and dials that fail are", "5000", [HANGS], predicate=[1006])
    used_up = {"predicate": [1006], "options": {"maxRetries": 0}}
    add("no, with retries used up", "20000", [REFUSE], **used_up)


_FAMILIES = [_orders, _in_handlers, _ends, _delays, _urls, _protocols, _spellings, _party]
_FAMILIES += [_queue, _listeners, _predicate]


def all_scripts():
    """Every script written by hand, by name."""
    scripts = {}

    def add(name, text, plans, handlers=(), options=None, **more):
        assert name not in scripts, name
        scripts[name] = {
            "options": {"minReconnectionDelay": 1000, **(options or {})},
            "plans": plans,
            "handlers": [(handler, n, steps(inside)) for handler, n, inside in handlers],
            "steps": steps(text),
            **more,
        }

    for family in _FAMILIES:
        family(add)
    return scripts
