"""Writes small functions where they are called.

In the sources a step that has a name of its own is a function, however small: that is how they are
read. On a board each function costs some 70 bytes of RAM and 20 of flash besides its code, and each
call some time. So those of a table are written into the one or two places that call them.

What can be written in: a function whose call is a statement, or what a statement assigns, tests or
returns. Where it returns early, the rest becomes an `else`; a return inside a loop or a `try` can't
be written so. A method must be the only one of its name in the file, and its object a name or an
attribute.
"""

import ast
import copy
import itertools

from .join import BuildError, local_names

_number = itertools.count()


def inline(tree, names):
    """Write each of these functions of a file where it is called, and take it out, in this order."""
    for name in names:
        owner, function = _definition(tree, name)
        owner.body.remove(function)
        owner.body = owner.body or [ast.Pass()]
        writer = _Writer(function, is_method=isinstance(owner, ast.ClassDef))
        _each_function(tree, writer)
        left = [
            node
            for node in ast.walk(tree)
            if (isinstance(node, ast.Attribute) and node.attr == name and writer.is_method)
            or (isinstance(node, ast.Call) and getattr(node.func, "id", "") == name)
        ]
        ast.fix_missing_locations(tree)
        if left or not writer.count:
            raise BuildError(f"{name}: {len(left)} of its uses can't be written in, {writer.count} can")


def _definition(tree, name):
    found = []
    for owner in [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]:
        found += [(owner, node) for node in owner.body if getattr(node, "name", None) == name]
    if len(found) != 1:
        raise BuildError(f"{name}: {len(found)} functions of a file have this name, not one")
    return found[0]


def _each_function(tree, writer):
    for owner in [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]:
        for node in owner.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                writer.into(node)


class _Writer(ast.NodeTransformer):
    def __init__(self, function, is_method):
        self.name = function.name
        self.origins = [function.origin, *getattr(function, "within", ())]
        self.is_method = is_method
        self.is_async = isinstance(function, ast.AsyncFunctionDef)
        self.parameters = [one.arg for one in function.args.args]
        defaults = function.args.defaults
        self.defaults = dict(zip(self.parameters[-len(defaults) :], defaults)) if defaults else {}
        self.body = _one_return(copy.deepcopy(function.body))
        self.locals = local_names(function) - set(self.parameters)
        self.stored = {
            node.id if isinstance(node, ast.Name) else node.attr
            for one in self.body
            for node in ast.walk(one)
            if isinstance(getattr(node, "ctx", None), ast.Store) and hasattr(node, "ctx")
            if isinstance(node, (ast.Name, ast.Attribute))
        }
        returns = [n for one in self.body for n in ast.walk(one) if isinstance(n, ast.Return)]
        self.last = self.body[-1].value if isinstance(self.body[-1], ast.Return) else None
        self.is_expression = self.last is not None and len(self.body) == 1
        self.is_straight = len(returns) == (self.last is not None)
        self.count = 0

    def into(self, caller):
        before = self.count
        self.taken = local_names(caller)
        caller.body = self._block(caller.body)
        if self.is_expression:
            self.visit(caller)
        if self.count > before:
            caller.within = [*getattr(caller, "within", ()), *self.origins]

    # An expression, wherever it stands.

    def visit_Call(self, node):
        self.generic_visit(node)
        if self._is_ours(node):
            before, made = self._written(node, is_statement=False)
            assert not before
            return made[-1].value
        return node

    # A call that is a statement, or its value.

    def _block(self, body):
        made = []
        for node in body:
            for field in ("body", "orelse", "finalbody"):
                if getattr(node, field, None) and not isinstance(node, ast.ClassDef):
                    setattr(node, field, self._block(getattr(node, field)))
            for handler in getattr(node, "handlers", ()):
                handler.body = self._block(handler.body)
            made += self._statement(node)
        return made

    def _statement(self, node):
        if self.is_expression and not isinstance(node, (ast.Expr, ast.Assign)):
            return [node]
        if isinstance(node, ast.If):
            call = node.test.operand if isinstance(node.test, ast.UnaryOp) else node.test
        else:
            call = getattr(node, "value", None)
        if isinstance(call, ast.Await) and self.is_async:
            call = call.value
        if not isinstance(call, ast.Call) or not self._is_ours(call):
            return [node]
        if isinstance(node, ast.Return):
            before, body = self._written(call)
            if not isinstance(body[-1], ast.Return):
                body.append(ast.Return(None))
            return before + body
        before, body = self._written(call)
        if isinstance(node, ast.Expr):
            return before + _tails(body, lambda value: [], self.name)
        if isinstance(node, ast.If):
            if self.last is None or not self.is_straight:
                raise BuildError(f"{self.name} returns in its middle, and an `if` asks for it")
            value = body.pop().value
            if isinstance(node.test, ast.UnaryOp):
                node.test.operand = value
            else:
                node.test = value
            return before + body + [node]
        if not isinstance(node, ast.Assign):
            raise BuildError(f"{self.name} is called in {ast.unparse(node)}")

        def assigned(value):
            return [ast.Assign(copy.deepcopy(node.targets), value or ast.Constant(None))]

        return before + _tails(body, assigned, self.name)

    # Its lines, with the call's arguments.

    def _is_ours(self, node):
        if self.is_method:
            return isinstance(node.func, ast.Attribute) and node.func.attr == self.name
        return isinstance(node.func, ast.Name) and node.func.id == self.name

    def _written(self, call, is_statement=True):
        """(statements that come before, the function's own), for this call."""
        if call.keywords or any(isinstance(one, ast.Starred) for one in call.args):
            raise BuildError(f"{self.name} is called by keyword: {ast.unparse(call)}")
        given = list(call.args)
        if self.is_method:
            given.insert(0, call.func.value)
        before = []
        new = {}
        for i, parameter in enumerate(self.parameters):
            value = given[i] if i < len(given) else self.defaults[parameter]
            uses = sum(
                isinstance(n, ast.Name) and n.id == parameter for s in self.body for n in ast.walk(s)
            )
            if parameter not in self.stored and (self._is_simple(value) or uses <= 1 and not is_statement):
                new[parameter] = value
            elif is_statement:
                local = self._fresh(parameter)
                before.append(ast.Assign([ast.Name(local, ast.Store())], value))
                new[parameter] = ast.Name(local, ast.Load())
            else:
                raise BuildError(f"{self.name} is called with {ast.unparse(value)}: give it a name")
        for local in sorted(self.locals):
            if local in self.taken:
                new[local] = ast.Name(self._fresh(local), ast.Load())
            else:
                self.taken.add(local)
        self.count += 1
        body = [_Substitute(new).visit(copy.deepcopy(one)) for one in self.body]
        for one in before + body:
            ast.fix_missing_locations(one)
        return before, body

    def _is_simple(self, value):
        """Whether it may be written more than once, and means the same each time."""
        if isinstance(value, ast.Constant):
            return True
        if isinstance(value, ast.Name):
            return value.id not in self.stored
        if isinstance(value, ast.Attribute):
            return value.attr not in self.stored and self._is_simple(value.value)
        return False

    def _fresh(self, name):
        made = name
        while made in self.taken:
            made = f"{name}{next(_number)}"
        self.taken.add(made)
        return made


class _Substitute(ast.NodeTransformer):
    def __init__(self, new):
        self.new = new

    def visit_Name(self, node):
        if node.id not in self.new:
            return node
        made = copy.deepcopy(self.new[node.id])
        if isinstance(node.ctx, ast.Store):
            made.ctx = ast.Store()
        return made

    def visit_ExceptHandler(self, node):
        if node.name in self.new:
            node.name = self.new[node.name].id
        return self.generic_visit(node)


def _tails(body, made, name):
    """`body` with what `made` gives for a returned value in the place of each return."""
    for i, node in enumerate(body):
        if isinstance(node, ast.Return):
            return body[:i] + made(node.value)
        if not any(isinstance(one, ast.Return) for one in ast.walk(node)):
            continue
        if not isinstance(node, ast.If):
            raise BuildError(f"{name} returns inside a loop or a try")
        rest = body[i + 1 :]
        if _ends(node.body):
            node.orelse = _tails(node.orelse + rest, made, name)
            node.body = _tails(node.body, made, name) or [ast.Pass()]
        elif _ends(node.orelse):
            node.body = _tails(node.body + rest, made, name)
            node.orelse = _tails(node.orelse, made, name)
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


def _one_return(body):
    """`if a: return b` before a last `return c`, as one return."""
    while len(body) > 1 and isinstance(body[-1], ast.Return):
        test = body[-2]
        if not isinstance(test, ast.If) or test.orelse or len(test.body) != 1:
            break
        if not isinstance(test.body[0], ast.Return) or test.body[0].value is None:
            break
        body = body[:-2] + [ast.Return(ast.IfExp(test.test, test.body[0].value, body[-1].value))]
    return body
