"""examples/portal.py unchanged, in real time, with a fake radio."""

from .boards import Board


def test_the_example_joins_and_says_what_its_own_network_is(tmp_path):
    folder = tmp_path / "board"
    with Board("portal.py", folder, heap="1M") as board:
        said = board.wait_start("portal: ")
        board.wait_line("joined my network")
    assert said.startswith("portal: this board's own Wi-Fi is PartySocket-abcdef, its password ")
    assert (folder / "portal_password").read_text() == said.split()[-1]


def test_it_joins_what_was_entered(tmp_path):
    folder = tmp_path / "board"
    folder.mkdir()
    (folder / "networks.py").write_text("NETWORKS = [('another one', 'its password')]\n")
    with Board("portal.py", folder, air="another one", heap="1M") as board:
        board.wait_line("joined another one")
