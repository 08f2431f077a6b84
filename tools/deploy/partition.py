"""The board's partition for a ROMFS: whether the library goes there, and what that saves."""

from . import words
from .forms import PACKAGE
from .rom import ROM, Rom, image

_LIB = f"{ROM}/lib/"
# The start-up file imports this name from the library.
_IMPORTED = "PartySocket"


class Partition:
    """Decides where the library goes: as the user said (`wanted`), or, if that is None, where it
    is now or was by the record of the last deploy.

    MicroPython imports from a ROMFS before /lib (sys.path has /rom/lib first), so the library must
    be in only one of them. Raises Failure if the partition can't take it.
    """

    def __init__(self, board, wanted, was_chosen, tell):
        self._tell = tell
        self._wanted = wanted
        found = board.ask("rom()")
        # None: the board has no such partition.
        self._bytes = found and found[0]
        there = board.listing(ROM, is_deep=True) if found else {}
        there = {path for path, size in there.items() if size is not None}
        # The library's files that are in it, as paths below its lib.
        self.files = {p[len(_LIB) :] for p in there if p.startswith(_LIB + PACKAGE + "/")}
        # Whether the library goes there.
        self.is_chosen = wanted
        if wanted is None:
            self.is_chosen = bool(found and (self.files or was_chosen))
        if self.is_chosen and not found:
            raise words.no_rom()
        if len(self.files) < len(there) and (self.files or self.is_chosen):
            raise words.rom_taken(sorted(there - {_LIB + path for path in self.files}))
        # The Rom that it should have. None: it stays unchanged.
        self.content = Rom() if self.files and not self.is_chosen else None

    def fill(self, library):
        """Make the library, {path below lib: bytes}, its content, or say that this is possible."""
        if not self._bytes or self._wanted is False:
            return
        made = image(library)
        is_enough = len(made) <= self._bytes
        if self.is_chosen and not is_enough:
            raise words.rom_full(len(made), self._bytes)
        if self.is_chosen:
            self.content = Rom(made)
        elif is_enough:
            self._tell.say(
                f"  this board has a partition of {self._bytes:,} bytes for a ROMFS: with "
                f"{words.option('ROMFS', 1)} the library goes there, {len(made):,} bytes, and "
                "runs without a copy in RAM"
            )


class Savings:
    """How much flash and heap the board has more, when the library has moved from its file system
    to the ROM. It is made before that.
    """

    def __init__(self, board, tell):
        self._board = board
        self._tell = tell
        self._free = board.space()[1]
        self._heap = self._heap_of_library()

    def tell(self, restart):
        """Tell it. `restart()` restarts the board: what is loaded stays loaded."""
        block, free = self._board.space()
        self._tell.say(f"The file system has {(free - self._free) * block:,} bytes more")
        restart()
        heap = self._heap_of_library()
        if self._heap and heap:
            self._tell.say(
                f"Importing it takes {heap:,} bytes of the heap; before: {self._heap:,}"
            )

    def _heap_of_library(self):
        """None: it can't be imported."""
        return self._board.ask(f"heap_of({PACKAGE!r}, {_IMPORTED!r})")
