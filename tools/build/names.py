"""Replaces internal names by names that cost nothing.

A name costs a board about 13 bytes of flash in each file, and 24 to 35 of RAM. About 110 names are
in every MicroPython, so a file does not have to store them: `append`, `count`, `update` ... In the
compiled form a name that only one file uses becomes one of these, if no name of the same class or
namespace is the same. On a class that applications may subclass, an internal name becomes `_0`,
`_1` ...: these are short, and applications do not use them.

These names stay: all that another file, a part or an application may use; keywords; names in texts
of the code (`getattr`); attributes that objects of Python have too.
"""

import ast
import builtins
import collections
import string

from .origins import all_functions
from .python_names import FOREIGN, STATIC
from .scopes import FUNCTIONS, all_names, functions_of, owners
from .uses import bases_of, keywords_of, of_self, texts_of


def rename(tree, used, keywords, public, free, held=()):
    """Rename in place. `used`: names by which other files may use something of this one;
    `keywords`: those of their calls; `public`: names of classes and of the file that applications
    may use; `free`: classes that they may subclass; `held`: names that other files give to
    attributes of this file's objects.
    """
    keywords = keywords | keywords_of(tree)
    texts = texts_of(tree)
    kept = used | keywords | public | texts | FOREIGN
    for node in _inner_functions(tree, free):
        if node.name not in public:
            # A text may name a parameter too: `f(**mapping)`.
            _rename_parameters(node, keywords | texts)
    # Two functions of a file must not have the same name, so that a traceback is clear.
    functions = {node.name for node in all_functions(tree)}
    owned = {id(n) for owner in owners(tree) for n in owner.body}
    taken = {
        node.name
        for node in all_functions(tree)
        if node.name in kept or node.name.startswith("__") or id(node) not in owned
    }
    fresh = _fresh()
    _rename_attributes(tree, kept, free, functions, taken, fresh, held)
    _rename_globals(tree, kept, functions, taken, fresh)
    _part(tree, fresh)


def _inner_functions(tree, free):
    """Functions and methods whose parameters are not passed by keyword from outside."""
    return [
        node
        for owner in owners(tree)
        for node in functions_of(owner)
        if not (node.name.startswith("__") and getattr(owner, "name", None) in free)
    ]


# Attributes.


def _rename_attributes(tree, kept, free, functions, taken_functions, fresh, held):
    # Class -> the attributes that it defines.
    groups = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            groups[node.name] = _stored(node) | _class_names(node)
    # A class and its bases share a namespace. So do the functions `f(self, ...)` of a socket.
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                if getattr(base, "id", None) in groups:
                    groups[base.id] |= groups[node.name]
                    groups[node.name] = groups[base.id]
    sockets = set().union(*(groups[name] for name in free if name in groups))
    for function in functions_of(tree):
        if function.args.args and function.args.args[0].arg == "self":
            # A method in another file than its class. It sets attributes of the object, which the
            # file of the class may rename differently.
            if sockets:
                sockets |= _stored(function)
            else:
                kept = kept | _stored(function)
    strange = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and bases_of(node) - {*groups, "object"}:
            strange |= groups[node.name]
    count = collections.Counter(n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute))
    own = set().union(*groups.values(), sockets)
    wanted = sorted(
        (name for name in own if name not in kept and not name.startswith("__")),
        key=lambda name: (name not in sockets, -count[name], name),
    )
    new = {}
    taken = [(names, set(names)) for names in {id(g): g for g in groups.values()}.values()]
    taken.append((sockets, set(sockets)))
    ours = []
    for name in wanted:
        if name in sockets or name in strange:
            # An application, or a class of another library, may have names there that are unknown
            # here.
            new[name] = next(fresh)
            ours.append(new[name])
            if name in functions:
                taken_functions.add(new[name])
            continue
        hers = [used for names, used in taken if name in names]
        # A name that is already in the file costs nothing.
        for candidate in [*ours, *STATIC]:
            if name in functions and candidate in taken_functions:
                continue
            if candidate not in held and not any(candidate in used for used in hers):
                break
        else:
            candidate = next(fresh)
        new[name] = candidate
        for used in hers:
            used.add(candidate)
        if name in functions:
            taken_functions.add(candidate)
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in new:
            if getattr(node.value, "id", None) in modules:
                continue
            node.attr = new[node.attr]
        elif isinstance(node, ast.ClassDef):
            names = _class_names(node)
            for one in node.body:
                _rename_in_class(one, new, names)


def _class_names(node):
    """The names that a class's body defines."""
    found = set()
    for one in node.body:
        if isinstance(one, (*FUNCTIONS, ast.ClassDef)):
            found.add(one.name)
        else:
            names = [n for n in ast.walk(one) if isinstance(n, ast.Name)]
            found |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
    return found


def _stored(node):
    """The attributes that a class or function sets on its `self`."""
    return {one.attr for one in of_self(node) if isinstance(one.ctx, ast.Store)}


def _rename_in_class(node, new, names):
    """Rename in a class's body. `names` are the names that it defines. A name that it uses there
    (an alias, a setter's property) is one of them.
    """
    if isinstance(node, FUNCTIONS):
        node.name = new.get(node.name, node.name)
    for one in _in_class(node):
        for name in ast.walk(one):
            if isinstance(name, ast.Name) and name.id in names:
                name.id = new.get(name.id, name.id)


def _in_class(node):
    """The nodes of a statement in a class's body that run in that body."""
    if not isinstance(node, FUNCTIONS):
        return [node]
    found = [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults]
    return [one for one in found if one is not None]


def _fresh():
    """`_0`, `_1` ... `_00`: names that no other code uses."""
    digits = string.digits + string.ascii_letters
    yield from ("_" + one for one in digits)
    yield from ("_" + one + other for one in digits for other in digits)


# Names of the file.


def _rename_globals(tree, kept, functions, taken, fresh):
    own = set()
    for node in tree.body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            own.add(node.name)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                own |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    used |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    used |= {
        a.asname or a.name
        for n in ast.walk(tree)
        if isinstance(n, (ast.Import, ast.ImportFrom))
        for a in n.names
    }
    count = collections.Counter(n.id for n in ast.walk(tree) if isinstance(n, ast.Name))
    free = [name for name in STATIC if name not in used and not hasattr(builtins, name)]
    new = {}
    # Names that a local variable hides somewhere keep their names.
    hidden = set()
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            hidden |= all_names(node)
        elif isinstance(node, ast.ClassDef):
            hidden |= _class_names(node) & {
                one.id
                for part in node.body
                for inside in _in_class(part)
                for one in ast.walk(inside)
                if isinstance(one, ast.Name)
            }
        elif isinstance(node, ast.Lambda):
            hidden |= {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
    for name in sorted(own, key=lambda name: (-count[name], name)):
        if name in kept or name in hidden or name.startswith("__"):
            continue
        for candidate in free:
            if name not in functions or candidate not in taken:
                free.remove(candidate)
                break
        else:
            candidate = next(fresh)
        new[name] = candidate
        if name in functions:
            taken.add(candidate)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = new.get(node.id, node.id)
    for node in tree.body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            node.name = new.get(node.name, node.name)


def _part(tree, fresh):
    """Give functions with the same name different names. Their class keeps the old name as an
    alias.
    """
    seen = set()
    for owner in owners(tree):
        for node in functions_of(owner):
            if node.name not in seen:
                seen.add(node.name)
                continue
            old = node.name
            node.name = next(fresh)
            at = owner.body.index(node) + 1
            owner.body.insert(at, ast.parse(f"{old} = {node.name}").body[0])


# Parameters that are never passed by keyword.

_PARAMETERS = (
    "end key value start step stop sep index id args count find insert join keys lower "
    "remove".split()
)


def _rename_parameters(function, kept):
    used = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)} | all_names(function)
    free = [name for name in _PARAMETERS if name not in used]
    new = {}
    for one in function.args.args:
        if one.arg == "self" or one.arg in kept or one.arg in STATIC:
            continue
        if free:
            new[one.arg] = free.pop(0)
    if not new:
        return
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            node.id = new.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = new.get(node.arg, node.arg)
        elif isinstance(node, ast.ExceptHandler):
            node.name = new.get(node.name, node.name)
        elif isinstance(node, ast.Nonlocal):
            node.names = [new.get(name, name) for name in node.names]
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                local = alias.asname or alias.name
                alias.asname = new.get(local, alias.asname)
