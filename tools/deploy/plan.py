"""What has to be done to a board, from what it shall have and what it has. Pure: it looks at no
board and changes none.
"""

import hashlib
from dataclasses import dataclass, field

NEW = ".new"  # a file that is whole, and not yet in its place
BEFORE = "before_"  # what was not of a deploy is kept under this name


@dataclass
class Plan:
    """Paths on the board."""

    send: dict = field(default_factory=dict)  # path: bytes, in the order of sending
    staged: list = field(
        default_factory=list
    )  # there already as path + NEW, from a cut-off deploy
    remove: list = field(default_factory=list)  # (path, why)
    keep: list = field(default_factory=list)  # copied to before(path) first
    litter: list = field(default_factory=list)  # left by a cut-off deploy, of no use
    rom: object = None  # the Rom that its partition is to have, if that has to change
    same: int = 0  # files that are as they shall be

    @property
    def is_empty(self):
        return not (self.send or self.staged or self.remove or self.rom)

    @property
    def size(self):
        return sum(len(data) for data in self.send.values())

    @property
    def moves(self):
        return [*self.staged, *self.send]


def before(path):
    folder, _, name = path.rpartition("/")
    return f"{folder}/{BEFORE}{name}"


def digest(data):
    return hashlib.sha256(data).hexdigest()


def worth_hashing(wanted, sizes, kept):
    """The paths, staged ones too, whose content only a hash can tell from another."""
    found = [path for path in kept if path in sizes]
    for path, data in wanted.items():
        found += [at for at in (path, path + NEW) if sizes.get(at) == len(data)]
    return sorted(set(found))


def make(wanted, sizes, digests, record, kept, never):
    """The plan. `wanted`: {path: bytes}, in the order of sending. `sizes`: {path: size} of what
    the board has. `digests`: of worth_hashing(). `record`: {path: digest or None} of what an
    earlier deploy put there. `kept`: files of which another's version is worth keeping.
    `never`: {path: why} of what may not stay beside what is wanted.
    """
    plan = Plan()
    for path, data in wanted.items():
        is_so = digest(data)
        if digests.get(path) == is_so:
            plan.same += 1
        elif digests.get(path + NEW) == is_so:
            plan.staged.append(path)
        else:
            plan.send[path] = data
    plan.keep = [
        path
        for path in plan.moves
        if path in kept and path in sizes and not _is_ours(path, digests, record)
    ]
    for path in sizes:
        if path in wanted:
            continue
        if path in never:
            plan.remove.append((path, never[path]))
        elif path in record:
            plan.remove.append((path, "of the version before"))
    waiting = {path + NEW for path in plan.staged}
    plan.litter = [path for path in sizes if path.endswith(NEW) and path not in waiting]
    return plan


def _is_ours(path, digests, record):
    return record.get(path) is not None and digests[path].startswith(record[path])
