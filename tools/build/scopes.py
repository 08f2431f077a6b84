"""Says which names a scope of Python defines: a file, a class or a function."""

import ast

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Expressions that are a scope of their own, and what a traceback calls them.
NAMELESS = {
    ast.Lambda: "<lambda>",
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}


def owners(tree):
    """All that has functions: the file, and the classes at its top level."""
    return [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]


def functions_of(owner):
    """The functions in the body of a file or of a class."""
    return [node for node in owner.body if isinstance(node, FUNCTIONS)]


def local_names(function):
    """Parameters, and names that a function assigns. Imports are not counted."""
    arguments = function.args
    found = {a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs}
    found |= {a.arg for a in (arguments.vararg, arguments.kwarg) if a is not None}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def own_names(function):
    """All local names of a function, including its imports."""
    return local_names(function) | {name for one in function.body for name in stored_names(one)}


def all_names(function):
    """All local names of a function, including its imports, the parameters of functions in it, and
    names that it declares.
    """
    found = local_names(function)
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            found |= set(node.names)
        elif node is not function and isinstance(node, FUNCTIONS):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {a.asname or a.name for a in node.names}
    return found


def stored_names(node):
    """The names that a statement defines in its own scope, including imports."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return [node.name]
    found = []
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        found.append(node.id)
    elif isinstance(node, ast.alias):
        found.append((node.asname or node.name).partition(".")[0])
    elif isinstance(node, ast.ExceptHandler) and node.name:
        found.append(node.name)
    for one in ast.iter_child_nodes(node):
        if type(one) not in NAMELESS:
            found += stored_names(one)
    return found
