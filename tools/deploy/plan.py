"""The plan of a deploy, computed from the files that a board should have and the files that it
has. This is pure: it does not talk to a board.
"""

import hashlib
from dataclasses import dataclass, field

# A file with this suffix is complete, but not renamed yet.
NEW = ".new"
# Files that no deploy wrote are kept with this prefix.
BEFORE = "before_"


@dataclass
class Plan:
    """What to do. All paths are on the board."""

    # Path: bytes, in the order of sending.
    send: dict = field(default_factory=dict)
    # Files that are there already as path + NEW, from an interrupted deploy.
    staged: list = field(default_factory=list)
    # (path, why).
    remove: list = field(default_factory=list)
    # Files that are first copied to before(path).
    keep: list = field(default_factory=list)
    # Useless files from an interrupted deploy.
    litter: list = field(default_factory=list)
    # The Rom to write into the partition, if it must change.
    rom: object = None
    # The number of files that are right already.
    same: int = 0

    @property
    def is_empty(self):
        return not (self.send or self.staged or self.remove or self.rom)

    @property
    def size(self):
        return sum(len(data) for data in self.send.values())

    @property
    def moves(self):
        return [*self.staged, *self.send]


def folders_above(path):
    """The folders above a file, "" for the root."""
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def before(path):
    folder, _, name = path.rpartition("/")
    return f"{folder}/{BEFORE}{name}"


def digest(data):
    return hashlib.sha256(data).hexdigest()


def worth_hashing(wanted, sizes, kept):
    """The paths, also staged ones, with the right size: only a hash can show a difference."""
    found = [path for path in kept if path in sizes]
    for path, data in wanted.items():
        found += [at for at in (path, path + NEW) if sizes.get(at) == len(data)]
    return sorted(set(found))


def make(wanted, sizes, digests, record, kept, never):
    """Make the plan. `wanted`: {path: bytes}, in the order of sending. `sizes`: {path: size} of
    the board's files. `digests`: for the paths of worth_hashing(). `record`: {path: digest or
    None} of the files that an earlier deploy wrote. `kept`: files that are kept if no deploy wrote
    them. `never`: {path: why} of files that must not stay beside the wanted ones.
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
