"""One deploy: looks at the board, makes a plan, carries it out, and follows the board's start. It
asks nothing and prints nothing: `make deploy` and the room server's page use it alike.
"""

import json

from . import forms, plan, settings, words
from .board import Board
from .follow import Follower
from .forms import PACKAGE
from .order import Teller
from .partition import ROM, Partition, Savings
from .transfer import FINISHER, HEAD, Transfer, finish, is_finisher

# A file in the board's root that lists the files of the last deploy.
RECORD = "deployed.json"
SECRETS = "secrets.py"
# Reasons why a file is removed.
_FORM = "the same module in another form"
_OLDER = "of an older version"


def deploy(order):
    """Carry out a deploy. Raises Failure if it can't go on."""
    tell = Teller(order.tell)
    try:
        _deploy(order, tell)
    except words.Failure as failure:
        raise words.Failure(failure.status, tell.clean(str(failure))) from None


def _deploy(order, tell):
    with Board(order.port) as board:
        facts = board.facts
        tell.say(f"{order.port}: {facts.machine}, MicroPython {facts.firmware}")
        kind = forms.decide(order.kind, facts, order.port, order.romfs)
        deployment = Deployment(order, board, kind, tell)
        deployment.go_on()
        todo = deployment.make_plan()
        deployment.describe(todo)
        if order.is_dry:
            return
        if not todo.is_empty:
            savings = deployment.savings()
            Transfer(board, todo, deployment.there, tell).run()
            deployment.prove()
            # Remove empty folders of an older version, which take two blocks each.
            board.prune(deployment.package)
            if savings:
                savings.tell(deployment.restart)
        else:
            board.discard(todo.litter)
        tell.say("Restarting the board")
        Follower(board, tell, order.wait_s).run()
        if page := settings.dashboard(deployment.values):
            tell("page", url=page)


def counted(files):
    return f"{len(files)} file{'' if len(files) == 1 else 's'}"


class Deployment:
    """Compares the files that a board should have with the files that it has."""

    def __init__(self, order, board, kind, tell):
        self.order = order
        self.tell = tell
        self.board = board
        self.kind = kind
        self.form = forms.form_for(board.facts, order.library)
        self.root = board.facts.root
        self.lib = board.facts.lib
        self.package = f"{self.lib}/{PACKAGE}"
        # {path: size, or None for a folder} of what is in the folders where files go.
        self.there = {}
        # {path below a lib: bytes}.
        self.library = {}
        # The settings. None: they can't be read.
        self.values = None
        # {path: bytes}.
        self.wanted = None
        # The one for a ROMFS, and whether the library goes there.
        self.partition = None
        self.watchdog_s = None

    def go_on(self):
        """Finish an earlier deploy that was interrupted while it changed files."""
        main = f"{self.root}/main.py"
        self.there = self.look([main, f"{self.package}/__init__.py"])
        if self.there.get(main) is None or not is_finisher(self.board.read(main)):
            return
        self.tell.say("An earlier deploy was cut off while it put files in place.")
        if self.order.is_dry:
            self.tell.say("  this one would finish it first; what follows is as of now")
            return
        finish(self.board)
        self.board.renew()
        self.there = self.look(self.there)
        self.tell.say("  finished")

    def make_plan(self):
        board = self.board
        if self.wanted is None:
            self.wanted = self.compose()
        self.there = there = self.look(self.wanted)
        self.check_ways()
        kept = [f"{self.root}/{name}" for name in self.kind.files]
        record = self.recorded().get("files", {})
        ours = {*self.wanted, *(path + plan.NEW for path in self.wanted)}
        ours |= {f"{self.root}/{name}" for name in (FINISHER, HEAD)}
        sizes = {
            path: size
            for path, size in there.items()
            if size is not None and (path in ours or path.startswith(self.package + "/"))
        }
        digests = board.digests(plan.worth_hashing(self.wanted, sizes, kept))
        todo = plan.make(self.wanted, sizes, digests, record, kept, self.other_forms())
        rom = self.partition.content
        if rom and not rom.is_in(board):
            todo.rom = rom
        return todo

    def look(self, paths):
        """{path: size, or None for a folder} of all that is beside these files, beside the folders
        above them, and in the package.
        """
        folders = {folder for path in paths for folder in plan.folders_above(path)}
        there = self.board.listing(self.package, is_deep=True)
        for folder in sorted(folders):
            if not f"{folder}/".startswith(self.package + "/"):
                there.update(self.board.listing(folder))
        return there

    def check_ways(self):
        """Failure if something else would be imported, or stands in the way."""
        shadow = f"{self.root}/{PACKAGE}"
        if self.is_folder(shadow):
            raise words.shadowed(shadow)
        if self.board.ask(f"has_frozen({PACKAGE!r})"):
            raise words.frozen()
        if folders := [path for path in self.wanted if self.is_folder(path)]:
            raise words.in_the_way(", ".join(folders))

    def is_folder(self, path):
        return path in self.there and self.there[path] is None

    def compose(self):
        """Return the files that the board should have, in the order of sending."""
        kind = self.kind
        last = self.recorded()
        self.partition = Partition(self.board, self.order.romfs, "romfs" in last, self.tell)
        self.values, secrets = self.settings()
        values = self.values
        parts = settings.needed_parts(kind, values)
        # Parts that are on the board are sent again. They would not work if they had another
        # version, or were not in the ROMFS from which the library is imported.
        there = {path[len(self.lib) + 1 :] for path in filter(self.is_of_library, self.there)}
        more = forms.parts_among(self.partition.files | there, self.order.library)
        if self.partition.is_chosen:
            # Parts that were in a ROM which a power cut has damaged.
            more += last.get("romfs", [])
        known = forms.parts(self.order.library)
        parts += [part for part in known if part in more and part not in parts]
        self.library, version = forms.library_files(self.form, parts, self.order.library)
        self.tell.say(
            f"{PACKAGE} {version} as .mpy, {self.form}"
            f"{''.join(f', with {part}' for part in parts)}; "
            f"{settings.shown(values)}"
        )
        if values and settings.is_of_the_board_itself(values["HOST"]):
            self.tell.say(
                f"  {values['HOST']} is the board itself, seen from there: take this computer's "
                "address in the network if the server runs here"
            )
        self.partition.fill(self.library)
        wanted = {f"{self.lib}/{path}": data for path, data in self.library.items()}
        if self.partition.is_chosen:
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
        if self.partition.is_chosen:
            record["romfs"] = parts
        wanted[f"{self.root}/{RECORD}"] = json.dumps(record, sort_keys=True).encode()
        wanted[main] = own[main]
        return wanted

    def settings(self):
        """(the values, or None if they can't be read; the file's bytes, or None if it stays)."""
        there = self.content(SECRETS)
        keeps = self.order.complete is None
        if keeps and there is None:
            raise words.no_settings()
        try:
            current = settings.parse(there or b"")
        except words.Failure:
            # The user's own program may have settings that can't be read here.
            if keeps:
                return None, None
            raise
        self.tell.hide(settings.secrets_of(current))
        self.calm(current.get("WATCHDOG_S"))
        if keeps:
            return {"ROOM": "home", "NETWORKS": [], "HOST": "", **current}, None
        values = self.order.complete(current, self.kind.has_wifi)
        self.tell.hide(settings.secrets_of(values))
        if values == {"ROOM": "home", **current}:
            return values, there
        return values, settings.written(values).encode()

    def content(self, name):
        """The bytes of a file in the root, or None."""
        path = f"{self.root}/{name}"
        return None if self.there.get(path) is None else self.board.read(path)

    def calm(self, seconds):
        """Feed the watchdog. It would reset the board while files are sent or a person thinks."""
        self.watchdog_s = seconds
        why = self.board.ask(f"keep_watchdog({seconds!r})") if seconds else None
        if why:
            self.tell.say(
                f"  its watchdog can't be fed ({why}): it may restart the board in the middle; "
                "then deploy again"
            )

    def recorded(self):
        """The notes of the last deploy on the board, or {} if there are none. "files": {path:
        start of its digest, or None}.
        """
        try:
            record = json.loads(self.content(RECORD) or b"")
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

    def describe(self, todo):
        """Tell what the plan does."""
        say = self.tell.say
        if todo.is_empty:
            say(f"Nothing to send: all {todo.same} files are there as they shall be")
            return
        for path in todo.keep:
            say(f"{path} is not what a deploy put there: it is kept as {plan.before(path)}")
        is_in_rom = self.partition.is_chosen
        moved = [path for path, _ in todo.remove if is_in_rom and self.is_of_library(path)]
        if moved:
            say(f"{counted(moved)} of {self.package} make way: the board imports from {ROM} first")
        for path, why in todo.remove:
            if path not in moved:
                say(f"{path} is removed: {why}")
        if todo.rom:
            gets = f"gets the library, {todo.rom.size:,} bytes"
            say(f"The ROM {'is emptied' if todo.rom.is_none else gets}")
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
        self.tell.say("All files are in place")

    def is_of_library(self, path):
        return path.startswith(self.package + "/")

    def savings(self):
        """What the library takes now, before it is moved from the file system to the ROM. None: it
        is not moved.
        """
        if self.partition.is_chosen and any(map(self.is_of_library, self.there)):
            return Savings(self.board, self.tell)
        return None

    def restart(self):
        """Restart the board without its program."""
        self.board.renew()
        self.calm(self.watchdog_s)
