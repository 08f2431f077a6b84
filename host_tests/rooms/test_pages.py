"""tools/room_server/pages.py: the dashboard's files, by name alone."""

import re

import pytest

from room_server import headers, pages
from rooms.clients import http, talk


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
    response = pages.page(path, folder=folder)
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
    assert path == "" or pages.page(path, folder=folder) is None


def test_an_unchanged_file_is_not_sent_again(folder):
    tag = pages.page("/", folder=folder).headers["ETag"]
    assert pages.page("/", None, tag, folder).status == 304
    (folder / "index.html").write_text("new page")
    assert pages.page("/", None, tag, folder).body == b"new page"


@pytest.mark.parametrize(
    "path",
    [
        "/..%2f..%2fsettings.py",
        "/%2e%2e/settings.py",
        "/%2e%2e%2fsettings.py",
        "/.%2e/app.py",
        "/..%5csettings.py",
        "/..\\settings.py",
        "/....//settings.py",
        "/%252e%252e%252fsettings.py",
        "/static/..%2f..%2fsettings.py",
        "/..%c0%afsettings.py",
        "/dashboard.js%00.html",
        "/dashboard.js%00",
        "/index.html;/../../settings.py",
        "//settings.py",
        "/C:%5csettings.py",
        "/../settings.py#.html",
        "/parties/../settings.py",
        "/settings.py?x=.html",
    ],
)
def test_no_spelling_of_a_path_leads_out_of_the_folder(server, path):
    # By hand: clients tidy paths up before they send them.
    answer = talk(server, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert answer.split(b" ")[1] in (b"400", b"404")
    assert b"import" not in answer


def test_nor_does_a_byte_that_ends_names(server):
    answer = talk(server, b"GET /dashboard.js\0.html HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.split(b" ")[1] == b"400"


def test_no_link_out_of_the_folder_is_listed_or_made():
    assert not [path for path in pages._FOLDER.iterdir() if path.is_symlink()]


def test_the_page_may_talk_to_its_own_server_alone(server):
    answer = http(server, "/")[2]
    rules = dict(
        rule.strip().split(" ", 1) for rule in answer["Content-Security-Policy"].split(";")
    )
    own = f"127.0.0.1:{server.port}"
    assert rules["default-src"] == "'self'"
    assert rules["connect-src"].split() == ["'self'", f"ws://{own}", f"wss://{own}"]
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "script-src" not in rules  # nothing weaker than default-src
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "no-referrer"


def test_the_page_has_no_script_or_style_of_its_own():
    page = (pages._FOLDER / "index.html").read_text()
    assert all("src=" in tag for tag in re.findall("<script[^>]*>", page))
    assert not re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)


@pytest.mark.parametrize("host", ["a b", "a; script-src *", "a,b", "<x>", "", "h" * 300, None])
def test_a_strange_host_does_not_get_into_the_policy(host):
    policy = headers.of_page(host)["Content-Security-Policy"]
    assert "connect-src 'self';" in policy


@pytest.mark.parametrize("path", ["/parties/main/r", "/nothing", "/parties/nope/r"])
def test_an_answer_that_is_no_page_can_do_nothing_in_a_browser(server, path):
    answer = http(server, path)[2]
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert (answer["Cache-Control"], answer["Server"]) == ("no-store", "room_server")


def test_a_page_that_is_not_built_says_how_to(tmp_path):
    response = pages.page("/", folder=tmp_path)
    assert response.status == 503 and "tools/dashboard" in response.text


def test_the_page_needs_no_token_and_no_other_method(server):
    assert http(server, "/")[0] in (200, 503)  # built or not
    assert http(server, "/", b"x")[0] == 405
