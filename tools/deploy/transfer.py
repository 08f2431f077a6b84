"""Carries out a plan. A power cut may come at any moment (see tools/deploy.py)."""

from pathlib import Path

from . import plan as planning
from . import words
from .board import NoSpace
from .plan import NEW

# The finisher's temporary name. It becomes main.py while the files of the new version are renamed.
FINISHER = ".finish" + NEW
# A file in the root with the first bytes of a ROMFS. The finisher writes them.
HEAD = "rom_head" + NEW
# Folders may grow by so many blocks.
_SPARE_BLOCKS = 4


class Transfer:
    """Sends the files of a plan and puts them in place. `say` is print or a similar function."""

    def __init__(self, board, plan, say):
        self.board = board
        self.plan = plan
        self.say = say
        self.main = board.facts.root + "/main.py"
        self.waiting = self.finisher_of(board.facts.root)
        self.head = f"{board.facts.root}/{HEAD}"

    @staticmethod
    def finisher_of(root):
        """The path of the finisher until it becomes main.py."""
        return f"{root}/main.py{FINISHER}"

    def run(self):
        plan = self.plan
        self.check_space()
        try:
            self.board.discard(plan.litter)
            self.stage()
            self.commit()
        # Something else on the board has written meanwhile, or blocks are bad.
        except NoSpace:
            waiting = [path + NEW for path in plan.moves]
            waiting += [self.main + NEW, self.waiting, self.head]
            self.board.discard([*plan.litter, *waiting])
            raise self.full() from None
        finish(self.board)

    def stage(self):
        """Send each file under a temporary name, and check it."""
        plan = self.plan
        done = 0
        for i, (path, data) in enumerate(plan.send.items(), 1):
            self.say(
                f"  file {i} of {len(plan.send)}: {path}, {len(data):,} bytes "
                f"({done:,} of {plan.size:,} sent)"
            )
            self.send(path + NEW, data)
            done += len(data)

    def send(self, path, data):
        for _ in range(2):
            self.board.write(path, data)
            if self.board.digests([path])[path] == planning.digest(data):
                return
        raise words.damaged(path)

    def commit(self):
        """Rename the finisher to main.py. From then on the board has the new version."""
        board = self.board
        for path in self.plan.keep:
            board.copy(path, planning.before(path))
        moves = self.plan.moves
        # It makes way for the finisher, and comes back at the end.
        if self.main not in moves:
            board.copy(self.main, self.main + NEW)
        self.send(self.waiting, finisher(self.plan, self.main, self.head))
        rom = self.plan.rom
        if rom:
            self.send(self.head, rom.head)
        try:
            if rom:
                rom.write(board, self.say)
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
            sizes += self.board.sizes([*plan.keep, self.main]).values()
        blocks = sum(-(-max(size, 1) // block) for size in sizes)
        blocks += 2 * len(self.new_folders()) + _SPARE_BLOCKS
        freed = self.board.sizes(plan.litter).values()
        return blocks * block, (free + sum(-(-size // block) for size in freed)) * block

    def new_folders(self):
        """The folders that must be made. littlefs takes two blocks for each."""
        needed = set()
        for path in self.plan.send:
            parts = path.split("/")
            needed |= {"/".join(parts[:n]) for n in range(2, len(parts))}
        return sorted(needed - set(self.board.folders(list(needed))))

    def full(self):
        needed, free = self.space()
        ours = {*self.plan.send, *(path + NEW for path in self.plan.send)}
        others = [found for found in self.board.all_files() if found[0] not in ours]
        return words.full(needed, free, self.board.facts.root or "/", others[:3])


def finisher(plan, main, head):
    """The program that puts the new version in place: finish.py with this plan."""
    source = Path(__file__).with_name("finish.py").read_text(encoding="utf-8")
    moves = sorted({*plan.moves, main}, key=lambda path: (path == main, path))
    source = source.replace("REMOVE = []", f"REMOVE = {[path for path, _ in plan.remove]!r}")
    source = source.replace('HEAD = ""', f"HEAD = {head!r}") if plan.rom else source
    # With the line break before it, because "REMOVE = []" ends with the same text.
    return source.replace("\nMOVE = []", f"\nMOVE = {moves!r}").encode()


def is_finisher(data):
    source = Path(__file__).with_name("finish.py").read_bytes()
    return data.startswith(source[: source.index(b"\n")])


def finish(board):
    """Run the finisher, which is main.py. It does all its work, or the rest after a power cut."""
    main = board.facts.root + "/main.py"
    # The file is closed before it runs, because running replaces it. Without that, the garbage
    # collector would close it at any moment.
    board.execute(
        f"with open({main!r}) as file:\n source = file.read()\n"
        "exec(source, {'__name__': 'deploy'})\ndel source"
    )
