"""Turns the returns of a function into statements of its caller, without a jump."""

import ast

from .errors import BuildError


def for_its_effect(value):
    """The statements for a returned value that is not used: only its side effects."""
    if value is None or isinstance(value, (ast.Constant, ast.Name)):
        return []
    return [ast.Expr(value)]


def tails(body, made, name):
    """Return `body` with each return replaced by what `made` gives for its value."""
    for i, node in enumerate(body):
        if isinstance(node, ast.Return):
            return body[:i] + made(node.value)
        if not any(isinstance(one, ast.Return) for one in ast.walk(node)):
            continue
        if not isinstance(node, ast.If):
            raise BuildError(f"{name} returns inside a loop or a try")
        rest = body[i + 1 :]
        if _ends(node.body):
            node.orelse = tails(node.orelse + rest, made, name)
            node.body = tails(node.body, made, name) or [ast.Pass()]
        elif _ends(node.orelse):
            node.body = tails(node.body + rest, made, name)
            node.orelse = tails(node.orelse, made, name)
        else:
            raise BuildError(f"{name} returns in ways that can't be written in")
        return body[: i + 1]
    return body + made(None)


def _ends(body):
    """Whether these lines always return or raise."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.If):
        return _ends(last.body) and _ends(last.orelse)
    return isinstance(last, (ast.Return, ast.Raise))


def one_return(body):
    """Turn `if a: return b` and a last `return c` into one return."""
    while len(body) > 1 and isinstance(body[-1], ast.Return):
        test = body[-2]
        if not isinstance(test, ast.If) or test.orelse or len(test.body) != 1:
            break
        if not isinstance(test.body[0], ast.Return) or test.body[0].value is None:
            break
        body = body[:-2] + [ast.Return(ast.IfExp(test.test, test.body[0].value, body[-1].value))]
    return body
