"""What waits for the broker: each topic once, with its newest payload."""

from room_server.mqtt.shelf import Shelf


def taken(shelf):
    items = []
    while item := shelf.take():
        items.append(item)
    return items


def test_a_topic_waits_once_with_its_newest_payload():
    woken = []
    shelf = Shelf(lambda: woken.append(1))
    for value in (b"1", b"2", b"3"):
        shelf.put("a", value, is_news=True)
    shelf.put("b", b"1")
    assert taken(shelf) == [("a", b"3", True), ("b", b"1", True)] and woken
    assert shelf.take() is None


def test_the_same_again_is_sent_only_if_it_is_news():
    shelf = Shelf(lambda: None)
    shelf.put("a", b"1")
    assert taken(shelf)
    shelf.put("a", b"1")
    assert not taken(shelf)
    shelf.put("a", b"1", is_news=True)
    assert taken(shelf) == [("a", b"1", True)]


def test_everything_can_be_sent_again_and_what_is_removed_is_not():
    shelf = Shelf(lambda: None)
    shelf.put("a", b"1")
    shelf.put("b", b"1")
    shelf.remove("a")
    assert taken(shelf) == [("a", b"", True), ("b", b"1", True)]
    shelf.repeat()
    assert taken(shelf) == [("b", b"1", True)]
    shelf.repeat(["a", "b"])
    assert taken(shelf) == [("b", b"1", True)] and "a" not in shelf and "b" in shelf


def test_results_go_first_and_the_oldest_are_dropped():
    shelf = Shelf(lambda: None)
    shelf.put("a", b"1")
    for n in range(1001):
        shelf.pass_on("r", b"%d" % n)
    first, *rest = taken(shelf)
    assert first == ("r", b"1", False) and len(rest) == 1000 and rest[-1] == ("a", b"1", True)
