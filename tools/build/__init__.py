"""The build for boards. It joins the modules of lib/partysocket into few files, and replaces
internal names by names that every MicroPython has. `join` makes one source of many, and `names`
renames. tools/trace.py turns a board's traceback back into files and names of the sources.
"""

import ast
import copy
import hashlib
from pathlib import Path

from library import (
    ELSEWHERE,
    FACADES,
    FLAT,
    INLINE,
    NATIVE,
    PARTS,
    PUBLIC_CLASSES,
    PUBLIC_NAMES,
    ROOT,
    files,
    files_of,
    modules,
    version_of,
)

from .check import check_defined
from .errors import BuildError
from .inline import inline
from .join import join
from .names import rename
from .order import order_names
from .origins import origins
from .program import Program
from .shared import common_names, rename_shared, shared_names
from .uses import keywords_of, names_used, public_of

__all__ = ["BuildError", "Program", "built", "built_of", "identity"]


def built(root=ROOT):
    """{file: (its joined source, {name in a traceback: where that function comes from})}."""
    table = {file: _dotted(names) for file, names in files().items()}
    program = Program(_texts(root), table, FLAT)
    version = f"{version_of(root)}+{identity(root)}"
    return built_of(program, INLINE, PUBLIC_CLASSES, PUBLIC_NAMES, _homes(), version)


def built_of(program, inlined, classes, names, parts=None, version=None):
    """The same for any program. `inlined`: {file: functions}; `classes`, `names`: the public ones;
    `parts`: {file: its part}, for files whose objects only that part uses; `version`: the version
    in `__init__`.
    """
    parts = parts or {}
    trees = {file: join(program, file) for file in program.files}
    public = {*names, *classes}
    for tree in trees.values():
        public |= public_of(tree, classes)
    plain = copy.deepcopy(trees)
    for file, functions in inlined.items():
        others = [trees[other] for other in trees if other != file]
        inline(trees[file], functions, others, public)
    texts = {}
    held = {}
    for part in sorted(set(parts.values())):
        group = [file for file in trees if parts.get(file) == part]
        if len(group) == 1:
            continue
        new = shared_names([plain[file] for file in group])
        for file in group:
            held[file] = set(new.values())
            rename_shared(plain[file], new)
            rename_shared(trees[file], new)
    base = [file for file in trees if file not in parts and file not in ("__init__", NATIVE)]
    new = common_names([plain[file] for file in base], [plain[file] for file in parts])
    for file in base:
        rename_shared(plain[file], new, True)
        rename_shared(trees[file], new, True)
    # The files before renaming: names that they use of other files must stay.
    keywords = {file: keywords_of(tree) for file, tree in plain.items()}
    used = {
        is_part: {file: names_used(tree, is_part) for file, tree in plain.items()}
        for is_part in (False, True)
    }
    for file, tree in trees.items():
        check_defined(file, tree)
        if file == "__init__":
            _stamp(tree, version)
        elif file != NATIVE:
            others = [other for other in trees if other != file]
            is_apart = {other: parts.get(other) not in (None, parts.get(file)) for other in others}
            theirs = set().union(*(used[is_apart[other]][other] for other in others))
            calls = set().union(*(keywords[other] for other in others))
            rename(tree, theirs, calls, public, classes, held.get(file, ()))
            order_names(tree)
            check_defined(file, tree)
        texts[file] = (ast.unparse(tree) + "\n", origins(tree, program.sources(file)))
    return texts


def identity(root=ROOT):
    """The build's id: 8 hex digits. It changes with the sources and with the build itself."""
    digest = hashlib.sha256()
    for name, text in sorted(_texts(root).items()):
        digest.update(f"{name}\n{text}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    digest.update(repr((files(), FLAT, INLINE, PUBLIC_CLASSES, PUBLIC_NAMES)).encode())
    return digest.hexdigest()[:8]


def _homes():
    """{file: the part that it belongs to}."""
    return {file: part for part in PARTS for file in files_of(part)}


def _texts(root):
    """{dotted name: source} of all modules that are built."""
    folder = root / "lib" / "partysocket"
    return {
        name.replace("/", "."): (folder / f"{name}.py").read_text(encoding="utf-8")
        for name in modules(root)
        if name not in (*ELSEWHERE, *FACADES)
    }


def _dotted(names):
    return [name.replace("/", ".") for name in names]


def _stamp(tree, version):
    """Add the build's id to `partysocket.__version__`."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "__version__":
            node.value = ast.Constant(version)
            _Joined().visit(tree)
            return
    raise BuildError("__init__.py has no __version__")


class _Joined(ast.NodeTransformer):
    """Replaces the test whether this is the joined form. In that form the version has the build's
    id.
    """

    def visit_IfExp(self, node):
        return node.body if ast.unparse(node.test) == "'+' in __version__" else node
