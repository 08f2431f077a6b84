"""Joins modules into one.

On a board each module costs its namespace, its tables and, in a littlefs, a block. Each imported
name costs a slot in two modules, and a constant that is imported exists as a name. Joining saves
all that. A joined file has the statements of its modules in the order of the table, in one
namespace. This needs some rules:

- names at the top level of two modules must differ; the build says where they don't;
- `from .net import platform as net` is no longer an import: `net.ticks_ms` becomes `ticks_ms`;
- `const` values are written where they are used, also in other files;
- the classes of an inheritance chain become one class (`FLAT`): a call through three is slow.
"""

import ast
import copy

from .check import check_free
from .constants import is_constant, literal
from .errors import BuildError
from .flatten import flatten
from .scopes import local_names, stored_names


def join(program, file):
    """The tree of one file."""
    statements = []
    # Name at the top level -> its module.
    made = {}
    # Local name -> (level, module, name).
    imported = {}
    check_free({name: program.modules[name].tree for name in program.files[file]})
    for name in program.files[file]:
        module = program.modules[name]
        for node in _Joiner(program, module, file).body():
            for one in _defined(node):
                if made.setdefault(one, name) != name:
                    raise BuildError(
                        f"{one} is in {made[one]} and in {name}, which become one file: "
                        "call one of them otherwise"
                    )
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                node.names = _unknown(imported, node)
                if not node.names:
                    continue
            statements.append(node)
    if program.platform in program.files[file]:
        statements += ast.parse("net = sys.modules[__name__]").body
    for one in made:
        if one in imported:
            raise BuildError(f"{one} is in {made[one]}, and imported as {imported[one]}")
    tree = ast.Module(_merged(_needed(statements)), [])
    for name, chain in program.flat.items():
        flatten(tree, name, chain)
    return ast.fix_missing_locations(tree)


def _unknown(imported, node):
    """The names of an import that the file does not have yet."""
    found = []
    for alias in node.names:
        local = alias.asname or alias.name
        source = (getattr(node, "level", 0), getattr(node, "module", None), alias.name)
        if local not in imported:
            imported[local] = source
            found.append(alias)
        elif imported[local] != source:
            raise BuildError(f"{local} is imported twice, as {imported[local]} and as {source}")
    return found


class _Joiner(ast.NodeTransformer):
    """Rewrites one module for its file."""

    def __init__(self, program, module, file):
        self.program = program
        self.module = module
        self.file = file
        # Local names of the functions around.
        self.locals = []

    def body(self):
        made = []
        for node in copy.deepcopy(self.module.tree).body:
            if is_constant(node) or _is_docstring(node):
                continue
            if self.module.name == "net" and _defined(node) == ["platform"]:
                continue
            new = self.visit(node)
            if new is not None:
                made.extend(new if isinstance(new, list) else [new])
        return made

    # Scopes.

    def visit_FunctionDef(self, node):
        self.locals.append(local_names(node))
        self.generic_visit(node)
        self.locals.pop()
        node.body = [one for one in node.body if not _is_docstring(one)] or [ast.Pass()]
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        self.generic_visit(node)
        node.body = [one for one in node.body if not _is_docstring(one)] or [ast.Pass()]
        return node

    def _is_local(self, name):
        """Whether a function around has a local of this name, which it does not import."""
        return any(name in names for names in self.locals)

    # Imports.

    def visit_Import(self, node):
        node.names = [alias for alias in node.names if alias.name != "micropython"]
        return node if node.names else None

    def visit_ImportFrom(self, node):
        if not node.level:
            return None if node.module == "micropython" else node
        made = []
        for alias in node.names:
            made.extend(self._import_one(node, alias))
        return made or None

    def _import_one(self, node, alias):
        source, name = self.program.target(self.module, node, alias)
        local = alias.asname or alias.name
        if name is None:
            home = self.program.home_of(source, self.file)
            if home == self.file:
                return []
            if source == self.program.platform:
                return [ast.ImportFrom(home, [ast.alias("net")], 1)]
            raise BuildError(
                f"{self.module.name}: import names from {source}, not the module: files are joined"
            )
        if self.program.constants.value(self.module, local) is not None:
            return []
        source, name = self.program.owner(source, name)
        home = self.program.home_of(source, self.file)
        if home == self.file:
            if self.locals and local in self.locals[-1]:
                raise BuildError(f"{self.module.name}: {local} is imported, and set: rename one")
            if local == name:
                return []
            raise BuildError(f"{self.module.name}: {name} as {local}: the file has it as {name}")
        module = home or source
        return [ast.ImportFrom(module, [ast.alias(name, local if local != name else None)], 1)]

    # Uses of names.

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load) and not self._is_local(node.id):
            value = self.program.constants.value(self.module, node.id)
            if value is not None:
                return literal(value)
        return node

    def visit_Attribute(self, node):
        base = node.value.id if isinstance(node.value, ast.Name) else None
        if base in self.module.imports and not self._is_local(base):
            source, name = self.module.imports[base]
            if name is None and self.program.home_of(source, self.file) == self.file:
                if not isinstance(node.ctx, ast.Load):
                    raise BuildError(
                        f"{self.module.name} sets {ast.unparse(node)}: let that module do it"
                    )
                value = self.program.constants.value(self.program.modules[source], node.attr)
                if value is not None:
                    return literal(value)
                _, real = self.program.owner(source, node.attr)
                if self._is_local(real):
                    raise BuildError(f"{self.module.name}: {base}.{real} beside a local {real}")
                return ast.Name(real, node.ctx)
        return self.generic_visit(node)

    def visit_If(self, node):
        """Leave out code for other platforms."""
        self.generic_visit(node)
        if _is_elsewhere(node.test):
            return node.orelse or None
        node.body = node.body or [ast.Pass()]
        return node

    def visit_Try(self, node):
        self.generic_visit(node)
        if not node.body:
            return node.orelse + node.finalbody or None
        return node


def _is_elsewhere(test):
    """Whether a condition tests for CPython."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(_is_elsewhere(one) for one in test.values)
    return ast.unparse(test) == "sys.implementation.name == 'cpython'"


def _is_docstring(node):
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _defined(node):
    """The names that a statement at the top level defines, except imports."""
    return [] if isinstance(node, (ast.Import, ast.ImportFrom)) else stored_names(node)


def _merged(statements):
    """Join the imports of each module into one statement, and put all of them first."""
    first = []
    by_module = {}
    rest = []
    for node in statements:
        if isinstance(node, ast.Import):
            first.append(node)
        elif isinstance(node, ast.ImportFrom):
            key = (node.level, node.module)
            if key in by_module:
                by_module[key].names += node.names
            else:
                by_module[key] = node
                first.append(node)
        elif isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise):
            # A part checks the library's version before it imports more of it.
            first.append(node)
        else:
            rest.append(node)
    return first + rest


def _needed(statements):
    """Leave out Python's modules that only code for other platforms used."""
    used = {n.id for one in statements for n in ast.walk(one) if isinstance(n, ast.Name)}
    return [
        node
        for node in statements
        if not isinstance(node, ast.Import)
        or any((alias.asname or alias.name) in used for alias in node.names)
    ]
