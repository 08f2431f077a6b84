"""Says which names of a file other code may use, so that they must stay."""

import ast

# A class with only these bases has nothing of another file.
_PLAIN = {"object", "Exception", "OSError", "ValueError", "TypeError"}


def names_used(tree, is_part=False):
    """Names by which a file may use something of another one. A part only uses private names of
    its own objects: those that its classes use on their `self` are not counted.
    """
    made = {node.name for node in tree.body if isinstance(node, ast.ClassDef)} | _PLAIN
    own = {
        id(node)
        for one in tree.body
        if is_part and isinstance(one, ast.ClassDef) and not bases_of(one) - made
        for node in of_self(one)
    }
    found = texts_of(tree) | keywords_of(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in own:
            found.add(node.attr)
        elif isinstance(node, ast.alias):
            found |= {node.name, node.asname}
    return found


def bases_of(node):
    """The names of a class's bases. If a base is not a plain name, its text."""
    return {ast.unparse(base) for base in node.bases}


def of_self(tree):
    """The attributes of `self`, as nodes."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) == "self"
    ]


def texts_of(tree):
    """Names in the texts of the code, as in getattr(one, "phase")."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def keywords_of(tree):
    return {n.arg for n in ast.walk(tree) if isinstance(n, ast.keyword) and n.arg}


def public_of(tree, classes):
    """The names without an underscore in these classes of a file."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name in classes:
            found |= {one.name for one in node.body if hasattr(one, "name")}
            found |= {one.attr for one in of_self(node)}
            names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
            found |= {one.id for one in names if isinstance(one.ctx, ast.Store)}
    return {name for name in found if not name.startswith("_")}
