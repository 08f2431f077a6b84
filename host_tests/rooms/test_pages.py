"""The dashboard's files on the room server. The tests for both servers are in contract."""

from room_server import headers, pages
from rooms.clients import http


def test_an_unchanged_file_is_not_sent_again_and_a_changed_one_is(tmp_path):
    missing = pages.page("/", folder=tmp_path)
    # The page is not built.
    assert missing.status == 503 and "tools/dashboard" in missing.text
    (tmp_path / "index.html").write_text("page")
    tag = pages.page("/", folder=tmp_path).headers["ETag"]
    assert pages.page("/", None, tag, tmp_path).status == 304
    (tmp_path / "index.html").write_text("new page")
    assert pages.page("/", None, tag, tmp_path).body == b"new page"


def test_nothing_but_a_plain_name_in_the_folder_is_served(tmp_path):
    for name in ("secret.js", "static/.env.js", "static/a.js"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("secret")
    assert pages.page("/a.js", folder=tmp_path / "static").body == b"secret"
    for path in (
        "/../secret.js",
        "/..\\secret.js",
        "//secret.js",
        "/.env.js",
        "/a.js/",
        "/a.js\n",
    ):
        assert pages.page(path, folder=tmp_path / "static") is None
    # There is also no link to files outside.
    assert not [path for path in pages._FOLDER.iterdir() if path.is_symlink()]


def test_a_strange_host_does_not_get_into_the_policy():
    for host in ("a b", "a; script-src *", "a,b", "<x>", "", "h" * 300, None):
        assert "connect-src 'self';" in headers.of_page(host)["Content-Security-Policy"]


def test_no_answer_tells_the_version_of_what_runs(server):
    for path in ("/", "/parties/main/r", "/nothing"):
        assert http(server, path)[2]["Server"] == "room_server"
