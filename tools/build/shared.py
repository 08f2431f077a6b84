"""New names that several files share.

`names` renames file by file, and must keep names that another file uses. Here such a name gets one
new name in all files: private names that the files of one part use on their object, and private
names that several files of the base use.
"""

import ast
import collections
import string

from .origins import all_functions
from .python_names import FOREIGN, STATIC
from .scopes import functions_of
from .uses import keywords_of, names_used, of_self, texts_of


def shared_names(trees):
    """{private attribute: its new name}, for the files of one part: attributes of `self` in its
    one class and in functions `f(self, ...)`. They get names of STATIC, the most used first, as
    long as there are any left. Attributes of other objects stay, and so do names in texts.
    """
    count = collections.Counter(node.attr for tree in trees for node in of_self(tree))
    used = {*count, *(node.name for tree in trees for node in all_functions(tree))}
    free = (name for name in STATIC if name not in used)
    kept = _fixed(trees)
    for tree in trees:
        ours = {id(node) for node in of_self(tree)}
        kept |= texts_of(tree)
        kept |= {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and id(node) not in ours
        }
    return dict(zip(_private(count, kept), free))


def common_names(trees, parts):
    """{private attribute: its new name}, for attributes that more than one file of the base uses:
    `_a_` and so on. Names that parts use stay, and so do names in texts.
    """
    kept = FOREIGN | _fixed(trees)
    for tree in parts:
        kept |= names_used(tree, True)
    count = collections.Counter()
    files = collections.Counter()
    for tree in trees:
        kept |= texts_of(tree) | keywords_of(tree)
        names = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        count.update(names)
        files.update(set(names))
        # A name at the top level of a module may be imported.
        kept |= {node.name for node in functions_of(tree)}
    common = [name for name in _private(count, kept) if files[name] > 1 and len(name) > 3]
    return {name: f"_{letter}_" for name, letter in zip(common, string.ascii_letters)}


def rename_shared(tree, new, of_all=False):
    """Rename in one file what `shared_names` or, with `of_all`, `common_names` has found."""
    for node in ast.walk(tree) if of_all else of_self(tree):
        if isinstance(node, ast.Attribute):
            node.attr = new.get(node.attr, node.attr)
    for owner in tree.body:
        for node in functions_of(owner) if isinstance(owner, ast.ClassDef) else ():
            node.name = new.get(node.name, node.name)


def _private(count, kept):
    """The private names among those counted, the most used first."""
    names = [name for name in count if name.startswith("_") and not name.startswith("__")]
    return sorted(set(names) - kept, key=lambda name: (-count[name], name))


def _fixed(trees):
    """Names that a class's body uses directly: those it assigns, and those it decorates."""
    found = set()
    for owner in (node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)):
        methods = functions_of(owner)
        found |= {node.name for node in methods if node.decorator_list}
        for node in owner.body:
            if node not in methods:
                found |= {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    return found
