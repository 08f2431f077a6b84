"""A limit for the amount of something that many objects hold together."""


class Budget:
    """Counts what is held, and knows the limit. It refuses nothing by itself: ask `has` first."""

    def __init__(self, limit):
        self.limit = limit
        self.used = 0

    def has(self, amount):
        """True if `amount` more stays within the limit."""
        return self.used + amount <= self.limit

    def take(self, amount):
        self.used += amount

    def give_back(self, amount):
        self.used -= amount
