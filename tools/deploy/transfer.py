"""Carries out a plan. A power cut may come at any moment (see tools/deploy.py)."""

from pathlib import Path

from . import plan as planning
from . import words
from .board import NoSpace
from .plan import NEW

# The finisher's temporary name. It becomes main.py while the files of the new version are renamed.
FINISHER = "main.py.finish" + NEW
# A file in the root with the first bytes of a ROMFS. The finisher writes them.
HEAD = "rom_head" + NEW
# Folders may grow by so many blocks.
_SPARE_BLOCKS = 4
_FINISH = Path(__file__).with_name("finish.py")


class Transfer:
    """Sends the files of a plan and puts them in place. `there`: {path: size, or None for a
    folder} of what is on the board. `tell`: see order.py.
    """

    def __init__(self, board, plan, there, tell):
        self.board = board
        self.plan = plan
        self.there = there
        self.tell = tell
        root = board.facts.root
        self.main, self.waiting, self.head = (
            f"{root}/{name}" for name in ("main.py", FINISHER, HEAD)
        )
        self._sent = 0
        self._total = plan.size + (plan.rom.size if plan.rom else 0)

    def run(self):
        plan = self.plan
        self.check_space()
        try:
            self.board.discard(plan.litter)
            self.stage()
            self.commit()
        # Something else on the board has written meanwhile, or blocks are bad.
        except NoSpace:
            # The file that was being written is open, and its last bytes have no space either.
            self.board.execute("try:\n f.close()\nexcept (NameError, OSError):\n pass")
            waiting = [path + NEW for path in plan.moves]
            waiting += [self.main + NEW, self.waiting, self.head]
            self.board.discard([*plan.litter, *waiting])
            raise self.full() from None
        finish(self.board)

    def stage(self):
        """Send each file under a temporary name, and check it."""
        plan = self.plan
        for folder in self.new_folders():
            self.board.make_folder(folder)
        for i, (path, data) in enumerate(plan.send.items(), 1):
            self.tell(
                "say",
                text=f"  file {i} of {len(plan.send)}: {path}, {len(data):,} bytes "
                f"({self._sent:,} of {plan.size:,} sent)",
            )
            self.send(path + NEW, data, lambda n, _: self.progress(n))
            self._sent += len(data)

    def progress(self, more):
        self.tell("sent", bytes=self._sent + more, of=self._total)

    def send(self, path, data, progress=None):
        for _ in range(2):
            self.board.write(path, data, progress)
            if self.board.digests([path])[path] == planning.digest(data):
                return
        raise words.damaged(path)

    def commit(self):
        """Rename the finisher to main.py. From then on the board has the new version."""
        board = self.board
        for path in self.plan.keep:
            self.send(planning.before(path), board.read(path))
        # It makes way for the finisher, and comes back at the end.
        if self.main not in self.plan.moves:
            self.send(self.main + NEW, board.read(self.main))
        self.send(self.waiting, finisher(self.plan, self.main, self.head))
        rom = self.plan.rom
        if rom:
            self.send(self.head, rom.head)
        try:
            if rom:
                if not rom.is_none:
                    self.tell("say", text=f"  {rom.size:,} bytes into its ROM")
                rom.write(board, self.progress)
            board.execute("if hasattr(os, 'sync'): os.sync()")
            board.execute(f"os.rename({self.waiting!r}, {self.main!r})")
        except words.Failure as failure:
            raise words.rom_cut_off(failure) if rom and not rom.is_none else failure

    # Space.

    def check_space(self):
        needed, free = self.space()
        if needed > free:
            raise self.full()

    def space(self):
        """(needed, free) in bytes, both as whole blocks."""
        block, free = self.board.space()
        plan = self.plan
        sizes = [len(data) for data in plan.send.values()]
        if not plan.is_empty:
            sizes += [len(finisher(plan, self.main, self.head))]
            sizes += [len(plan.rom.head)] if plan.rom else []
            sizes += [self.there[path] for path in (*plan.keep, self.main) if path in self.there]
        blocks = sum(-(-max(size, 1) // block) for size in sizes)
        # littlefs takes two blocks for a folder.
        blocks += 2 * len(self.new_folders()) + _SPARE_BLOCKS
        freed = (self.there[path] for path in plan.litter)
        return blocks * block, (free + sum(-(-size // block) for size in freed)) * block

    def new_folders(self):
        """The folders that must be made, each after those above it."""
        needed = {folder for path in self.plan.send for folder in planning.folders_above(path)}
        return sorted(folder for folder in needed if folder and folder not in self.there)

    def full(self):
        ours = {*self.plan.send, *(path + NEW for path in self.plan.send)}
        others = [found for found in self.board.own_files().items() if found[0] not in ours]
        others.sort(key=lambda found: -found[1])
        return words.full(*self.space(), self.board.facts.root or "/", others[:3])


def finisher(plan, main, head):
    """The program that puts the new version in place: finish.py with this plan."""
    source = _FINISH.read_text(encoding="utf-8")
    moves = sorted({*plan.moves, main}, key=lambda path: (path == main, path))
    source = source.replace("REMOVE = []", f"REMOVE = {[path for path, _ in plan.remove]!r}")
    source = source.replace('HEAD = ""', f"HEAD = {head!r}") if plan.rom else source
    # With the line break before it, because "REMOVE = []" ends with the same text.
    return source.replace("\nMOVE = []", f"\nMOVE = {moves!r}").encode()


def is_finisher(data):
    return data.startswith(_FINISH.read_bytes().partition(b"\n")[0])


def finish(board):
    """Run the finisher, which is main.py. It does all its work, or the rest after a power cut."""
    main = board.facts.root + "/main.py"
    # The file is closed before it runs, because running replaces it. Without that, the garbage
    # collector would close it at any moment.
    board.execute(
        f"with open({main!r}) as file:\n source = file.read()\n"
        "exec(source, {'__name__': 'deploy'})\ndel source"
    )
