"""core/address.py: the URLs of rooms, exactly as a browser makes them.

Random URLs are compared with Node's by test_properties.py, and with the npm package's by
host_tests/parity. These tests run on MicroPython too.
"""

from claims import raised

from partysocket.core.address import (
    check_types,
    clean_host,
    is_local,
    query_string,
    quote_path,
    quote_query,
    room_url,
    split_url,
)
from partysocket.core.plain_address import is_plain
from partysocket.core.plain_address import split_url as plain_split_url

# Row 48: the host.


def test_one_scheme_and_all_slashes_are_taken_off_the_host():
    for before in ("", "http://", "https://", "ws://", "wss://", "HTTPS://", "Ws://"):
        for behind in ("", "/", "//", "///"):
            assert clean_host(before + "localhost:1999" + behind) == "localhost:1999"
    for host, wanted in (("http://ws://x", "ws://x"), ("ftp://x", "ftp://x"), ("", "")):
        assert clean_host(host) == wanted


# Row 52: ws or wss.


def test_local_hosts_are_spoken_to_without_tls():
    hosts = "localhost LocalHost 127.0.0.1 127.255.255.254 10.0.0.1 10.255.0.1 192.168.0.1"
    hosts += " 192.168.255.255 172.16.0.1 172.20.1.1 172.31.255.255 169.254.0.1 169.254.255.254"
    hosts += (
        " raspberrypi.local Desk.LOCAL pi.lan a.pi.Lan pi.home.arpa pi.internal raspberrypi pi4"
    )
    hosts += (
        " 3d-printer mylocalhost local raspberrypi.local. pi.lan. pi.home.arpa. 10.0.0.1. [::1]"
    )
    for host in hosts.split():
        for port in ("", ":1", ":8787"):
            assert is_local(host + port), host + port


def test_other_hosts_are_spoken_to_with_tls():
    hosts = "example.com 10.example.com 127.example.com 192.168.example.com 192.168.1.com"
    hosts += " localhost.example.com foo.localhost foo.local.com 172.2.0.1 foo.lan.com foo.arpa"
    hosts += " home.arpa.com foohome.arpa lan.example localdomain.com 100.64.0.1 169.253.0.1"
    hosts += " 170.254.0.1 2130706433 0x7f000001 0X8 localhost. raspberrypi. com. . .. 8.8.8.8."
    hosts += " 172.15.0.1 172.32.0.1 172.200.0.1 172.1.0.1 192.169.0.1 192.167.0.1 11.0.0.1"
    hosts += " 126.0.0.1 128.0.0.1 10.0.0 10.0.0.0.1 10.0.0.256 10.0.0.x 10.0.0. 10.0.0.-1"
    hosts += " 010.0.0.1 8.8.8.8 1.10.0.1 [::2] [::11] [fe80::1] [::ffff:7f00:1]"
    for host in hosts.split() + [""]:
        for port in ("", ":8787"):
            assert not is_local(host + port), host + port


def test_what_follows_the_host_does_not_make_it_local():
    for mark in ("/", "?", "#", "\\"):
        assert is_local("raspberrypi" + mark + "a.example.com")
        for name in (".local", "/.local", ".lan"):
            assert not is_local("example.com" + mark + name), mark + name


# Rows 49 to 51: the shape.


def test_shape_of_a_rooms_url():
    for host, place, wanted in (
        ("h.com", {}, "wss://h.com/parties/main/room"),
        ("10.0.0.1:80", {}, "ws://10.0.0.1:80/parties/main/room"),
        ("localhost:1", {"protocol": "wss"}, "wss://localhost:1/parties/main/room"),
        ("h.com", {"protocol": "ws"}, "ws://h.com/parties/main/room"),
        ("h.com", {"party": "chat", "room": "a"}, "wss://h.com/parties/chat/a"),
        ("h.com", {"party": ""}, "wss://h.com/parties//room"),
        ("h.com", {"prefix": "a/b"}, "wss://h.com/a/b/main/room"),
        ("h.com", {"path": "x/y"}, "wss://h.com/parties/main/room/x/y"),
        ("h.com", {"prefix": "p", "path": "x"}, "wss://h.com/p/main/room/x"),
        # `base_path` replaces prefix, party and room.
        ("h.com", {"base_path": "api", "prefix": "p", "path": "x"}, "wss://h.com/api/x"),
        ("h.com", {"room": None, "base_path": "b/c"}, "wss://h.com/b/c"),
        ("h.com", {"base_path": "/b"}, "wss://h.com//b"),
        # Encoded as in a browser.
        ("h.com", {"room": "my room"}, "wss://h.com/parties/main/my%20room"),
        ("h.com", {"room": "ä/€"}, "wss://h.com/parties/main/%C3%A4/%E2%82%AC"),
        ("h.com", {"party": "p q", "path": "s t"}, "wss://h.com/parties/p%20q/room/s%20t"),
        ("h.com", {"room": "a%20b"}, "wss://h.com/parties/main/a%20b"),
        ("h.com", {"room": ".."}, "wss://h.com/parties/"),
    ):
        assert room_url(host, **dict({"party": "main", "room": "room"}, **place)) == (wanted, "")


def test_address_is_cut_where_a_browser_cuts_it():
    for room, url, cut in (
        ("a?b", "wss://h.example/parties/main/a", "?b"),
        ("a#b", "wss://h.example/parties/main/a", "#b"),
        ("a#b?c", "wss://h.example/parties/main/a", "#b?c"),
        ("a?b#c", "wss://h.example/parties/main/a", "?b#c"),
        ("?", "wss://h.example/parties/main/", "?"),
        ("a%3Fb", "wss://h.example/parties/main/a%3Fb", ""),
    ):
        assert room_url("h.example", "main", room) == (url, cut)
    assert room_url("h.example", "p?q", "r", path="s") == ("wss://h.example/parties/p", "?q/r/s")


def test_control_characters_are_refused():
    for bad in ("\0", "\n", "\r", "\t", "\x1f", "\x7f"):
        for text in (bad, "a" + bad, bad + "a", "a" + bad + "b"):
            place = ["h", "main", "room", None, None, None]
            for i in range(len(place)):
                assert raised(ValueError, room_url, *(place[:i] + [text] + place[i + 1 :]))


# Wire fact 3: paths.


def test_paths_are_quoted():
    kept = "/'|[]:@&=+,;~!*()$-._%09azAZ"
    for path, wanted in (
        (kept, kept),
        ('/ "<>^`{}', "/%20%22%3C%3E%5E%60%7B%7D"),
        ("/?#", "/?#"),  # cut off before
        ("/ä€😀", "/%C3%A4%E2%82%AC%F0%9F%98%80"),
        ("/\x80\xa0\xff", "/%C2%80%C2%A0%C3%BF"),
        ("/%41%zz%/%c3%A4%", "/%41%zz%/%c3%A4%"),
        ("/a\\b", "/a/b"),
        ("\\a\\..\\b", "/b"),
        ("/a/. ", "/a/.%20"),
    ):
        assert quote_path(path) == wanted, path


def test_dot_segments_are_resolved():
    pairs = "/ / // // /. / /./ / /.. / /../ / /../.. / /a/. /a/ /a/./b /a/b /a/.. / /a/../ /"
    pairs += " /a/b/.. /a/ /a/b/../c /a/c /a/b/../../../c /c /a//.. /a/ /a//../b /a/b /%2e /"
    pairs += " /a/%2E%2e/b /b /a/.%2e/b /b /a/%2E./b /b /... /... /a/..b /a/..b /a/.b /a/.b"
    pairs += " /a/%2eb /a/%2eb /a/%252e%252e /a/%252e%252e"
    pairs = pairs.split()
    for i in range(0, len(pairs), 2):
        assert quote_path(pairs[i]) == pairs[i + 1], pairs[i]


# Wire fact 4: queries.


def test_query_strings_are_form_encoded():
    for pairs, wanted in (
        ([("k", "azAZ09*-._")], "k=azAZ09*-._"),
        ([("k", "a b+c&d=e/f?")], "k=a+b%2Bc%26d%3De%2Ff%3F"),
        ([("k", "~!'()%")], "k=%7E%21%27%28%29%25"),
        ([("ä b", "€😀")], "%C3%A4+b=%E2%82%AC%F0%9F%98%80"),
        ([("k", "\r\n\0")], "k=%0D%0A%00"),
        # Row 54: the order is kept, names may repeat, None is left out, and empty values stay.
        ([("_pk", "1"), ("b", "2"), ("a", "3"), ("_pk", "4")], "_pk=1&b=2&a=3&_pk=4"),
        ([("a", None), ("b", ""), ("c", None)], "b="),
        ([], ""),
        # Values that are not text look as in a browser.
        (
            [("a", 1), ("b", True), ("c", False), ("d", 0), ("e", -5)],
            "a=1&b=true&c=false&d=0&e=-5",
        ),
    ):
        assert query_string(pairs) == wanted


def test_query_of_a_url_is_encoded_where_a_browser_does():
    assert quote_query("a=b&c=d+e%20") == "a=b&c=d+e%20"
    assert quote_query(" \"<>'#ä") == "%20%22%3C%3E%27%23%C3%A4"
    assert quote_query("`{}|^[]\\?/:@!$()*,;~") == "`{}|^[]\\?/:@!$()*,;~"


# URLs.


def test_urls_are_split():
    for url, wanted in (
        ("ws://h", (False, "h", "h", 80, "/")),
        ("wss://h", (True, "h", "h", 443, "/")),
        ("WSS://h/A", (True, "h", "h", 443, "/A")),
        ("http://h/a", (False, "h", "h", 80, "/a")),
        ("https://h/a", (True, "h", "h", 443, "/a")),
        ("ws://h:8787/a/b?c=d", (False, "h:8787", "h", 8787, "/a/b?c=d")),
        ("ws://h?c=d", (False, "h", "h", 80, "/?c=d")),
        ("ws://h/a?", (False, "h", "h", 80, "/a?")),
        ("ws://h#frag?x", (False, "h", "h", 80, "/")),
        ("ws://h/a?b#c?d", (False, "h", "h", 80, "/a?b")),
        ("ws://h/a?b?c/d\\", (False, "h", "h", 80, "/a?b?c/d\\")),
        ("ws://h\\a\\b", (False, "h", "h", 80, "/a/b")),
        ("ws://h/a b?c d", (False, "h", "h", 80, "/a%20b?c%20d")),
        ("ws://h/a/../b?c/../d", (False, "h", "h", 80, "/b?c/../d")),
        ("  ws://h/a  ", (False, "h", "h", 80, "/a")),
        ("ws://[::1]:8787/x", (False, "[::1]:8787", "::1", 8787, "/x")),
        ("wss://1.2.3.4:65535/", (True, "1.2.3.4:65535", "1.2.3.4", 65535, "/")),
        ("ws://h:1/", (False, "h:1", "h", 1, "/")),
        # 4.1: ":" and a port are only there "if not using the default port". Some virtual hosts
        # need that.
        ("wss://h:80/", (True, "h:80", "h", 80, "/")),
        ("ws://h:443/", (False, "h:443", "h", 443, "/")),
        ("ws://h:80/", (False, "h", "h", 80, "/")),
        ("wss://[::1]:443/", (True, "[::1]", "::1", 443, "/")),
        ("ws://h:/", (False, "h", "h", 80, "/")),
    ):
        assert split_url(url) == plain_split_url(url) == wanted, url


def refused(url):
    """Check that both functions refuse the URL, and return the text of the error."""
    told = str(raised(ValueError, split_url, url))
    assert str(raised(ValueError, plain_split_url, url)) == told
    return told


def test_what_is_no_url_is_refused():
    for url in "h h/a //h ws: ws:// ws:///a ws://?a ws://#a ftp://h wsx://h ://h ws://:80".split():
        refused(url)
    for port in ("0", "65536", "99999999999", "-1", "+1", "x", "8x", "1.5", " 1", "1 ", "80:80"):
        refused("ws://h:%s/" % port)
    for after in ("x", "80", ":0", ":x"):
        refused("ws://[::1]%s/" % after)
    for host in ("a b", "user@h", "user:pass@h", "a<b", "a>b", "a^b", "a|b", "a%41", "hä", 'a"b'):
        refused("ws://%s/" % host)
    # Brackets are only allowed around IPv6.
    for host in ("[]", "[::1", "::1]", "a[b", "[::1]]", "a]"):
        refused("ws://%s/" % host)
    for bad in ("\0", "\r\n", "\n", "\t", "\x7f"):
        for url in ("ws://h%s/" % bad, "ws://h/%s" % bad, "ws://h/?%s" % bad, bad + "ws://h/"):
            refused(url)
    refused("")


def test_errors_about_urls_tell_neither_query_nor_password():
    # Tokens and query strings are never logged, but errors are.
    for url in (
        "ws://h:x/?token=secret",
        "ws://a b/?token=secret",
        "wsx://h/?token=secret",
        "ws://?token=secret",
        "ws://h/?token=secret\n",
        "ws://user:secret@h/",
        "ws://user:secret@h:80/a",
        "ftp://user:secret@h",
    ):
        assert "secret" not in refused(url), url


def test_plain_text_is_letters_digits_hyphens_and_what_is_named():
    assert is_plain("", "") and is_plain("azAZ09-", "") and is_plain("a.b", ".")
    assert not is_plain("a.b", "")
    for other in "ä `@[{/:":
        assert not is_plain("a" + other, "."), other


def test_an_error_about_a_wrong_type_names_the_argument_and_tells_no_value():
    told = str(raised(TypeError, lambda: check_types(host="h", path=b"d?token=secret")))
    assert told == "path is a str, not bytes"
    check_types(host="h", path=None)
