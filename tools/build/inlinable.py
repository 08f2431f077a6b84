"""Checks that a function may be written in where it is called: that it means the same there, and
that nobody misses it.
"""

import ast

from .errors import BuildError
from .python_names import FOREIGN
from .scopes import FUNCTIONS
from .uses import of_self, texts_of

_NEVER = (
    *(ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom, ast.Lambda, ast.GeneratorExp),
    *(*FUNCTIONS, ast.ClassDef),
)


class Outside:
    """What names its functions outside of a file, or in a text."""

    def __init__(self, tree, others):
        self.used = set().union(*(_used_of_others(other) for other in others))
        self.imported = set()
        for node in (node for other in others for node in ast.walk(other)):
            if isinstance(node, ast.alias):
                self.imported |= {node.name, node.asname}
        self.texts = set().union(*(texts_of(one) for one in [tree, *others]))


def check(owner, function, outside, public):
    """Raise a BuildError if the function, of this class or file, can't be written in. `public`:
    names that applications use.
    """
    name = function.name
    arguments = function.args
    inner = [node for one in function.body for node in ast.walk(one)]
    found = [type(node).__name__ for node in inner if isinstance(node, _NEVER)]
    parameters = [one.arg for one in arguments.args]
    imported = [
        alias.asname or alias.name
        for node in inner
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    ]
    is_method = isinstance(owner, ast.ClassDef)
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
    elif any(is_super(node) for node in inner):
        reason = "uses super()"
    elif is_method and (not parameters or parameters[0] != "self"):
        reason = "is no method of an object"
    elif is_method and name in FOREIGN - {"closed"}:
        reason = "has the name of a method of Python's objects"
    elif is_method and name in public and owner.name in public:
        reason = "is public"
    elif name in outside.texts:
        reason = f'may be meant by the text "{name}"'
    elif is_method and name in outside.used:
        reason = "is used in another file"
    elif name in outside.imported:
        reason = "is imported by another file"
    else:
        return
    raise BuildError(f"{name} {reason}: it can't be written in, take it out of INLINE")


def is_super(node):
    return isinstance(node, ast.Name) and node.id == "super"


def _used_of_others(tree):
    """Attributes that a file uses, except those that its own classes make and use on `self`."""
    own = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            uses = of_self(node)
            made = {getattr(one, "name", None) for one in node.body}
            made |= {one.attr for one in uses if isinstance(one.ctx, ast.Store)}
            own |= {id(one) for one in uses if one.attr in made}
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {node.attr for node in attributes if id(node) not in own}
