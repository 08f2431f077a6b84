"""Computes the constants of the modules. In a joined file the value of a constant is written where
its name is used, so the name must never mean anything else.
"""

import ast
import operator

from .errors import BuildError
from .scopes import stored_names

_UNARY = {ast.USub: operator.neg, ast.Invert: operator.invert}
_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.FloorDiv: operator.floordiv,
}


class Constants:
    """The constants of all modules, which know their imports."""

    def __init__(self, modules):
        self._modules = modules
        # Name of a module -> the constants that it makes: name -> value.
        self._made = {}
        for module in modules.values():
            self._made_by(module)
        for module in modules.values():
            self._check(module)

    def value(self, module, name):
        """What the name means in this module: a value, or None if it is not a constant."""
        if name in module.imports:
            return self._imported(module.imports[name])
        return self._made[module.name].get(name)

    def _imported(self, target):
        source, name = target
        if name is None or source not in self._modules:
            return None
        home = self._modules[source]
        made = self._made_by(home)
        return made[name] if name in made else self.value(home, name)

    def _made_by(self, module):
        if module.name in self._made:
            return self._made[module.name]
        made = self._made[module.name] = {}
        for node in module.tree.body:
            if is_constant(node):
                value = node.value.args[0] if isinstance(node.value, ast.Call) else node.value
                if len(node.targets) > 1 or node.targets[0].id in made:
                    raise BuildError(
                        f"{module.name}: {ast.unparse(node)}: a constant is made once"
                    )
                made[node.targets[0].id] = self._computed(module, value)
        return made

    def _computed(self, module, node):
        """The int value of a const()."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            value = self.value(module, node.id)
            if value is not None:
                return value
        if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
            return _UNARY[type(node.op)](self._computed(module, node.operand))
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            left = self._computed(module, node.left)
            return _BINARY[type(node.op)](left, self._computed(module, node.right))
        raise BuildError(f"{module.name}: const({ast.unparse(node)}) is not understood")

    def _check(self, module):
        """Check that a constant's name always means the constant."""
        made = self._made[module.name]
        for name, targets in module.meanings.items():
            values = {self._imported(target) for target in targets}
            if len(targets) > 1 and values != {None}:
                raise BuildError(f"{module.name} imports {name} from two modules: rename one")
            if name in made and values != {None}:
                raise BuildError(f"{module.name} makes {name}, and imports it: rename one")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Global):
                named = [name for name in node.names if name in made]
            elif isinstance(node, ast.ClassDef):
                # Functions in a class don't see the names of its body; the body itself does.
                plain = [one for one in node.body if not hasattr(one, "name")]
                stored = [name for one in plain for name in stored_names(one)]
                read = {n.id for one in plain for n in ast.walk(one) if _is_load(n)}
                named = [n for n in stored if n in read and self.value(module, n) is not None]
            else:
                continue
            if named:
                raise BuildError(f"{module.name}: {named[0]} is a constant, and is set: rename it")
        for node in module.tree.body:
            if not is_constant(node):
                for name in stored_names(node):
                    if name in made:
                        raise BuildError(f"{module.name}: {name} is a constant, and is set again")


def is_constant(node):
    """NAME = const(...), or NAME = an int."""
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return False
    value = node.value
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id == "const"
    if not node.targets[0].id.isupper():
        return False
    if isinstance(value, ast.BinOp):
        value = value.right
    return isinstance(value, ast.Constant) and isinstance(value.value, int)


def literal(value):
    """A constant as syntax: a minus is an operator of its own, as in `(-1) ** 2`."""
    if isinstance(value, int) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def _is_load(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
