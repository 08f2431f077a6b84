"""Puts the most used names of a file first.

The names of a file are numbered in the order in which they come, and a number below 128 takes a
byte less at each use. So the most used names are listed in a line that never runs.
"""

import ast
import collections

from .scopes import FUNCTIONS, all_names


def order_names(tree):
    """Add that line to a file, if it has more names than that."""
    count = collections.Counter(n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute))
    for scope in ast.walk(tree):
        if isinstance(scope, FUNCTIONS):
            own = all_names(scope)
            names = [n.id for n in ast.walk(scope) if isinstance(n, ast.Name)]
            count.update(name for name in names if name not in own)
    if len(count) > 128:
        most = [name for name, _ in sorted(count.items(), key=lambda one: (-one[1], one[0]))]
        text = "import sys\nif sys is None:\n    sys." + ".".join(most[:100])
        tree.body[:0] = ast.parse(text).body
