"""Finds what joining would change in silence: names that mean something else in one namespace than
they meant in several, and names that mean nothing any more.
"""

import ast
import builtins
import symtable

# Python's, and what boards have besides: in viper code, and in every module.
_GIVEN = {*dir(builtins), "micropython", "ptr8", "ptr16", "ptr32", "__name__", "__file__"}
_GIVEN |= {"__path__", "__version__"}


def free_names(tree):
    """The names that a module uses and does not make: Python's, if all is well."""
    table = symtable.symtable(ast.unparse(tree), "module", "exec")
    made, used = set(), set()
    _read(table, made, used)
    return used - made


def undefined(tree):
    """The names of a file that nobody has, sorted."""
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
