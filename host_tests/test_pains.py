"""Every row in PAINS.md has a test that exists."""

from tables import HERE, rows, unproved

PAINS = rows(HERE / "PAINS.md")


def test_there_are_thirty_and_each_has_its_tests():
    assert [row[0] for row in PAINS] == [str(i) for i in range(1, 31)]
    assert all(len(row) == 4 and all(row) for row in PAINS)
    assert unproved(PAINS) == []


def test_a_row_without_a_test_is_noticed():
    assert unproved([["1", "pain", "mend", "none yet"]]) == ["row 1 has no test"]
    assert unproved([["2", "core/test_ring.py::test_gone, test_pains.py::x"]]) == [
        "row 2: there is no core/test_ring.py::test_gone"
    ]
