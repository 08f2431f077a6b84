"""Keeps for each function of a joined file the place in the sources that it comes from."""

import ast

from .errors import BuildError
from .scopes import FUNCTIONS, NAMELESS


def mark(above_node, file, above=""):
    """Mark each function of a source file with its place."""
    for node in ast.iter_child_nodes(above_node):
        inside = above
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            node.origin = f"{file}, {above}{node.name}"
            inside = f"{above}{node.name}."
        elif type(node) in NAMELESS:
            node.origin = f"{file}, {above}{NAMELESS[type(node)]}"
        mark(node, file, inside)


def write_down(node, written):
    """Note on a function or class that the lines of another one are now in it."""
    within = getattr(written, "within", ())
    node.within = [*getattr(node, "within", ()), written.origin, *within]


def all_functions(tree):
    """All that a traceback may name: functions, and the bodies of classes."""
    return [node for node in ast.walk(tree) if isinstance(node, (*FUNCTIONS, ast.ClassDef))]


def origins(tree, files):
    """{name in a traceback: [where it comes from, and which functions were written into it]}, for
    a file that is made of these source files. "<lambda>" has a list of all that it may be.
    """
    found = {}
    for node in all_functions(tree):
        if node.name in found:
            raise BuildError(
                f"{node.name} is the name of {found[node.name][0]} and of {node.origin}: give one "
                "of them another, so that a traceback is clear"
            )
        found[node.name] = [node.origin, *sorted(set(getattr(node, "within", ())))]
    found["<module>"] = list(files)
    for node in ast.walk(tree):
        if type(node) in NAMELESS:
            may_be = found.setdefault(NAMELESS[type(node)], [])
            if node.origin not in may_be:
                may_be.append(node.origin)
    return found
