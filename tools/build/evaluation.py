"""Says when a value is computed, and what may change it: whether another place gives the same."""

import ast

from .scopes import FUNCTIONS


def acts(node):
    """Whether a node may run code that changes something."""
    return isinstance(node, (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr))


def in_order(node, met, odd, stable):
    """Append to `met` what an expression reads, in order: names, "?" for values that other code
    may set, "!" for a call. Return False if a name in `odd` may be read never or several times.
    `stable`: names whose attributes are never set (modules).
    """
    if isinstance(node, ast.Name):
        if node.id not in stable:
            met.append(node.id)
        return True
    parts = list(ast.iter_child_nodes(node))
    perhaps = []
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp)):
        parts, perhaps = [], parts
    elif isinstance(node, ast.IfExp):
        parts, perhaps = [node.test], [node.body, node.orelse]
    elif isinstance(node, ast.BoolOp):
        parts, perhaps = node.values[:1], node.values[1:]
    elif isinstance(node, ast.Compare):
        parts, perhaps = [node.left, node.comparators[0]], node.comparators[1:]
    elif isinstance(node, ast.Dict):
        parts = [one for pair in zip(node.keys, node.values) for one in pair if one is not None]
    sure = all([in_order(one, met, odd, stable) for one in parts])
    if isinstance(node, (ast.Call, ast.Await)):
        met.append("!")
    elif isinstance(node, (ast.Attribute, ast.Subscript)):
        if getattr(node.value, "id", None) not in stable:
            met.append("?")
    for one in perhaps:
        if any(isinstance(n, ast.Name) and n.id in odd for n in ast.walk(one)):
            sure = False
        in_order(one, met, odd, stable)
    return sure


def fixed_attributes(trees):
    """Attributes that are only set in `__init__`, so that they never change later."""
    found, changed = set(), set()
    for tree in trees:
        for owner in ast.walk(tree):
            if not isinstance(owner, FUNCTIONS):
                continue
            for node in ast.walk(owner):
                if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                    (found if owner.name == "__init__" else changed).add(node.attr)
    return found - changed
