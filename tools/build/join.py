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
import operator

from .check import free_names, undefined
from .flatten import flatten
from .scopes import NAMELESS, BuildError, local_names, stored_names


class Module:
    """One source module. Its name is dotted, relative to the package ("core.ring")."""

    def __init__(self, name, text):
        self.name = name
        self.tree = ast.parse(text)
        self.package = name.rpartition(".")[0]
        if name.endswith(".__init__"):
            self.name = self.package
        self.file = name.replace(".", "/") + ".py"
        self._mark(self.tree, self.file, "")
        self.constants = {}
        # All imports, also in functions: local name -> (module, name in it; None: the module).
        self.imports = {}
        # Local name -> all the things that it is imported as.
        self.meanings = {}

    def _mark(self, above_node, file, above):
        """Mark each function with the place where it comes from."""
        for node in ast.iter_child_nodes(above_node):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                node.origin = f"{file}, {above}{node.name}"
                self._mark(node, file, f"{above}{node.name}.")
            elif type(node) in NAMELESS:
                node.origin = f"{file}, {above}{NAMELESS[type(node)]}"
                self._mark(node, file, above)
            else:
                self._mark(node, file, above)

    def resolve(self, node):
        """The module that a relative import names, relative to the package."""
        parts = self.package.split(".") if self.package else []
        up = node.level - 1
        parts = parts[: len(parts) - up]
        return ".".join(parts + (node.module.split(".") if node.module else []))


class Program:
    """All modules of the library, and the files into which they go."""

    def __init__(self, texts, files, flat, platform="net.micropython"):
        """`texts`: {dotted name: source}; `files`: {file: [modules]}; `flat`: {name: [classes, the
        base first]}; `platform`: the module that is `net.platform` on these boards.
        """
        self.modules = {}
        for name, text in texts.items():
            module = Module(name, text)
            self.modules[module.name] = module
        self.files = files
        self.flat = flat
        self.platform = platform
        # Files that have been checked.
        self.checked = set()
        self.home = {module: file for file, names in files.items() for module in names}
        for name in self.home:
            if name not in self.modules:
                raise BuildError(f"{name} is in the build's table, and there is no such module")
        for module in self.modules.values():
            self._read_imports(module)
        # The sources choose the platform at run time. In the build it is known.
        self.modules["net"].imports["platform"] = (platform, None)
        for module in self.modules.values():
            self._read_constants(module)
        for module in self.modules.values():
            self._check_constants(module)

    # Imports and constants of the modules.

    def _target(self, module, node, alias):
        """What one name of a relative import means: (module, name in it or None)."""
        source = module.resolve(node)
        whole = f"{source}.{alias.name}" if source else alias.name
        if whole in self.modules:
            return whole, None
        if source == "net" and alias.name == "platform":
            return self.platform, None
        return source, alias.name

    def _read_imports(self, module):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                for alias in node.names:
                    if alias.name == "*":
                        raise BuildError(f"{module.name}: import names from {node.module}, not *")
                    target = self._target(module, node, alias)
                    local = alias.asname or alias.name
                    module.imports.setdefault(local, target)
                    module.meanings.setdefault(local, set()).add(target)

    def _read_constants(self, module):
        if module.constants:
            return
        for node in module.tree.body:
            if is_constant(node):
                value = node.value.args[0] if isinstance(node.value, ast.Call) else node.value
                if len(node.targets) > 1 or node.targets[0].id in module.constants:
                    raise BuildError(
                        f"{module.name}: {ast.unparse(node)}: a constant is made once"
                    )
                module.constants[node.targets[0].id] = self._value(module, value)

    def _check_constants(self, module):
        """Check that a constant's name always means the constant: its value replaces the name."""
        for name, targets in module.meanings.items():
            values = {self._imported_constant(target) for target in targets}
            if len(targets) > 1 and values != {None}:
                raise BuildError(f"{module.name} imports {name} from two modules: rename one")
            if name in module.constants and values != {None}:
                raise BuildError(f"{module.name} makes {name}, and imports it: rename one")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Global):
                named = [name for name in node.names if name in module.constants]
            elif isinstance(node, ast.ClassDef):
                # Functions in a class don't see the names of its body; the body itself does.
                plain = [one for one in node.body if not hasattr(one, "name")]
                stored = [name for one in plain for name in stored_names(one)]
                here = {n.id for one in plain for n in ast.walk(one) if _is_load(n)}
                named = [n for n in stored if n in here and self._is_constant(module, n)]
            else:
                continue
            if named:
                raise BuildError(f"{module.name}: {named[0]} is a constant, and is set: rename it")
        for node in module.tree.body:
            if not is_constant(node):
                for name in stored_names(node):
                    if name in module.constants:
                        raise BuildError(f"{module.name}: {name} is a constant, and is set again")

    def _is_constant(self, module, name):
        try:
            self.constant(module, name)
        except KeyError:
            return False
        return True

    def _imported_constant(self, target):
        source, name = target
        if name is None or source not in self.modules:
            return None
        try:
            return self.constant(self.modules[source], name)
        except KeyError:
            return None

    def _value(self, module, node):
        """The int value of a const()."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name) and self._is_constant(module, node.id):
            return self.constant(module, node.id)
        if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
            return eval_unary(node.op, self._value(module, node.operand))
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            left = self._value(module, node.left)
            return eval_binary(node.op, left, self._value(module, node.right))
        raise BuildError(f"{module.name}: const({ast.unparse(node)}) is not understood")

    def constant(self, module, name):
        """The value of the constant `name` in this module. KeyError if it is not a constant."""
        if name in module.imports:
            source, real = module.imports[name]
            if real is None or source not in self.modules:
                raise KeyError(name)
            home = self.modules[source]
            self._read_constants(home)
            if real in home.constants:
                return home.constants[real]
            return self.constant(home, real)
        return module.constants[name]

    def home_of(self, module, file):
        """The file with a module, as seen from `file`: a small module may be in two files."""
        return file if module in self.files[file] else self.home.get(module)

    def owner(self, source, name):
        """The module that defines a name which `source` imports and passes on."""
        module = self.modules.get(source)
        if module is not None and name in module.imports:
            further, real = module.imports[name]
            if real is not None and self.home.get(further) == self.home.get(source):
                return self.owner(further, real)
        return source, name

    # The joined file.

    def sources(self, file):
        """The source files of a file, in their order."""
        return [self.modules[name].file for name in self.files[file]]

    def join(self, file):
        """The tree of one file."""
        statements = []
        # Name at the top level -> its module.
        made = {}
        # Local name -> (level, module, name).
        imported = {}
        self._check_free(file)
        for name in self.files[file]:
            module = self.modules[name]
            for node in _Joiner(self, module, file).body():
                for one in defined(node):
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
        if self.platform in self.files[file]:
            statements += ast.parse("net = sys.modules[__name__]").body
        for one in made:
            if one in imported:
                raise BuildError(f"{one} is in {made[one]}, and imported as {imported[one]}")
        tree = ast.Module(merged(_needed(statements)), [])
        for name, chain in self.flat.items():
            flatten(tree, name, chain)
        return ast.fix_missing_locations(tree)

    def _check_free(self, file):
        """Check that no module defines a name that another one uses as a builtin of Python."""
        if file in self.checked:
            return
        self.checked.add(file)
        free = {name: free_names(self.modules[name].tree) for name in self.files[file]}
        for name in self.files[file]:
            for node in self.modules[name].tree.body:
                for one in stored_names(node):
                    for other in free:
                        if one in free[other] and other != name and one not in _EVERYWHERE:
                            raise BuildError(
                                f"{one} is in {name}, and {other} means Python's, or nothing, by "
                                "it; they become one file: call the former otherwise"
                            )


def _is_load(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


# Names that each module has, or imports from `micropython`.
_EVERYWHERE = {"const", "__name__"}


def checked(file, tree):
    """Raise a BuildError if a built file uses undefined names. Return the file."""
    names = undefined(tree)
    if names:
        raise BuildError(f"the file {file} uses {', '.join(names)}, which is nowhere in it")
    return tree


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
            if is_constant(node) or is_docstring(node):
                continue
            if self.module.name == "net" and defined(node) == ["platform"]:
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
        node.body = [one for one in node.body if not is_docstring(one)] or [ast.Pass()]
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        self.generic_visit(node)
        node.body = [one for one in node.body if not is_docstring(one)] or [ast.Pass()]
        return node

    def _is_local(self, name):
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
        source, name = self.program._target(self.module, node, alias)
        local = alias.asname or alias.name
        home = self.program.home_of(source, self.file)
        if name is None:
            if home == self.file:
                return []
            return self._import_module(node, source, home, local)
        if self._constant(local) is not None:
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

    def _import_module(self, node, source, home, local):
        if source == self.program.platform:
            return [ast.ImportFrom(home, [ast.alias("net")], 1)]
        raise BuildError(
            f"{self.module.name}: import names from {source}, not the module: files are joined"
        )

    def _constant(self, name):
        try:
            return self.program.constant(self.module, name)
        except KeyError:
            return None

    # Uses of names.

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load) and node.id not in self._inner_locals():
            value = self._constant(node.id)
            if value is not None:
                return literal(value)
        return node

    def _inner_locals(self):
        """Local names of the functions around, except those that an import there defines."""
        found = set()
        for names in self.locals:
            found |= names
        return found

    def visit_Attribute(self, node):
        base = node.value.id if isinstance(node.value, ast.Name) else None
        if base in self.module.imports and not self._is_local(base):
            source, name = self.module.imports[node.value.id]
            if name is None and self.program.home_of(source, self.file) == self.file:
                target, real = self.program.owner(source, node.attr)
                try:
                    value = self.program.constant(self.program.modules[source], node.attr)
                except KeyError:
                    value = None
                if not isinstance(node.ctx, ast.Load):
                    raise BuildError(
                        f"{self.module.name} sets {ast.unparse(node)}: let that module do it"
                    )
                if value is not None:
                    return literal(value)
                if self._is_local(real):
                    raise BuildError(
                        f"{self.module.name}: {node.value.id}.{real} beside a local {real}"
                    )
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


def is_docstring(node):
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


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


def eval_unary(op, value):
    return _UNARY[type(op)](value)


def eval_binary(op, left, right):
    return _BINARY[type(op)](left, right)


def literal(value):
    """A constant as syntax: a minus is an operator of its own, as in `(-1) ** 2`."""
    if isinstance(value, int) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def defined(node):
    """The names that a statement at the top level defines, except imports."""
    return [] if isinstance(node, (ast.Import, ast.ImportFrom)) else stored_names(node)


def merged(statements):
    """Join the imports of each module into one statement: Python's first, the others in place."""
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


def public_of(tree, classes):
    """The names without an underscore in these classes of a file."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name in classes:
            found |= {one.name for one in node.body if hasattr(one, "name")}
            for one in ast.walk(node):
                if isinstance(one, ast.Attribute) and getattr(one.value, "id", None) == "self":
                    found.add(one.attr)
                elif isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                    found.add(one.id)
    return {name for name in found if not name.startswith("_")}
