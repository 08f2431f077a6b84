"""Finds names that joining would break without an error: names that mean something else in one
namespace than in several, and names that are no longer defined.
"""

import ast
import builtins
import symtable

from .errors import BuildError
from .scopes import stored_names

# Python's names, and the ones that boards have too, in viper code and in every module.
_GIVEN = {*dir(builtins), "micropython", "ptr8", "ptr16", "ptr32", "__name__", "__file__"}
_GIVEN |= {"__path__", "__version__"}
# Names that each module has, or imports from `micropython`.
_EVERYWHERE = {"const", "__name__"}


def check_free(trees):
    """Raise a BuildError if a module of one file ({module: its tree}) defines a name that another
    one uses as a builtin of Python.
    """
    free = {name: _free_names(tree) for name, tree in trees.items()}
    for name, tree in trees.items():
        for node in tree.body:
            for one in stored_names(node):
                for other in free:
                    if one in free[other] and other != name and one not in _EVERYWHERE:
                        raise BuildError(
                            f"{one} is in {name}, and {other} means Python's, or nothing, by "
                            "it; they become one file: call the former otherwise"
                        )


def check_defined(file, tree):
    """Raise a BuildError if a built file uses undefined names."""
    names = sorted(_free_names(tree) - _GIVEN)
    if names:
        raise BuildError(f"the file {file} uses {', '.join(names)}, which is nowhere in it")


def _free_names(tree):
    """The names that a module uses but does not define. They should all be Python's."""
    table = symtable.symtable(ast.unparse(tree), "module", "exec")
    made, used = set(), set()
    _read(table, made, used)
    return used - made


def _read(table, made, used):
    is_module = table.get_type() == "module"
    for one in table.get_symbols():
        name = one.get_name()
        if is_module or one.is_declared_global():
            if one.is_assigned() or one.is_imported() or one.is_namespace():
                made.add(name)
        if one.is_referenced() and (is_module or one.is_global()):
            used.add(name)
    for child in table.get_children():
        _read(child, made, used)
