"""How much of something all of them together may hold."""


class Budget:
    """Counts what is held against a limit. It refuses nothing by itself."""

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
