"""What the page says about the disk: that readings are not stored, or that there is no disk."""

import contextlib
import sqlite3

import pytest

from rooms.contract.servers import KINDS
from rooms.server_process import RoomServer

from .judging import judge
from .looking import card, value


def test_a_disk_that_fails_is_said_until_it_works_again(
    own_server,
    tmp_path,
    join,
    open_page,
    axe,
):
    [path] = tmp_path.glob("*/rooms.db")
    device = join(own_server, "porch")
    device.read(lux=1)
    page = open_page(own_server)
    page.wait_for_selector(value("porch", "lux", "1"))
    assert page.is_hidden("#storage") and page.is_hidden("#no-database")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        # Another program locks the file.
        other.execute("BEGIN IMMEDIATE")
        device.read(lux=2)
        page.wait_for_selector("#storage >> text=Readings are not stored now.")
        assert page.inner_text("#storage-error") == "The server says: database is locked."
        page.wait_for_selector("#announcer >> text=Readings are not stored now", state="attached")
        # Readings still come.
        assert page.inner_text(value("porch", "lux")) == "2"
        assert judge(page, axe) == {}
        # This page learns it from its snapshot.
        later = open_page(own_server)
        later.wait_for_selector("#storage >> text=database is locked")
    device.read(lux=3)
    for each in (page, later):
        each.wait_for_selector("#storage", state="hidden")
        each.wait_for_selector("#announcer >> text=Readings are stored again", state="attached")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_server_without_a_database_says_that_nothing_outlives_it(join, open_page, axe, scheme):
    with RoomServer() as server:
        join(server, "porch").read(lux=1)
        page = open_page(server, width=360, height=740, color_scheme=scheme)
        page.wait_for_selector(card("porch"))
        page.wait_for_selector("#no-database >> text=nothing it shows outlives its restart")
        assert page.is_hidden("#storage")
        assert judge(page, axe) == {}


@pytest.mark.parametrize("kind", KINDS, scope="module")
def test_where_readings_are_stored_nothing_is_said(server, join, open_page):
    join(server, "porch").read(lux=1)
    page = open_page(server)
    page.wait_for_selector(card("porch"))
    assert page.is_hidden("#storage") and page.is_hidden("#no-database")
