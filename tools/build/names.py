"""Gives internal names those that cost nothing.

A name costs a board some 13 bytes of flash in each file and 24 to 35 of RAM. Some 110 names are in
every MicroPython, so that a file need not carry them: `append`, `count`, `update` ... What only
one file uses is called like one of those in the compiled form, where no name of the same class,
or the same namespace, is in the way. On a class that applications may subclass an internal name is
`_0`, `_1` ...: nobody gives an attribute such a name, and they are short.

What stays as it is: all that another file, a part or an application may name; keywords; what a
text in the code may name (`getattr`); attributes that objects of Python have as well.
"""

import ast
import asyncio
import builtins
import collections
import io
import os
import select
import socket
import string
import sys
import time

# Of MicroPython's py/makeqstrdata.py, "static_qstr_list", but for those with a meaning of their
# own: to classes (`__init__`), to what asks an object what it can do (`send`, `items`, `throw`), or
# as a name of the language's own.
STATIC = (
    "append args clear copy count end endswith extend find format from_bytes get id index insert "
    "isalpha isdigit islower isspace isupper join key keys little lower lstrip main pop popitem "
    "read readinto readline remove replace reverse rfind rindex round rsplit rstrip sep setdefault "
    "sort split start startswith step stop strip to_bytes update upper value values write "
    "bytecode const micropython locals globals "
    "abs all any bin bool callable chr classmethod dict dir divmod eval exec getattr hasattr hash "
    "int isinstance issubclass iter len list map next object open ord pow print range repr set "
    "setattr sorted staticmethod str sum super tuple type zip"
).split()

_FOREIGN = {  # attributes of the objects that we use and have not made
    name
    for one in (
        dict, list, str, bytes, bytearray, memoryview, int, set, float, tuple, Exception, OSError,
        socket.socket, socket, asyncio.Event, asyncio.Task, asyncio, select, time, sys, os,
        io.StringIO, io.BytesIO,
    )
    for name in dir(one)
} | set(
    "register unregister poll modify ipoll sockaddr queue_write queue_read _io_queue _task_queue "
    "core cur_task b2a_base64 sha1 ticks_ms sleep_ms current_task print_exception readinto write "
    "digest collect urandom errno wrap_socket setblocking push peek remove done cancel mem_free "
    "load_verify_locations load_cert_chain verify_mode check_hostname native soft".split()
)  # fmt: skip


def rename(tree, others, parts, public, free):
    """Rename in place. `others`, `parts`: trees of all that this file must fit; parts have objects
    of their own alone. `public`: names that applications may use, of classes and of the file;
    `free`: classes that they may subclass.
    """
    keywords = _keywords([tree, *others, *parts])
    kept = _names_used(others) | _names_used(parts, True) | keywords
    texts = _texts(tree)
    kept |= public | texts | _FOREIGN
    for node in _inner_functions(tree, free):
        if node.name not in public:
            # A text may name one as well: `f(**mapping)`.
            _rename_parameters(node, keywords | texts)
    # No two functions of a file may have one name, so that a traceback is clear.
    functions = {node.name for node in _all_functions(tree)}
    taken = {name for name in functions if name in kept or name.startswith("__")}
    fresh = _fresh()
    _rename_attributes(tree, kept, free, functions, taken, fresh)
    _rename_globals(tree, kept, functions, taken, fresh)
    _part(tree, fresh)
    _number(tree)


def _number(tree):
    """A file's names are numbered as they come, and one below 128 takes a byte less wherever it
    stands. So the most used come first, in a line that never runs.
    """
    count = collections.Counter(n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute))
    for scope in ast.walk(tree):
        if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
            own = _locals(scope)
            names = [n.id for n in ast.walk(scope) if isinstance(n, ast.Name)]
            count.update(name for name in names if name not in own)
    if len(count) > 128:
        most = [name for name, _ in sorted(count.items(), key=lambda one: (-one[1], one[0]))]
        text = "import sys\nif sys is None:\n    sys." + ".".join(most[:100])
        tree.body[:0] = ast.parse(text).body


def origins(tree):
    """{name of a function: [where it comes from, and what was written into it]}, for a file."""
    return {
        node.name: [node.origin, *sorted(set(getattr(node, "within", ())))]
        for node in _all_functions(tree)
        if hasattr(node, "origin")
    }


def _all_functions(tree):
    return [
        node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def _names_used(trees, are_parts=False):
    """Names by which other files may mean something of this one. What a part's class says to its
    `self` is its own affair.
    """
    found = set()
    for tree in trees:
        own = {
            id(node)
            for one in tree.body
            if are_parts and isinstance(one, ast.ClassDef)
            for node in ast.walk(one)
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) == "self"
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and id(node) not in own:
                found.add(node.attr)
            elif isinstance(node, ast.alias):
                found |= {node.name, node.asname}
        found |= _texts(tree)
    return found | _keywords(trees)


def _texts(tree):
    """What a text in the code may name, as in getattr(one, "phase")."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _keywords(trees):
    return {
        node.arg
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg
    }


def _inner_functions(tree, free):
    """Functions and methods whose parameters nobody outside gives by keyword."""
    found = _functions(tree)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for one in _functions(node):
                if not one.name.startswith("__") or node.name not in free:
                    found.append(one)
    return found


def _functions(tree):
    return [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]


# Attributes.


def _rename_attributes(tree, kept, free, functions, taken_functions, fresh):
    groups = {}  # class -> the attributes that it makes
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            groups[node.name] = _made_by(node)
    # A class, and those below it, share a namespace; so do functions `f(self, ...)` of a socket.
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                if getattr(base, "id", None) in groups:
                    groups[base.id] |= groups[node.name]
                    groups[node.name] = groups[base.id]
    sockets = set().union(*(groups[name] for name in free if name in groups))
    for function in _functions(tree):
        if function.args.args and function.args.args[0].arg == "self":
            # A method in a file of its own. What it sets is the object's, which the file of the
            # class may name otherwise.
            if sockets:
                sockets |= _stored(function)
            else:
                kept = kept | _stored(function)
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
        if name in sockets:
            new[name] = next(fresh)
            ours.append(new[name])
            if name in functions:
                taken_functions.add(new[name])
            continue
        hers = [used for names, used in taken if name in names]
        # A name that the file has already costs nothing more.
        for candidate in [*ours, *STATIC]:
            if name in functions and candidate in taken_functions:
                continue
            if not any(candidate in used for used in hers):
                break
        else:
            candidate = next(fresh)
        new[name] = candidate
        for used in hers:
            used.add(candidate)
        if name in functions:
            taken_functions.add(candidate)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in new and not _is_modules(node):
            node.attr = new[node.attr]
        elif isinstance(node, ast.ClassDef):
            for one in node.body:
                _rename_in_class(one, new)


_MODULES = {"asyncio", "binascii", "gc", "hashlib", "os", "select", "socket", "time", "sys", "io"}


def _is_modules(node):
    return isinstance(node.value, ast.Name) and node.value.id in _MODULES


def _made_by(node):
    found = _stored(node)
    for one in node.body:
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(one.name)
        elif isinstance(one, ast.Assign):
            found |= {target.id for target in one.targets if isinstance(target, ast.Name)}
    return found


def _stored(node):
    return {
        one.attr
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute)
        and isinstance(one.ctx, ast.Store)
        and isinstance(one.value, ast.Name)
        and one.value.id == "self"
    }


def _rename_in_class(node, new):
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        node.name = new.get(node.name, node.name)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                target.id = new.get(target.id, target.id)


def _fresh():
    """`_0`, `_1` ... `_00`: names that nobody else gives."""
    digits = string.digits + string.ascii_letters
    yield from ("_" + one for one in digits)
    yield from ("_" + one + other for one in digits for other in digits)


# Names of the file.


def _rename_globals(tree, kept, functions, taken, fresh):
    own = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
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
    # Not hidden by locals: those that are, keep their names.
    hidden = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            hidden |= _locals(node)
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
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            node.name = new.get(node.name, node.name)


def _part(tree, fresh):
    """Give those functions that still have the name of another one of their own; their class has
    them by the old name too.
    """
    seen = set()
    for owner in [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]:
        for node in list(owner.body):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            if node.name not in seen:
                seen.add(node.name)
                continue
            if node.decorator_list:
                continue  # the other half of a property
            old = node.name
            node.name = next(fresh)
            at = owner.body.index(node) + 1
            owner.body.insert(at, ast.parse(f"{old} = {node.name}").body[0])


def _locals(function):
    arguments = function.args
    found = {a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs}
    found |= {a.arg for a in (arguments.vararg, arguments.kwarg) if a is not None}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {a.asname or a.name for a in node.names}
    return found


# Parameters: the names of those that nobody gives by keyword.

_PARAMETERS = (
    "end key value start step stop sep index id args count find insert join keys lower remove".split()
)


def _rename_parameters(function, kept):
    used = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)} | _locals(function)
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
