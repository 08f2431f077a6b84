"""One deploy: looks at the board, makes a plan, carries it out, and follows the board's start."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from . import forms, plan, settings, words
from .board import Board
from .follow import Follower
from .forms import PACKAGE
from .rom import ROM, Rom, image
from .transfer import HEAD, Transfer, finish, is_finisher

# A file in the board's root that lists the files of the last deploy.
RECORD = "deployed.json"
SECRETS = "secrets.py"
# The start-up file imports this name from the library.
IMPORTED = "PartySocket"
# Reasons why a file is removed.
_FORM = "the same module in another form"
_OLDER = "of an older version"


@dataclass
class Order:
    """The options of a deploy."""

    port: str
    # None: the kind that the board reports.
    kind: forms.Kind = None
    # Settings from the command line.
    given: dict = field(default_factory=dict)
    asker: settings.Asker = None
    keeps_settings: bool = False
    # Whether the library goes into a ROMFS. None: it stays where it is.
    romfs: bool = None
    is_dry: bool = False
    # The folder with the compiled forms.
    library: Path = forms.FORMS
    wait_s: float = 90
    say: callable = print


def deploy(order):
    """Carry out a deploy. Raises Failure if it can't go on."""
    with Board(order.port) as board:
        facts = board.facts
        order.say(f"{order.port}: {facts.machine}, MicroPython {facts.firmware}")
        kind = forms.decide(order.kind, facts, order.port, order.romfs)
        deployment = Deployment(order, board, kind)
        deployment.go_on()
        todo = deployment.make_plan()
        deployment.tell(todo)
        if order.is_dry:
            return
        if not todo.is_empty:
            deployment.weigh()
            Transfer(board, todo, order.say).run()
            deployment.prove()
            # Remove empty folders of an older version, which take two blocks each.
            board.prune(deployment.package)
            deployment.tell_savings()
        else:
            board.discard(todo.litter)
        order.say("Restarting the board")
        Follower(board, order.say, order.wait_s).run()
        if page := settings.dashboard(deployment.values):
            order.say(f"Dashboard: {page}")


def counted(files):
    return f"{len(files)} file{'' if len(files) == 1 else 's'}"


class Deployment:
    """Compares the files that a board should have with the files that it has."""

    def __init__(self, order, board, kind):
        self.order = order
        self.board = board
        self.kind = kind
        self.form = forms.form_for(board.facts, order.library)
        self.root = board.facts.root
        self.lib = board.facts.lib
        self.package = f"{self.lib}/{PACKAGE}"
        # {path below a lib: bytes}.
        self.library = {}
        # The settings. None: they can't be read.
        self.values = None
        # {path: bytes}.
        self.wanted = None
        # True if the library goes into the ROM.
        self.romfs = False
        # The wanted content of its partition. None: it stays unchanged.
        self.rom = None
        # The free space and the library's heap, measured while it is in the file system.
        self.before = None
        self.watchdog_s = None

    def go_on(self):
        """Finish an earlier deploy that was interrupted while it changed files."""
        main = f"{self.root}/main.py"
        if main in self.board.sizes([main]) and is_finisher(self.board.read(main)):
            self.order.say("An earlier deploy was cut off while it put files in place.")
            if self.order.is_dry:
                self.order.say("  this one would finish it first; what follows is as of now")
            else:
                finish(self.board)
                self.board.renew()
                self.order.say("  finished")

    def make_plan(self):
        board = self.board
        if self.wanted is None:
            self.wanted = self.compose()
        sizes = self.look()
        record = self.record(sizes)
        kept = [f"{self.root}/{name}" for name in self.kind.files]
        digests = board.digests(plan.worth_hashing(self.wanted, sizes, kept))
        todo = plan.make(self.wanted, sizes, digests, record, kept, self.other_forms())
        if self.rom and not self.rom.is_in(board):
            todo.rom = self.rom
        return todo

    def choose_place(self):
        """Decide where the library goes: as the user said, else where it is now. MicroPython
        imports from a ROMFS before /lib (sys.path has /rom/lib first), so the library must be in
        only one of them. Returns its files that are in the ROM, as paths below its lib.
        """
        partition = self.board.rom()
        there = self.board.files_below(ROM) if partition else {}
        there = {path for path, size in there.items() if size is not None}
        lib = f"{ROM}/lib/"
        ours = {path[len(lib) :] for path in there if path.startswith(lib + PACKAGE + "/")}
        self.romfs = self.order.romfs
        if self.romfs is None:
            self.romfs = bool(partition and (ours or "romfs" in self.recorded()))
        if self.romfs and not partition:
            raise words.no_rom()
        if len(ours) < len(there) and (ours or self.romfs):
            raise words.rom_taken(sorted(there - {lib + path for path in ours}))
        if ours and not self.romfs:
            self.rom = Rom()
        return ours

    def put_in_rom(self):
        """Make the library the content of the partition, or say that this is possible."""
        partition = self.board.rom()
        if not partition or self.order.romfs is False:
            return
        made = image(self.library)
        size, _ = partition
        if not self.romfs:
            if len(made) <= size:
                self.order.say(
                    f"  this board has a partition of {size:,} bytes for a ROMFS: with "
                    f"{words.option('ROMFS', 1)} the library goes there, {len(made):,} bytes, and "
                    "runs without a copy in RAM"
                )
            return
        if len(made) > size:
            raise words.rom_full(len(made), size)
        self.rom = Rom(made)

    def compose(self):
        """Return the files that the board should have, in the order of sending."""
        kind = self.kind
        in_rom = self.choose_place()
        self.values, secrets = self.settings()
        values = self.values
        parts = settings.needed_parts(kind, values)
        # Parts that are on the board are sent again. They would not work if they had another
        # version, or were not in the ROMFS from which the library is imported.
        there = {path[len(self.lib) + 1 :] for path in self.board.files_below(self.package)}
        more = forms.parts_among(in_rom | there, self.order.library)
        if self.romfs:
            # Parts that were in a ROM which a power cut has damaged.
            more += self.recorded().get("romfs", [])
        known = forms.parts(self.order.library)
        parts += [part for part in known if part in more and part not in parts]
        self.library, version = forms.library_files(self.form, parts, self.order.library)
        self.order.say(
            f"{PACKAGE} {version} as .mpy, {self.form}"
            f"{''.join(f', with {part}' for part in parts)}; "
            f"{settings.shown(values)}"
        )
        if values and settings.is_of_the_board_itself(values["HOST"]):
            self.order.say(
                f"  {values['HOST']} is the board itself, seen from there: take this computer's "
                "address in the network if the server runs here"
            )
        self.put_in_rom()
        wanted = {f"{self.lib}/{path}": data for path, data in self.library.items()}
        if self.romfs:
            wanted = {}
        own = {f"{self.root}/{name}": data for name, data in kind.own_files().items()}
        main = f"{self.root}/main.py"
        wanted.update((path, data) for path, data in own.items() if path != main)
        if secrets is not None:
            wanted[f"{self.root}/{SECRETS}"] = secrets
        files = {path: None for path in wanted}
        files.update((path, plan.digest(data)[:16]) for path, data in own.items())
        files.pop(f"{self.root}/{SECRETS}", None)
        record = {"library": version, "form": self.form, "board": kind.name, "files": files}
        if self.romfs:
            record["romfs"] = parts
        wanted[f"{self.root}/{RECORD}"] = json.dumps(record, sort_keys=True).encode()
        wanted[main] = own[main]
        return wanted

    def settings(self):
        """(the values, or None if they can't be read; the file's bytes, or None if it stays)."""
        path = f"{self.root}/{SECRETS}"
        there = self.board.read(path) if path in self.board.sizes([path]) else None
        keeps = self.order.keeps_settings
        if keeps and there is None:
            raise words.no_settings()
        try:
            current = settings.parse(there or b"")
        except words.Failure:
            # The user's own program may have settings that can't be read here.
            if keeps:
                return None, None
            raise
        self.calm(current.get("WATCHDOG_S"))
        if keeps:
            return {"ROOM": "home", "NETWORKS": [], "HOST": "", **current}, None
        values = self.order.asker.complete(current, self.order.given, self.kind.has_wifi)
        if values == {"ROOM": "home", **current}:
            return values, there
        return values, settings.written(values).encode()

    def calm(self, seconds):
        """Feed the watchdog. It would reset the board while files are sent or a person thinks."""
        self.watchdog_s = seconds
        why = self.board.keep_watchdog(seconds) if seconds else None
        if why:
            self.order.say(
                f"  its watchdog can't be fed ({why}): it may restart the board in the middle; "
                "then deploy again"
            )

    def look(self):
        """{path: size} of the files that matter."""
        board = self.board
        sizes = board.files_below(self.package)
        if board.folders([f"{self.root}/{PACKAGE}"]):
            raise words.shadowed(f"{self.root}/{PACKAGE}")
        if board.has_frozen(PACKAGE):
            raise words.frozen()
        if folders := board.folders(list(self.wanted)):
            raise words.in_the_way(folders)
        paths = [path for path in self.wanted if path not in sizes]
        paths += [path + plan.NEW for path in paths]
        paths += [Transfer.finisher_of(self.root), f"{self.root}/{HEAD}"]
        sizes.update(board.sizes(paths))
        return {path: size for path, size in sizes.items() if size is not None}

    def record(self, sizes):
        """{path: start of its digest, or None} of the files of an earlier deploy."""
        path = f"{self.root}/{RECORD}"
        return self.recorded().get("files", {}) if path in sizes else {}

    def recorded(self):
        """The notes of the last deploy on the board, or {} if there are none."""
        path = f"{self.root}/{RECORD}"
        if path not in self.board.sizes([path]):
            return {}
        try:
            record = json.loads(self.board.read(path))
            found = {"files": dict(record["files"])}
            return found | {"romfs": list(record["romfs"])} if "romfs" in record else found
        except (ValueError, KeyError, TypeError):
            return {}

    def other_forms(self):
        """{path: why} of the files that may not stay with the chosen form. If a module is there in
        two forms, a board imports the source. Native code for another architecture does not run.
        Parts of another version would run with the wrong files.
        """
        found = dict.fromkeys(self.library, _FORM)
        for name, part in forms.modules().items():
            if part is None or f"{PACKAGE}/{part}.mpy" in self.library:
                for suffix in ("py", "mpy"):
                    found[f"{PACKAGE}/{name}.{suffix}"] = _OLDER if name in forms.OLDER else _FORM
        ours = {f"{self.lib}/{path}": why for path, why in found.items()}
        return {path: why for path, why in ours.items() if path not in self.wanted}

    def tell(self, todo):
        """Print what the plan does."""
        say = self.order.say
        if todo.is_empty:
            say(f"Nothing to send: all {todo.same} files are there as they shall be")
            return
        for path in todo.keep:
            say(f"{path} is not what a deploy put there: it is kept as {plan.before(path)}")
        moved = [path for path, _ in todo.remove if self.romfs and self.is_of_library(path)]
        if moved:
            say(f"{counted(moved)} of {self.package} make way: the board imports from {ROM} first")
        for path, why in todo.remove:
            if path not in moved:
                say(f"{path} is removed: {why}")
        if todo.rom:
            what = (
                "is emptied" if self.rom.is_none else f"gets the library, {self.rom.size:,} bytes"
            )
            say(f"The ROM {what}")
        if todo.staged:
            say(f"{counted(todo.staged)} waiting since a deploy that was cut off")
        say(f"{counted(todo.send)} to send, {todo.size:,} bytes; {todo.same} are there already")
        if self.order.is_dry:
            for path, data in todo.send.items():
                say(f"  {path}, {len(data):,} bytes")
            say("A dry run: nothing was changed")

    def prove(self):
        """Check, file by file, that the board has what it should have."""
        if not self.make_plan().is_empty:
            raise words.not_in_place()
        self.order.say("All files are in place")

    # How much a ROMFS saves, measured on this board.

    def is_of_library(self, path):
        return path.startswith(self.package + "/")

    def weigh(self):
        """Measure what the library takes in the file system, before it is moved to the ROM."""
        if self.romfs and self.board.files_below(self.package):
            self.before = self.board.space(), self.board.heap_of(PACKAGE, IMPORTED)

    def tell_savings(self):
        """Print what the ROMFS has saved. This restarts the board."""
        if not self.before:
            return
        board = self.board
        (block, free), heap = self.before
        saved = (board.space()[1] - free) * block
        self.order.say(f"The file system has {saved:,} bytes more")
        board.renew()
        self.calm(self.watchdog_s)
        now = board.heap_of(PACKAGE, IMPORTED)
        if heap and now:
            self.order.say(f"Importing it takes {now:,} bytes of the heap; before: {heap:,}")
