"""The local names of a function, and the error of the build."""

import ast


class BuildError(Exception):
    """The sources can't be joined like this. The text says where, and what to do."""


# Nodes that have no name of their own in a traceback.
NAMELESS = {
    ast.Lambda: "<lambda>",
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}


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
        elif node is not function and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {a.asname or a.name for a in node.names}
    return found


def stored_names(node):
    """The names that a statement defines in its own scope, including imports."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    found = []
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        found.append(node.id)
    elif isinstance(node, ast.alias):
        found.append((node.asname or node.name).partition(".")[0])
    elif isinstance(node, ast.ExceptHandler) and node.name:
        found.append(node.name)
    for one in ast.iter_child_nodes(node):
        if not isinstance(
            one, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
        ):
            found += stored_names(one)
    return found
