"""tools/room_server/pages.py: the dashboard's files, by name alone."""

import pytest

from room_server import pages
from rooms.clients import http


@pytest.fixture
def folder(tmp_path):
    static = tmp_path / "static"
    static.mkdir()
    (static / "index.html").write_text("page")
    (static / "dashboard.js").write_text("js")
    (static / ".env.js").write_text("hidden")
    (tmp_path / "secret.js").write_text("secret")
    return static


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/", "text/html; charset=utf-8"), ("/dashboard.js", "text/javascript; charset=utf-8")],
)
def test_a_file_has_its_type_and_is_not_cached_unasked(folder, path, content_type):
    response = pages.page(path, folder)
    assert response.headers["Content-Type"] == content_type
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.js",
        "/..%2fsecret.js",
        "/..\\secret.js",
        "//secret.js",
        "/static/../secret.js",
        "/.env.js",
        "/dashboard.js/",
        "/dashboard.js\n",
        "/missing.js",
        "/index",
        "",
    ],
)
def test_nothing_else_is_served(folder, path):
    assert path == "" or pages.page(path, folder) is None


def test_a_page_that_is_not_built_says_how_to(tmp_path):
    response = pages.page("/", tmp_path)
    assert response.status == 503 and "tools/dashboard" in response.text


def test_the_page_needs_no_token_and_no_other_method(server):
    assert http(server, "/")[0] in (200, 503)  # built or not
    assert http(server, "/", b"x")[0] == 405
