"""Writes small functions where they are called.

In the sources even a small step is a function if a name makes it clearer. On a board each function
costs about 70 bytes of RAM and 20 of flash in addition to its code, and each call takes time. So
the functions of a table are written into the one or two places that call them.

This works if the call is a statement, or if a statement assigns, tests or returns its result. A
function that is one `return` is also written into any other expression. After an early return the
rest becomes an `else`. A return inside a loop or a `try` is not possible. A method must be the
only one with its name in the file.
"""

import ast
import copy
import itertools

from .errors import BuildError
from .evaluation import acts, fixed_attributes, in_order
from .inlinable import Outside, check, is_super
from .origins import write_down
from .returns import for_its_effect, one_return, tails
from .scopes import functions_of, own_names, owners, stored_names


def inline(tree, names, others=(), public=()):
    """Write each of these functions of a file into its callers and remove it, in this order. Other
    files (`others`: their trees) and applications (`public`: their names) must not call them.
    """
    fixed = fixed_attributes([tree, *others])
    outside = Outside(tree, others)
    for name in names:
        owner, function = _definition(tree, name)
        check(owner, function, outside, public)
        owner.body.remove(function)
        owner.body = owner.body or [ast.Pass()]
        writer = _Writer(function, isinstance(owner, ast.ClassDef), fixed)
        for caller in (node for owner in owners(tree) for node in functions_of(owner)):
            writer.into(caller)
        left = [
            node
            for node in ast.walk(tree)
            if (isinstance(node, ast.Attribute) and node.attr == name and writer.is_method)
            or (isinstance(node, ast.Call) and getattr(node.func, "id", "") == name)
        ]
        if left or not writer.count:
            raise BuildError(
                f"{name}: {len(left)} of its uses can't be written in, {writer.count} can"
            )
    ast.fix_missing_locations(tree)


def _definition(tree, name):
    found = []
    for owner in owners(tree):
        found += [(owner, node) for node in owner.body if getattr(node, "name", None) == name]
    if len(found) != 1:
        raise BuildError(f"{name}: {len(found)} functions of a file have this name, not one")
    return found[0]


class _Writer(ast.NodeTransformer):
    """Writes one function into its callers."""

    def __init__(self, function, is_method, fixed):
        self.fixed = fixed
        self.name = function.name
        self.function = function
        self.is_method = is_method
        self.is_async = isinstance(function, ast.AsyncFunctionDef)
        self.parameters = [one.arg for one in function.args.args]
        self.defaults = dict(zip(self.parameters[::-1], function.args.defaults[::-1]))
        self.body = one_return(copy.deepcopy(function.body))
        self.locals = own_names(function) - set(self.parameters)
        self.stored = {name for one in self.body for name in stored_names(one)}
        inner = [node for one in self.body for node in ast.walk(one)]
        self.stored |= {
            node.attr if isinstance(node, ast.Attribute) else node.id
            for node in inner
            if isinstance(node, (ast.Name, ast.Attribute)) and not isinstance(node.ctx, ast.Load)
        }
        # A name that is not local must mean the same in its callers.
        self.globals = {node.id for node in inner if isinstance(node, ast.Name)}
        self.globals -= {*self.locals, *self.parameters, *self.stored}
        self.acts = any(acts(node) for node in inner)
        returns = [node for node in inner if isinstance(node, ast.Return)]
        last = self.body[-1].value if isinstance(self.body[-1], ast.Return) else None
        self.is_expression = last is not None and len(self.body) == 1
        self.is_straight = last is not None and len(returns) == 1
        self.count = 0

    def into(self, caller):
        before = self.count
        inner = list(ast.walk(caller))
        if not any(self.name in (getattr(n, "id", ""), getattr(n, "attr", "")) for n in inner):
            return
        self.own = own_names(caller)
        self.taken = self.own | {node.id for node in inner if isinstance(node, ast.Name)}
        self.caller = caller.name
        caller.body = self._block(caller.body)
        if self.is_expression:
            self.visit(caller)
        if self.count > before:
            write_down(caller, self.function)

    # A call inside an expression.

    def visit_Call(self, node):
        self.generic_visit(node)
        if not self.is_async and self._is_ours(node):
            return self._as_expression(node)
        return node

    def visit_Await(self, node):
        self.generic_visit(node)
        if self.is_async and isinstance(node.value, ast.Call) and self._is_ours(node.value):
            return self._as_expression(node.value)
        return node

    def _as_expression(self, call):
        _, body = self._written(call, is_statement=False)
        return body[-1].value

    # A call that is a statement, or the value of one.

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
        if self.is_async:
            call = call.value if isinstance(call, ast.Await) else None
        if not isinstance(call, ast.Call) or not self._is_ours(call):
            return [node]
        before, body = self._written(call)
        if isinstance(node, ast.Return):
            if not isinstance(body[-1], ast.Return):
                body.append(ast.Return(None))
            return before + body
        if isinstance(node, ast.Expr):
            return before + tails(body, for_its_effect, self.name)
        if isinstance(node, ast.If):
            if not self.is_straight:
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

        return before + tails(body, assigned, self.name)

    # The lines of the function, with the arguments of the call.

    def _is_ours(self, node):
        if self.is_method:
            return isinstance(node.func, ast.Attribute) and node.func.attr == self.name
        return isinstance(node.func, ast.Name) and node.func.id == self.name

    def _written(self, call, is_statement=True):
        """(statements before the call, statements of the function) for this call."""
        if call.keywords or any(isinstance(one, ast.Starred) for one in call.args):
            raise BuildError(f"{self.name} is called by keyword: {ast.unparse(call)}")
        given = list(call.args)
        if self.is_method:
            given.insert(0, call.func.value)
        missing = [one for one in self.parameters[len(given) :] if one not in self.defaults]
        if missing or len(given) > len(self.parameters):
            raise BuildError(f"{self.name} has other parameters: {ast.unparse(call)}")
        if given and any(is_super(node) for node in ast.walk(given[0])):
            raise BuildError(f"{self.name} is called by super(): it can't be written in")
        if hidden := self.globals & self.own:
            raise BuildError(
                f"{self.caller} has a local {sorted(hidden)[0]}, which hides what {self.name} "
                "means by it: call it otherwise"
            )
        self.given = given
        before = []
        new = {}
        if not is_statement:
            self._check_order(given)
        for i, parameter in enumerate(self.parameters):
            value = given[i] if i < len(given) else self.defaults[parameter]
            uses = sum(
                isinstance(n, ast.Name) and n.id == parameter
                for s in self.body
                for n in ast.walk(s)
            )
            if parameter not in self.stored and (
                self._is_simple(value) or uses <= 1 and not is_statement
            ):
                new[parameter] = value
            elif is_statement:
                local = self._fresh(parameter)
                before.append(ast.Assign([ast.Name(local, ast.Store())], value))
                new[parameter] = ast.Name(local, ast.Load())
            else:
                raise BuildError(
                    f"{self.name} is called with {ast.unparse(value)}: give it a name"
                )
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
        """Whether the argument may be written several times, and means the same each time."""
        if isinstance(value, ast.Constant):
            return True
        if isinstance(value, ast.Name):
            return value.id not in self.stored
        if isinstance(value, ast.Attribute):
            # Code that is called meanwhile might set it.
            is_quiet = not self.acts and not any(acts(n) for g in self.given for n in ast.walk(g))
            is_same = value.attr in self.fixed or is_quiet and value.attr not in self.stored
            return is_same and self._is_simple(value.value)
        return False

    def _check_order(self, given):
        """In an expression each argument takes the place of its parameter. Check that it is
        computed as often and as early as before.
        """
        values = dict(zip(self.parameters, given))
        odd = [name for name in values if not self._is_simple(values[name])]
        if not odd:
            return
        met = []
        sure = in_order(self.body[-1].value, met, odd, self.globals)
        moves = any(acts(node) for name in odd for node in ast.walk(values[name]))
        if moves:
            early = met[: len(odd)] == odd
        else:
            early = "!" not in met or not set(odd) & set(met[met.index("!") :])
        wanted = [name for name in met if name in odd]
        if wanted != odd or not sure or not early:
            raise BuildError(
                f"{self.name} is called with {ast.unparse(values[odd[0]])} in {self.caller}: "
                "give it a name"
            )

    def _fresh(self, name):
        made = name
        numbers = itertools.count(1)
        while made in self.taken:
            made = f"{name}{next(numbers)}"
        self.taken.add(made)
        return made


class _Substitute(ast.NodeTransformer):
    """Replaces names by what `new` has for them."""

    def __init__(self, new):
        self.new = new

    def visit_Name(self, node):
        if node.id not in self.new:
            return node
        made = copy.deepcopy(self.new[node.id])
        if isinstance(node.ctx, ast.Store):
            made.ctx = ast.Store()
        return made

    def visit_alias(self, node):
        local = node.asname or node.name
        if local in self.new:
            node.asname = self.new[local].id
        return node

    def visit_ExceptHandler(self, node):
        if node.name in self.new:
            node.name = self.new[node.name].id
        return self.generic_visit(node)
