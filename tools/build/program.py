"""Says what a name that a module imports means, and which file of the board it is in."""

import ast

from .constants import Constants
from .errors import BuildError
from .origins import mark


class Module:
    """One source module. Its name is dotted, relative to the package ("core.ring")."""

    def __init__(self, name, text):
        self.name = name
        self.tree = ast.parse(text)
        self.package = name.rpartition(".")[0]
        if name.endswith(".__init__"):
            self.name = self.package
        self.file = name.replace(".", "/") + ".py"
        mark(self.tree, self.file)
        # All imports, also in functions: local name -> (module, name in it; None: the module).
        self.imports = {}
        # Local name -> all the things that it is imported as.
        self.meanings = {}

    def resolve(self, node):
        """The module that a relative import names, relative to the package."""
        parts = self.package.split(".") if self.package else []
        up = node.level - 1
        parts = parts[: len(parts) - up]
        return ".".join(parts + (node.module.split(".") if node.module else []))

    def read_imports(self, target_of):
        """`target_of(module, node, alias)`: what one name of an import means."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                for alias in node.names:
                    if alias.name == "*":
                        raise BuildError(f"{self.name}: import names from {node.module}, not *")
                    target = target_of(self, node, alias)
                    local = alias.asname or alias.name
                    self.imports.setdefault(local, target)
                    self.meanings.setdefault(local, set()).add(target)


class Program:
    """All modules of the library, and the files into which they go."""

    def __init__(self, texts, files, flat, platform="net.micropython"):
        """`texts`: {dotted name: source}; `files`: {file: [modules]}; `flat`: {name: [classes, the
        base first]}; `platform`: the module that is `net.platform` on these boards.
        """
        self.modules = {}
        for name, text in texts.items():
            module = Module(name, text)
            self.modules[module.name] = module
        self.files = files
        self.flat = flat
        self.platform = platform
        self.home = {module: file for file, names in files.items() for module in names}
        for name in self.home:
            if name not in self.modules:
                raise BuildError(f"{name} is in the build's table, and there is no such module")
        for module in self.modules.values():
            module.read_imports(self.target)
        # The sources choose the platform at run time. In the build it is known.
        self.modules["net"].imports["platform"] = (platform, None)
        self.constants = Constants(self.modules)

    def target(self, module, node, alias):
        """What one name of a relative import means: (module, name in it or None)."""
        source = module.resolve(node)
        whole = f"{source}.{alias.name}" if source else alias.name
        if whole in self.modules:
            return whole, None
        if source == "net" and alias.name == "platform":
            return self.platform, None
        return source, alias.name

    def home_of(self, module, file):
        """The file with a module, as seen from `file`: a small module may be in two files."""
        return file if module in self.files[file] else self.home.get(module)

    def owner(self, source, name):
        """The module that defines a name which `source` imports and passes on."""
        module = self.modules.get(source)
        if module is not None and name in module.imports:
            further, real = module.imports[name]
            if real is not None and self.home.get(further) == self.home.get(source):
                return self.owner(further, real)
        return source, name

    def sources(self, file):
        """The source files of a file, in their order."""
        return [self.modules[name].file for name in self.files[file]]
