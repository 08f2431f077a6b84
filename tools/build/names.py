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

from .scopes import NAMELESS, BuildError, all_names

# From "static_qstr_list" in MicroPython's py/makeqstrdata.py. Names with a special meaning are
# left out: for classes (`__init__`), for code that asks what an object can do (`send`, `items`,
# `throw`), or for the language itself.
STATIC = (
    "append args clear copy count end endswith extend find format from_bytes get id index insert "
    "isalpha isdigit islower isspace isupper join key keys little lower lstrip main pop popitem "
    "read readinto readline remove replace reverse rfind rindex round rsplit rstrip sep "
    "setdefault sort split start startswith step stop strip to_bytes update upper value values "
    "write bytecode const micropython locals globals "
    "abs all any bin bool callable chr classmethod dict dir divmod eval exec getattr hasattr hash "
    "int isinstance issubclass iter len list map next object open ord pow print range repr set "
    "setattr sorted staticmethod str sum super tuple type zip"
).split()

# Attributes of objects that are not ours: Python's types, and MicroPython's modules. It is a fixed
# list, so that every Python and every system builds the same bytes.
FOREIGN = set(
    """
    AF_INET AF_INET6 AF_UNIX AI_NUMERICHOST BytesIO CancelledError EBADF EWOULDBLOCK Event IOBase
    IOQueue IPPROTO_TCP IP_ADD_MEMBERSHIP IP_DROP_MEMBERSHIP Lock Loop MSG_DONTROUTE MSG_DONTWAIT
    MSG_PEEK POLLERR POLLHUP POLLIN POLLOUT SOCK_DGRAM SOCK_RAW SOCK_STREAM SOL_SOCKET
    SO_BROADCAST SO_ERROR SO_KEEPALIVE SO_LINGER SO_REUSEADDR SingletonGenerator StreamReader
    StreamWriter StringIO TCP_NODELAY Task TaskQueue ThreadSafeFlag TimeoutError VfsFat VfsLfs1
    VfsLfs2 VfsPosix _io_queue _task_queue accept acquire add add_done_callback add_note append
    args argv as_integer_ratio atexit b2a_base64 bind bit_count bit_length byteorder c_contiguous
    cancel cancelled cancelling capitalize casefold cast center characters_written chdir
    check_hostname clear clock close closed collect conjugate connect connect_ex contiguous copy
    core count create_task cur_task current_task decode denominator detach difference
    difference_update digest discard done dup encode encoding endswith errno error errors event
    exc_info exception executable exit expandtabs extend f_contiguous family filename filename2
    fileno find flush format format_map from_bytes fromhex fromkeys gather get get_coro
    get_event_loop get_inheritable get_loop get_name get_running_loop get_stack getaddrinfo
    getblocking getbuffer getcwd getenv getpeername getsockname getsockopt gettimeout getvalue
    gmtime hex ilistdir imag implementation index inet_ntop inet_pton insert intersection
    intersection_update io ioctl ipoll is_integer is_set isalnum isalpha isascii isatty isdecimal
    isdigit isdisjoint isidentifier islower isnumeric isprintable isspace issubset issuperset
    istitle isupper items itemsize join keys line_buffering listdir listen ljust load_cert_chain
    load_verify_locations localtime lock locked lower lstrip makefile maketrans maxsize mem_free
    mkdir mktime modify modules monotonic monotonic_ns mount name native nbytes ndim
    new_event_loop newlines numerator obj open open_connection os partition path peek platform
    poll pop popitem print_exception print_stack proto ps1 ps2 push putenv queue_read queue_write
    read read1 readable readinto readinto1 readline readlines readonly real recv recv_into
    recvfrom recvfrom_into recvmsg recvmsg_into register release remove remove_done_callback
    removeprefix removesuffix rename replace result reverse rfind rindex rjust rmdir rpartition
    rsplit rstrip run run_until_complete seek seekable select send sendall sendfile sendmsg
    sendmsg_afalg sendto sep set set_exception set_inheritable set_name set_result setblocking
    setdefault setsockopt settimeout sha1 shape shutdown sleep sleep_ms sleep_us sockaddr socket
    soft sort split splitlines start_server startswith stat statvfs stderr stdin stdout stream
    strerror strides strip struct_time suboffsets swapcase symmetric_difference
    symmetric_difference_update sys system tell throw ticks ticks_add ticks_cpu ticks_diff
    ticks_ms ticks_us time time_ns timeout title to_bytes tobytes tolist toreadonly translate
    truncate type umount uname uncancel union unlink unregister unsetenv update upper urandom
    values verify_mode version version_info wait wait_for wait_for_ms with_traceback wrap_socket
    writable write writelines zfill
    """.split()
)


def rename(tree, others, parts, public, free, held=()):
    """Rename in place. `others`, `parts`: trees of the files that this file must fit; a part only
    uses private names of its own objects. `public`: names of classes and of the file that
    applications may use; `free`: classes that they may subclass; `held`: names that other files
    give to attributes of this file's objects.
    """
    keywords = keywords_of([tree, *others, *parts])
    kept = names_used(others) | names_used(parts, True) | keywords
    texts = texts_of(tree)
    kept |= public | texts | FOREIGN
    for node in _inner_functions(tree, free):
        if node.name not in public:
            # A text may name a parameter too: `f(**mapping)`.
            _rename_parameters(node, keywords | texts)
    # Two functions of a file must not have the same name, so that a traceback is clear.
    functions = {node.name for node in all_functions(tree)}
    owned = {id(n) for owner in _owners(tree) for n in owner.body}
    taken = {
        node.name
        for node in all_functions(tree)
        if node.name in kept or node.name.startswith("__") or id(node) not in owned
    }
    fresh = _fresh()
    _rename_attributes(tree, kept, free, functions, taken, fresh, held)
    _rename_globals(tree, kept, functions, taken, fresh)
    _part(tree, fresh)
    _number(tree)


def _number(tree):
    """The names of a file are numbered in the order in which they come. A number below 128 takes a
    byte less at each use. So the most used names come first, in a line that never runs.
    """
    count = collections.Counter(n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute))
    for scope in ast.walk(tree):
        if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
            own = all_names(scope)
            names = [n.id for n in ast.walk(scope) if isinstance(n, ast.Name)]
            count.update(name for name in names if name not in own)
    if len(count) > 128:
        most = [name for name, _ in sorted(count.items(), key=lambda one: (-one[1], one[0]))]
        text = "import sys\nif sys is None:\n    sys." + ".".join(most[:100])
        tree.body[:0] = ast.parse(text).body


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
        if type(node) in NAMELESS and hasattr(node, "origin"):
            may_be = found.setdefault(NAMELESS[type(node)], [])
            if node.origin not in may_be:
                may_be.append(node.origin)
    return found


def all_functions(tree):
    """All that a traceback may name: functions, and the bodies of classes."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def _owners(tree):
    return [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]


def names_used(trees, are_parts=False):
    """Names by which other files may use something of this one. Names that a part's class uses on
    its `self` are not counted.
    """
    found = set()
    for tree in trees:
        made = {node.name for node in tree.body if isinstance(node, ast.ClassDef)} | _PLAIN
        own = {
            id(node)
            for one in tree.body
            if are_parts and isinstance(one, ast.ClassDef) and not _bases(one) - made
            for node in ast.walk(one)
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) == "self"
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and id(node) not in own:
                found.add(node.attr)
            elif isinstance(node, ast.alias):
                found |= {node.name, node.asname}
        found |= texts_of(tree)
    return found | keywords_of(trees)


_PLAIN = {"object", "Exception", "OSError", "ValueError", "TypeError"}


def _bases(node):
    """The names of a class's bases. If a base is not a plain name, its text."""
    return {ast.unparse(base) for base in node.bases}


def texts_of(tree):
    """Names in the texts of the code, as in getattr(one, "phase")."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def keywords_of(trees):
    return {
        node.arg
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg
    }


def _inner_functions(tree, free):
    """Functions and methods whose parameters are not passed by keyword from outside."""
    found = functions_of(tree)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for one in functions_of(node):
                if not one.name.startswith("__") or node.name not in free:
                    found.append(one)
    return found


def functions_of(tree):
    return [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]


# Attributes.


def _rename_attributes(tree, kept, free, functions, taken_functions, fresh, held):
    # Class -> the attributes that it defines.
    groups = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            groups[node.name] = _made_by(node)
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
        if isinstance(node, ast.ClassDef) and _bases(node) - {*groups, "object"}:
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


def _made_by(node):
    return _stored(node) | _class_names(node)


def _class_names(node):
    """The names that a class's body defines."""
    found = set()
    for one in node.body:
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(one.name)
        else:
            names = [n for n in ast.walk(one) if isinstance(n, ast.Name)]
            found |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
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


def _rename_in_class(node, new, names):
    """Rename in a class's body. `names` are the names that it defines. A name that it uses there
    (an alias, a setter's property) is one of them.
    """
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        node.name = new.get(node.name, node.name)
    for one in _in_class(node):
        for name in ast.walk(one):
            if isinstance(name, ast.Name) and name.id in names:
                name.id = new.get(name.id, name.id)


def _in_class(node):
    """The nodes of a statement in a class's body that run in that body."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
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
    # Names that a local variable hides somewhere keep their names.
    hidden = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
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
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            node.name = new.get(node.name, node.name)


def _part(tree, fresh):
    """Give functions with the same name different names. Their class keeps the old name as an
    alias.
    """
    seen = set()
    for owner in _owners(tree):
        for node in list(owner.body):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
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
