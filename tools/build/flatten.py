"""Joins the classes of an inheritance chain: on a board a call through three classes is slow."""

import ast
import copy

from .errors import BuildError
from .origins import write_down
from .scopes import FUNCTIONS, own_names, stored_names


def flatten(tree, name, chain):
    """Make one class of the classes in `chain` (the base first), at the place of the last one."""
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    if name not in classes:
        return
    body = []
    for one in chain:
        for node in classes[one].body:
            if isinstance(node, FUNCTIONS):
                body = _overridden(body, node, one, chain)
            body.append(node)
    final = classes[name]
    final.body = body
    final.bases = classes[chain[0]].bases
    for one in chain[:-1]:
        write_down(final, classes[one])
    _check_flat(final, {n.name for n in body if hasattr(n, "name")}, chain)
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.ClassDef) and node.name in chain[:-1])
    ]


def _overridden(body, node, owner, chain):
    """Return `body` without the method that `node` overrides. If `node` calls it with a statement
    of its own, the lines of the method take the place of that call.
    """
    if any(isinstance(one, ast.Attribute) for one in node.decorator_list):
        # A property's setter.
        return body
    old = next((one for one in body if getattr(one, "name", None) == node.name), None)
    if old is None:
        return body
    inliner = _Inliner(old, chain, node)
    inliner.visit(node)
    if inliner.count:
        write_down(node, old)
    return [one for one in body if one is not old]


def _check_flat(final, methods, chain):
    """Check that the class no longer uses methods of its bases, which do not exist any more."""
    for node in ast.walk(final):
        if not isinstance(node, ast.Attribute) or node.attr not in methods:
            continue
        value = node.value
        is_super = isinstance(value, ast.Call) and getattr(value.func, "id", "") == "super"
        if is_super or isinstance(value, ast.Name) and value.id in chain:
            raise BuildError(
                f"{final.name}: {ast.unparse(node)} is left over of {' and '.join(chain)}, which "
                "become one class: call a base's method from the one of its name, as a statement"
            )


class _Inliner(ast.NodeTransformer):
    """Replaces `super().method(...)` and `Base.method(self, ...)` by the lines of the method."""

    def __init__(self, method, chain, caller):
        self.method = method
        self.chain = chain
        self.count = 0
        self.names = {n.id for n in ast.walk(caller) if isinstance(n, ast.Name)}
        self.own = own_names(caller)
        self.names |= self.own

    def visit_Expr(self, node):
        call = node.value
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            return node
        if call.func.attr != self.method.name:
            return node
        value = call.func.value
        names = ["self"]
        if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "super":
            names += [getattr(one, "id", None) for one in call.args]
        elif isinstance(value, ast.Name) and value.id in self.chain:
            names = [getattr(one, "id", None) for one in call.args]
        else:
            return node
        wanted = [one.arg for one in self.method.args.args]
        never = (ast.Return, ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal)
        if (
            names != wanted
            or call.keywords
            or self.method.decorator_list
            or self.method.args.vararg
            or self.method.args.kwonlyargs
            or self.method.args.kwarg
            or any(isinstance(one, never) for one in ast.walk(self.method))
        ):
            raise BuildError(
                f"{self.method.name}{tuple(wanted)} is called as {ast.unparse(node)}: to become "
                "one class both need the same names, and no return"
            )
        stored = {name for one in self.method.body for name in stored_names(one)}
        if clash := stored & (self.names | set(wanted)):
            raise BuildError(
                f"{self.method.name} of both {' and '.join(self.chain)} has {sorted(clash)[0]}: "
                "they become one, so call one of them otherwise"
            )
        if used := {n.id for n in ast.walk(self.method) if isinstance(n, ast.Name)} & (
            self.own - set(wanted)
        ):
            raise BuildError(
                f"{sorted(used)[0]} is a local of {self.method.name} that hides what a base's "
                "means by it: call it otherwise"
            )
        self.count += 1
        self.names |= stored
        return copy.deepcopy(self.method.body)
