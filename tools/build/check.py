"""Finds names that joining would break without an error: names that mean something else in one
namespace than in several, and names that are no longer defined.
"""

import ast
import builtins
import symtable

# Python's names, and the ones that boards have too, in viper code and in every module.
_GIVEN = {*dir(builtins), "micropython", "ptr8", "ptr16", "ptr32", "__name__", "__file__"}
_GIVEN |= {"__path__", "__version__"}


def free_names(tree):
    """The names that a module uses but does not define. They should all be Python's."""
    table = symtable.symtable(ast.unparse(tree), "module", "exec")
    made, used = set(), set()
    _read(table, made, used)
    return used - made


def undefined(tree):
    """The names in a file that are not defined anywhere, sorted."""
    return sorted(free_names(tree) - _GIVEN)


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
