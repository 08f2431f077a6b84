"""Writes small functions where they are called.

In the sources even a small step is a function if a name makes it clearer. On a board each function
costs about 70 bytes of RAM and 20 of flash in addition to its code, and each call takes time. So
the functions of a table are written into the one or two places that call them.

This works if the call is a statement, or if a statement assigns, tests or returns its result.
After an early return the rest becomes an `else`. A return inside a loop or a `try` is not
possible. A method must be the only one with its name in the file, and its object must be a name or
an attribute.
"""

import ast
import copy
import itertools

from .names import FOREIGN
from .scopes import BuildError, local_names, stored_names


def inline(tree, names, others=(), public=()):
    """Write each of these functions of a file into its callers and remove it, in this order. Other
    files (`others`: their trees) and applications (`public`: their names) must not call them.
    """
    fixed = _fixed([tree, *others])
    inside = [(other, *_named(other)) for other in others]
    texts = {text for one in [tree, *others] for text in _named(one)[2]}
    for name in names:
        owner, function = _definition(tree, name)
        _check(name, owner, function, inside, texts, public)
        owner.body.remove(function)
        owner.body = owner.body or [ast.Pass()]
        writer = _Writer(function, isinstance(owner, ast.ClassDef), fixed)
        _each_function(tree, writer)
        left = [
            node
            for node in ast.walk(tree)
            if (isinstance(node, ast.Attribute) and node.attr == name and writer.is_method)
            or (isinstance(node, ast.Call) and getattr(node.func, "id", "") == name)
        ]
        ast.fix_missing_locations(tree)
        if left or not writer.count:
            raise BuildError(
                f"{name}: {len(left)} of its uses can't be written in, {writer.count} can"
            )


def _definition(tree, name):
    found = []
    for owner in [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]:
        found += [(owner, node) for node in owner.body if getattr(node, "name", None) == name]
    if len(found) != 1:
        raise BuildError(f"{name}: {len(found)} functions of a file have this name, not one")
    return found[0]


def _named(tree):
    """The attributes, imported names and texts of a tree."""
    attributes, imported, texts = set(), set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            attributes.add(node.attr)
        elif isinstance(node, ast.alias):
            imported |= {node.name, node.asname}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
    return attributes, imported, texts


def _check(name, owner, function, others, texts, public):
    """Raise a BuildError if the function would mean something else in another place."""
    arguments = function.args
    inner = [node for one in function.body for node in ast.walk(one)]
    never = (
        *(ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom, ast.Lambda, ast.GeneratorExp),
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    )
    found = [type(node).__name__ for node in inner if isinstance(node, never)]
    parameters = [one.arg for one in arguments.args]
    imported = [
        alias.asname or alias.name
        for node in inner
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    ]
    is_method = isinstance(owner, ast.ClassDef)
    reason = None
    if function.decorator_list:
        reason = "has a decorator"
    elif arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs:
        reason = "has other parameters than plain ones"
    elif found:
        reason = f"has a {found[0]} in it"
    elif set(imported) & set(parameters):
        reason = "imports a name that is a parameter"
    elif any(not isinstance(one, ast.Constant) for one in arguments.defaults):
        reason = "has a default that is made once, and would be made at each call"
    elif any(_is_super(node) for node in inner):
        reason = "uses super()"
    elif is_method and (not parameters or parameters[0] != "self"):
        reason = "is no method of an object"
    elif is_method and name in FOREIGN - {"closed"}:
        reason = "has the name of a method of Python's objects"
    elif is_method and name in public and owner.name in public:
        reason = "is public"
    if reason is None:
        for other, attributes, imported, _ in others:
            if is_method and name in attributes and _is_used(other, name):
                reason = "is used in another file"
            elif name in imported:
                reason = "is imported by another file"
        if name in texts:
            reason = f'may be meant by the text "{name}"'
    if reason:
        raise BuildError(f"{name} {reason}: it can't be written in, take it out of INLINE")


def _is_used(tree, name):
    """Whether a file uses the name for an attribute of another object, not of its own class."""
    own = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            uses = [n for n in ast.walk(node) if isinstance(n, ast.Attribute) and n.attr == name]
            uses = [n for n in uses if getattr(n.value, "id", "") == "self"]
            makes = any(getattr(n, "name", "") == name for n in node.body)
            if makes or any(isinstance(n.ctx, ast.Store) for n in uses):
                own |= {id(n) for n in uses}
    return any(
        isinstance(n, ast.Attribute) and n.attr == name and id(n) not in own
        for n in ast.walk(tree)
    )


def _is_super(node):
    return isinstance(node, ast.Name) and node.id == "super"


def _fixed(trees):
    """Attributes that are only set in `__init__`, so that they never change later."""
    found, changed = set(), set()
    for tree in trees:
        for owner in ast.walk(tree):
            if not isinstance(owner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            for node in ast.walk(owner):
                if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                    (found if owner.name == "__init__" else changed).add(node.attr)
    return found - changed


def _each_function(tree, writer):
    for owner in [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]:
        for node in owner.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                writer.into(node)


class _Writer(ast.NodeTransformer):
    def __init__(self, function, is_method, fixed):
        self.fixed = fixed
        self.name = function.name
        self.origins = [function.origin, *getattr(function, "within", ())]
        self.is_method = is_method
        self.is_async = isinstance(function, ast.AsyncFunctionDef)
        self.parameters = [one.arg for one in function.args.args]
        defaults = function.args.defaults
        self.defaults = dict(zip(self.parameters[-len(defaults) :], defaults)) if defaults else {}
        self.body = _one_return(copy.deepcopy(function.body))
        names = {name for one in function.body for name in stored_names(one)}
        self.locals = (names | local_names(function)) - set(self.parameters)
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
        self.acts = any(_acts(node) for node in inner)
        returns = [n for one in self.body for n in ast.walk(one) if isinstance(n, ast.Return)]
        self.last = self.body[-1].value if isinstance(self.body[-1], ast.Return) else None
        self.is_expression = self.last is not None and len(self.body) == 1
        self.is_straight = len(returns) == (self.last is not None)
        self.count = 0

    def into(self, caller):
        before = self.count
        inner = list(ast.walk(caller))
        if not any(self.name in (getattr(n, "id", ""), getattr(n, "attr", "")) for n in inner):
            return
        self.own = {name for one in caller.body for name in stored_names(one)} | local_names(
            caller
        )
        self.taken = self.own | {node.id for node in inner if isinstance(node, ast.Name)}
        self.caller = caller.name
        caller.body = self._block(caller.body)
        if self.is_expression:
            self.visit(caller)
        if self.count > before:
            caller.within = [*getattr(caller, "within", ()), *self.origins]

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
        before, made = self._written(call, is_statement=False)
        assert not before
        return made[-1].value

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
        if isinstance(node, ast.Return):
            before, body = self._written(call)
            if not isinstance(body[-1], ast.Return):
                body.append(ast.Return(None))
            return before + body
        before, body = self._written(call)
        if isinstance(node, ast.Expr):
            return before + _tails(body, _for_its_effect, self.name)
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
        if given and any(_is_super(node) for node in ast.walk(given[0])):
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
            is_quiet = not self.acts and not any(_acts(n) for g in self.given for n in ast.walk(g))
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
        sure = _in_order(self.body[-1].value, met, odd, self.globals)
        moves = any(_acts(node) for name in odd for node in ast.walk(values[name]))
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


def _acts(node):
    """Whether a node may run code that changes something."""
    return isinstance(node, (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr))


def _in_order(node, met, odd, stable):
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
    sure = all([_in_order(one, met, odd, stable) for one in parts])
    if isinstance(node, (ast.Call, ast.Await)):
        met.append("!")
    elif isinstance(node, (ast.Attribute, ast.Subscript)):
        if getattr(node.value, "id", None) not in stable:
            met.append("?")
    for one in perhaps:
        if any(isinstance(n, ast.Name) and n.id in odd for n in ast.walk(one)):
            sure = False
        _in_order(one, met, odd, stable)
    return sure


def _for_its_effect(value):
    """The statements for a returned value that is not used: only its side effects."""
    if value is None or isinstance(value, (ast.Constant, ast.Name)):
        return []
    return [ast.Expr(value)]


def _tails(body, made, name):
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
    """Turn `if a: return b` and a last `return c` into one return."""
    while len(body) > 1 and isinstance(body[-1], ast.Return):
        test = body[-2]
        if not isinstance(test, ast.If) or test.orelse or len(test.body) != 1:
            break
        if not isinstance(test.body[0], ast.Return) or test.body[0].value is None:
            break
        body = body[:-2] + [ast.Return(ast.IfExp(test.test, test.body[0].value, body[-1].value))]
    return body
