"""Random scripts from a seed. scripts.py explains scripts and their durations."""

import random

from parity.scripts import PARTY, URL, gives

_HANDLERS = ["open", "message", "close", "error", "reconnecting", "giveup"]
_HANDLERS += ["onopen", "onmessage", "onclose", "onerror", "asks url", "a", "b"]
_TEXTS = ["", "x", "hello", "zwölf €", "😀", "y" * 130]
_CODES = [(), (), (1000,), (4001, "bye"), (3000,), (1001,), (1000, "ä" * 62)]
_WAITS = [4, 20, 40, 100, 400, 1000, 2000, 4000, 9000]


def draw(seed):
    """The script of `seed`, an int."""
    return _Draw(random.Random(seed)).script()


class _Draw:
    def __init__(self, chance):
        self.chance = chance
        self.one_of = chance.choice

    def perhaps(self, share):
        return self.chance.random() < share

    def several(self, most, make):
        return [make() for _ in range(self.chance.randrange(most + 1))]

    def script(self):
        script = {
            "options": self.options(),
            "plans": self.several(5, self.plan),
            "handlers": [] if self.perhaps(0.4) else self.several(3, self.handler),
            "steps": [self.step() for _ in range(self.chance.randrange(4, 16))] + [["wait", 9000]],
        }
        if self.perhaps(0.25):
            script["predicate"] = self.chance.sample([1000, 1005, 1006, 4000], 2)
        if self.perhaps(0.2) and not script["handlers"]:
            script["queueBytes"] = self.one_of([32, 64, 300])
        if self.perhaps(0.3):
            offers = [self.gift(v) for v in ("a", ["a", "b"], None, 42)]
            script["protocols"] = self.one_of(["b", ["a", "b"], None, gives(*offers)])
        if self.perhaps(0.2):
            script["party"] = PARTY
            if self.perhaps(0.7):
                values = [[["n", "1"]], [["n", "ä b"], ["m", None]], [], None]
                script["query"] = gives(*[self.gift(v) for v in values])
        elif self.perhaps(0.4):
            values = [URL + "1", URL + "2", URL + "3", 42]
            script["url"] = gives(*[self.gift(v) for v in values])
        return script

    def options(self):
        options = {"minReconnectionDelay": self.one_of([40, 100, 1000, 3000])}
        drawn = {
            "maxReconnectionDelay": [400, 1200, 5000],
            "reconnectionDelayGrowFactor": [1, 1.3, 1.7, 2],
            "minUptime": [100, 1000],
            "connectionTimeout": [200, 1000],
            "maxRetries": [0, 1, 2, 5],
            "maxEnqueuedMessages": [0, 1, 3],
            "startClosed": [True],
        }
        for name, values in drawn.items():
            if self.perhaps(0.2):
                options[name] = self.one_of(values)
        return options

    def plan(self):
        kind = self.chance.randrange(10)
        if kind < 2:
            return {"refuse": self.one_of([5, 25, 105, 505])}
        if kind == 2:
            return {"refuse": self.one_of([5, 105]), "status": self.one_of([404, 503])}
        if kind == 3:
            return {"hangs": True}
        plan = {"accept": self.one_of([1, 9, 49, 101, 501, 3001, 4501])}
        if self.perhaps(0.3):
            plan["greets"] = ["hi", "there"]
        if self.perhaps(0.4):
            plan["then"] = [self.one_of([1, 101, 1001, 6001]), *self.end()]
        if self.perhaps(0.3):
            plan["answersClose"] = self.one_of([None, 1, 101, 1001])
        return plan

    def end(self):
        ends = [["close", 1000], ["close", 4000, "bye"], ["close"], ["fin"], ["rst"]]
        return self.one_of(ends)

    def gift(self, value):
        gift = {"value": value}
        kind = self.chance.randrange(10)
        if kind < 3:
            gift["after"] = self.one_of([1, 49, 501, 5001])
        if kind in (2, 3):
            gift["fails"] = "provider: none"
        return {"hangs": True} if kind == 4 else gift

    def handler(self):
        actions = [self.action(inside=True) for _ in range(self.chance.randrange(1, 3))]
        return (self.one_of(_HANDLERS), self.chance.randrange(1, 4), actions)

    def step(self):
        if self.perhaps(0.45):
            return ["wait", self.one_of(_WAITS)]
        if self.perhaps(0.3):
            talk = [["message", "m"], ["message", "ä€"], ["binary", "00ff"]]
            return ["server", *self.one_of([*talk, self.end()])]
        return self.action()

    def action(self, inside=False):
        kind = self.chance.randrange(12)
        if kind < 4:
            return ["send", self.one_of(_TEXTS)]
        if kind == 4:
            return ["bytes", self.one_of(["", "00ff", "ab" * 40])]
        if kind < 7:
            return ["close", *self.one_of(_CODES)]
        if kind < 10:
            return ["reconnect", *self.one_of(_CODES)]
        if kind == 10 or inside:
            return self.one_of([["drain"], ["look"]])
        type, name = self.one_of(["message", "open", "close"]), self.one_of(["a", "b", "c"])
        how = ["once"] * self.perhaps(0.5) + ["object"] * (name == "c")
        return ["listen", type, name, *how]
