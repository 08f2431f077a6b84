"""core/address.py: rooms' URLs, letter for letter what a browser makes of them."""

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


def url_of(host, party="main", room="room", **more):
    url, cut = room_url(host, party, room, **more)
    assert cut == ""
    return url


# Row 48: the host.


def test_scheme_and_slashes_are_taken_off_the_host():
    for before in ("", "http://", "https://", "ws://", "wss://", "HTTPS://", "Ws://"):
        for behind in ("", "/", "//", "///"):
            assert clean_host(before + "example.com" + behind) == "example.com"


def test_only_one_scheme_is_taken_off():
    assert clean_host("http://ws://x") == "ws://x"
    assert clean_host("ftp://x") == "ftp://x"
    assert clean_host("") == ""
    assert clean_host("https://localhost:1999/") == "localhost:1999"


# Row 52, with API section 2's mends: ws or wss.


def test_local_hosts_are_spoken_to_without_tls():
    hosts = "localhost LocalHost 127.0.0.1 127.255.255.254 10.0.0.1 10.255.0.1 192.168.0.1"
    hosts += " 192.168.255.255 172.16.0.1 172.20.1.1 172.31.255.255 raspberrypi.local Desk.LOCAL"
    for host in hosts.split():
        for port in ("", ":1", ":8787"):
            assert is_local(host + port), host + port
            assert url_of(host + port) == "ws://" + host + port + "/parties/main/room"
    for host in ("[::1]", "[::1]:80"):
        assert is_local(host)


def test_other_hosts_are_spoken_to_with_tls():
    hosts = "example.com 10.example.com 127.example.com 192.168.example.com 192.168.1.com"
    hosts += " localhost.example.com mylocalhost foo.localhost foo.local.com local 172.2.0.1"
    hosts += " 172.15.0.1 172.32.0.1 172.200.0.1 172.1.0.1 192.169.0.1 192.167.0.1 11.0.0.1"
    hosts += " 126.0.0.1 128.0.0.1 10.0.0 10.0.0.0.1 10.0.0.256 10.0.0.x 10.0.0. 10.0.0.-1"
    hosts += " 010.0.0.1 8.8.8.8 1.10.0.1 [::2] [::11] [fe80::1] [::ffff:7f00:1]"
    for host in hosts.split() + [""]:
        for port in ("", ":8787"):
            assert not is_local(host + port), host + port


def test_protocol_overrides():
    assert url_of("localhost:1", protocol="wss") == "wss://localhost:1/parties/main/room"
    assert url_of("example.com", protocol="ws") == "ws://example.com/parties/main/room"


# Rows 49 to 51: the shape.


def test_shape_of_a_rooms_url():
    assert url_of("h.com") == "wss://h.com/parties/main/room"
    assert url_of("h.com", "chat", "a") == "wss://h.com/parties/chat/a"
    assert url_of("h.com", prefix="agents") == "wss://h.com/agents/main/room"
    assert url_of("h.com", prefix="a/b") == "wss://h.com/a/b/main/room"
    assert url_of("h.com", path="x/y") == "wss://h.com/parties/main/room/x/y"
    assert url_of("h.com", prefix="p", path="x") == "wss://h.com/p/main/room/x"


def test_base_path_stands_for_prefix_party_and_room():
    assert url_of("h.com", base_path="api/ws") == "wss://h.com/api/ws"
    assert url_of("h.com", base_path="api", prefix="p", path="x") == "wss://h.com/api/x"
    assert url_of("h.com", "main", None, base_path="b") == "wss://h.com/b"
    assert url_of("h.com", base_path="/b") == "wss://h.com//b"


def test_empty_party_is_an_empty_segment():
    assert url_of("h.com", "") == "wss://h.com/parties//room"


def test_room_is_encoded_as_a_browser_does_it():
    assert url_of("h.com", "main", "my room") == "wss://h.com/parties/main/my%20room"
    assert url_of("h.com", "main", "ä/€") == "wss://h.com/parties/main/%C3%A4/%E2%82%AC"
    assert url_of("h.com", "p q", "r", path="s t") == "wss://h.com/parties/p%20q/r/s%20t"
    assert url_of("h.com", "main", "a%20b") == "wss://h.com/parties/main/a%20b"
    assert url_of("h.com", "main", "..") == "wss://h.com/parties/"


def test_address_is_cut_where_a_browser_cuts_it():
    for room, url, cut in (
        ("a?b", "wss://h/parties/main/a", "?b"),
        ("a#b", "wss://h/parties/main/a", "#b"),
        ("a#b?c", "wss://h/parties/main/a", "#b?c"),
        ("a?b#c", "wss://h/parties/main/a", "?b#c"),
        ("?", "wss://h/parties/main/", "?"),
        ("a%3Fb", "wss://h/parties/main/a%3Fb", ""),
    ):
        assert room_url("h", "main", room) == (url, cut)
    assert room_url("h", "p?q", "r", path="s") == ("wss://h/parties/p", "?q/r/s")


def test_control_characters_are_refused():
    for bad in ("\0", "\n", "\r", "\t", "\x1f", "\x7f"):
        for text in (bad, "a" + bad, bad + "a", "a" + bad + "b"):
            assert raised(ValueError, room_url, "h", "main", text)
            assert raised(ValueError, room_url, "h", text, "room")
            assert raised(ValueError, room_url, text, "main", "room")
            assert raised(ValueError, room_url, "h", "main", "room", text)
            assert raised(ValueError, room_url, "h", "main", "room", None, text)
            assert raised(ValueError, room_url, "h", "main", "room", None, None, text)


# Wire fact 3: paths.


def test_what_stays_in_a_path():
    kept = "'|^[]:@&=+,;~!*()$-._%09azAZ"
    assert quote_path("/" + kept) == "/" + kept


def test_what_is_encoded_in_a_path():
    assert quote_path('/ "<>`{}') == "/%20%22%3C%3E%60%7B%7D"
    assert quote_path("/?#") == "/?#"  # cut off before
    assert quote_path("/ä") == "/%C3%A4"
    assert quote_path("/€") == "/%E2%82%AC"
    assert quote_path("/😀") == "/%F0%9F%98%80"
    assert quote_path("/\x80\xa0\xff") == "/%C2%80%C2%A0%C3%BF"


def test_encoded_bytes_stay_as_they_are():
    assert quote_path("/%41%zz%/%c3%A4%") == "/%41%zz%/%c3%A4%"


def test_backslash_is_a_slash():
    assert quote_path("/a\\b") == "/a/b"
    assert quote_path("\\a\\..\\b") == "/b"


def test_dot_segments_are_resolved():
    pairs = "/ / // // /. / /./ / /.. / /../ / /../.. / /a/. /a/ /a/./b /a/b /a/.. / /a/../ /"
    pairs += " /a/b/.. /a/ /a/b/../c /a/c /a/b/../../../c /c /a//.. /a/ /a//../b /a/b /%2e /"
    pairs += " /a/%2E%2e/b /b /a/.%2e/b /b /a/%2E./b /b /... /... /a/..b /a/..b /a/.b /a/.b"
    pairs += " /a/%2eb /a/%2eb /a/%252e%252e /a/%252e%252e"
    pairs = pairs.split()
    for i in range(0, len(pairs), 2):
        assert quote_path(pairs[i]) == pairs[i + 1], pairs[i]
    assert quote_path("/a/. ") == "/a/.%20"


# Wire fact 4: queries.


def test_form_encoding():
    kept = "azAZ09*-._"
    assert query_string([("k", kept)]) == "k=" + kept
    assert query_string([("k", "a b+c&d=e/f?")]) == "k=a+b%2Bc%26d%3De%2Ff%3F"
    assert query_string([("k", "~!'()%")]) == "k=%7E%21%27%28%29%25"
    assert query_string([("ä b", "€😀")]) == "%C3%A4+b=%E2%82%AC%F0%9F%98%80"
    assert query_string([("k", "\r\n\0")]) == "k=%0D%0A%00"


def test_order_is_kept_and_names_may_repeat():
    # row 54: a _pk of the user's comes second
    assert query_string([("_pk", "1"), ("b", "2"), ("a", "3"), ("_pk", "4")]) == (
        "_pk=1&b=2&a=3&_pk=4"
    )


def test_none_is_left_out_and_empty_is_kept():
    # row 54
    assert query_string([("a", None), ("b", ""), ("c", None)]) == "b="
    assert query_string([("a", None)]) == ""
    assert query_string([]) == ""


def test_values_that_are_no_text_look_as_in_a_browser():
    assert query_string([("a", 1), ("b", True), ("c", False), ("d", 0), ("e", -5)]) == (
        "a=1&b=true&c=false&d=0&e=-5"
    )


def test_query_of_a_url_is_encoded_where_a_browser_does():
    assert quote_query("a=b&c=d+e%20") == "a=b&c=d+e%20"
    assert quote_query(" \"<>'#") == "%20%22%3C%3E%27%23"
    assert quote_query("`{}|^[]\\?/:@!$()*,;~") == "`{}|^[]\\?/:@!$()*,;~"
    assert quote_query("ä") == "%C3%A4"


# URLs.


def test_urls_are_split():
    for url, wanted in (
        ("ws://h", (False, "h", "h", 80, "/")),
        ("wss://h", (True, "h", "h", 443, "/")),
        ("wss://h/", (True, "h", "h", 443, "/")),
        ("WSS://h/A", (True, "h", "h", 443, "/A")),
        ("http://h/a", (False, "h", "h", 80, "/a")),
        ("https://h/a", (True, "h", "h", 443, "/a")),
        ("ws://h:8787/a/b?c=d", (False, "h:8787", "h", 8787, "/a/b?c=d")),
        ("ws://h?c=d", (False, "h", "h", 80, "/?c=d")),
        ("ws://h/a?", (False, "h", "h", 80, "/a?")),
        ("ws://h/a#frag", (False, "h", "h", 80, "/a")),
        ("ws://h#frag?x", (False, "h", "h", 80, "/")),
        ("ws://h/a?b#c?d", (False, "h", "h", 80, "/a?b")),
        ("ws://h/a?b?c/d\\", (False, "h", "h", 80, "/a?b?c/d\\")),
        ("ws://h\\a\\b", (False, "h", "h", 80, "/a/b")),
        ("ws://h/a b?c d", (False, "h", "h", 80, "/a%20b?c%20d")),
        ("ws://h/a/../b?c/../d", (False, "h", "h", 80, "/b?c/../d")),
        ("  ws://h/a  ", (False, "h", "h", 80, "/a")),
        ("ws://[::1]/", (False, "[::1]", "::1", 80, "/")),
        ("ws://[::1]:8787/x", (False, "[::1]:8787", "::1", 8787, "/x")),
        ("wss://1.2.3.4:65535/", (True, "1.2.3.4:65535", "1.2.3.4", 65535, "/")),
        ("ws://h:1/", (False, "h:1", "h", 1, "/")),
        ("wss://h:80/", (True, "h:80", "h", 80, "/")),
        ("ws://h:443/", (False, "h:443", "h", 443, "/")),
    ):
        assert split_url(url) == plain_split_url(url) == wanted, url


def test_host_header_leaves_out_the_schemes_own_port():
    # 4.1: ":" and a port only "if not using the default port"; some virtual hosts break on it
    for split in (split_url, plain_split_url):
        for url, wanted in (
            ("ws://h:80/", ("h", "h", 80)),
            ("wss://h:443/", ("h", "h", 443)),
            ("wss://[::1]:443/", ("[::1]", "::1", 443)),
            ("ws://h:/", ("h", "h", 80)),
        ):
            assert split(url)[1:4] == wanted


def refused(url):
    """That neither takes it; what both say."""
    told = str(raised(ValueError, split_url, url))
    assert str(raised(ValueError, plain_split_url, url)) == told
    return told


def test_urls_that_are_none_are_refused():
    urls = "h h/a //h ws: ws:// ws:///a ws://?a ws://#a ftp://h wsx://h ://h ws://:80 ws://[]"
    for url in urls.split() + [""]:
        refused(url)


def test_ports_that_are_none_are_refused():
    for port in ("0", "65536", "99999999999", "-1", "+1", "x", "8x", "1.5", " 1", "1 ", "80:80"):
        refused("ws://h:%s/" % port)
    for after in ("x", "80", ":0", ":x"):
        refused("ws://[::1]%s/" % after)


def test_hosts_that_are_none_are_refused():
    for host in ("a b", "user@h", "user:pass@h", "a<b", "a>b", "a^b", "a|b", "a%41", "hä", 'a"b'):
        refused("ws://%s/" % host)
    # brackets belong around IPv6 alone
    for host in ("[::1", "::1]", "a[b", "[::1]]", "a]"):
        refused("ws://%s/" % host)


def test_urls_with_control_characters_are_refused():
    for bad in ("\0", "\r\n", "\n", "\t", "\x7f"):
        for url in ("ws://h%s/" % bad, "ws://h/%s" % bad, "ws://h/?%s" % bad, bad + "ws://h/"):
            refused(url)


def test_errors_about_urls_tell_neither_query_nor_password():
    # API section 3: tokens and query strings are never logged; errors are
    for url in ("ws://h:x/?token=secret", "ws://a b/?token=secret", "wsx://h/?token=secret") + (
        "ws://?token=secret",
        "ws://h/?token=secret\n",
        "ws://user:secret@h/",
        "ws://user:secret@h:80/a",
        "ftp://user:secret@h",
    ):
        assert "secret" not in refused(url), url


def test_plain_text_is_letters_digits_hyphens_and_what_is_named():
    for text, more, wanted in (
        ("", "", True),
        ("azAZ09-", "", True),
        ("a.b", "", False),
        ("a.b", ".", True),
        ("ä", ".", False),
        ("a b", ".", False),
        ("`", "", False),
        ("@", "", False),
        ("[", "", False),
        ("{", "", False),
        ("/", "", False),
        (":", "", False),
    ):
        assert is_plain(text, more) is wanted, text


def test_an_error_about_a_wrong_type_names_the_argument_and_tells_no_value():
    def check(path):
        check_types(host="h", path=path)

    told = str(raised(TypeError, check, b"d?token=secret"))
    assert told == "path is a str, not bytes"
    check(None)
    check("d")
