"""deploy/plan.py: what is sent, taken over, kept and removed."""

from deploy import plan

LIB = "/lib/partysocket"
WANTED = {f"{LIB}/one.mpy": b"one", f"{LIB}/two.mpy": b"twice", "/main.py": b"main"}


def made(there, record=None, kept=("/main.py",), never=()):
    """The plan for a board that has {path: bytes}, hashing only what worth_hashing() names."""
    sizes = {path: len(data) for path, data in there.items()}
    hashed = plan.worth_hashing(WANTED, sizes, kept)
    digests = {path: plan.digest(there[path]) for path in hashed}
    return plan.make(WANTED, sizes, digests, record or {}, kept, never)


def test_an_empty_board_gets_everything_main_last():
    todo = made({})
    assert list(todo.send.items()) == list(WANTED.items())
    assert (todo.size, todo.same) == (12, 0)
    assert not (todo.keep or todo.remove or todo.litter or todo.staged)


def test_a_board_that_has_it_gets_nothing():
    todo = made(WANTED)
    assert todo.is_empty and todo.same == 3


def test_a_file_of_the_same_length_is_told_apart_by_its_hash():
    todo = made({**WANTED, f"{LIB}/one.mpy": b"eno"})
    assert list(todo.send) == [f"{LIB}/one.mpy"]


def test_a_file_of_another_length_is_not_hashed():
    sizes = {f"{LIB}/one.mpy": 4, f"{LIB}/two.mpy": 5}
    assert plan.worth_hashing(WANTED, sizes, ()) == [f"{LIB}/two.mpy"]


def test_what_a_cut_off_deploy_has_sent_is_taken_over_and_what_is_half_sent_goes():
    there = {f"{LIB}/one.mpy.new": b"one", f"{LIB}/two.mpy.new": b"twi", "/main.py.new": b"mian"}
    todo = made(there)
    assert todo.staged == [f"{LIB}/one.mpy"]
    assert list(todo.send) == [f"{LIB}/two.mpy", "/main.py"]
    assert sorted(todo.litter) == [f"{LIB}/two.mpy.new", "/main.py.new"]
    assert todo.moves == [f"{LIB}/one.mpy", f"{LIB}/two.mpy", "/main.py"]


def test_a_staged_file_whose_place_is_right_already_is_litter():
    todo = made({**WANTED, f"{LIB}/one.mpy.new": b"one"})
    assert todo.is_empty and todo.litter == [f"{LIB}/one.mpy.new"]


def test_files_of_the_version_before_go():
    there = {**WANTED, f"{LIB}/old.mpy": b"old", f"{LIB}/mine.py": b"mine"}
    todo = made(there, record={f"{LIB}/old.mpy": None, f"{LIB}/gone.mpy": None})
    assert todo.remove == [(f"{LIB}/old.mpy", "of the version before")]


def test_another_form_of_a_module_goes():
    there = {**WANTED, f"{LIB}/one.py": b"source", f"{LIB}/mine.py": b"mine"}
    todo = made(there, never={f"{LIB}/one.py", f"{LIB}/three.py"})
    assert todo.remove == [(f"{LIB}/one.py", "the same module in another form")]


def test_a_main_py_of_somebody_else_is_kept():
    assert made({"/main.py": b"theirs"}).keep == ["/main.py"]
    assert plan.before("/main.py") == "/before_main.py"
    assert plan.before("/flash/main.py") == "/flash/before_main.py"


def test_a_main_py_that_was_changed_on_the_board_is_kept():
    record = {"/main.py": plan.digest(b"main 1")[:16]}
    assert made({"/main.py": b"main 1, changed"}, record).keep == ["/main.py"]


def test_a_main_py_of_an_earlier_deploy_is_not_kept():
    record = {"/main.py": plan.digest(b"main 1")[:16]}
    todo = made({"/main.py": b"main 1"}, record)
    assert todo.keep == [] and "/main.py" in todo.send


def test_what_stays_is_not_kept_twice():
    assert made(WANTED).keep == []
