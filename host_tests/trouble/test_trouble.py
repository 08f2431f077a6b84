"""The page on what can go wrong, lib/trouble.md: each line that it shows is one that the library
prints, provoked by the real fault against real listeners on loopback.
"""

import contextlib
import functools
import re
import shutil
import socket

import pytest
from websockets.sync.client import connect

from interpreters import LIB, lib_of
from needs import need_micropython
from partysocket import HandshakeError, causes
from rooms.server_process import RoomServer
from tables import rows
from tls.certificates import identities
from tls.devices import results, run
from tls.server import OK, Server, answering, hang_up, reset, say_nothing, say_ssh

PAGE = LIB / "trouble.md"
ROWS = rows(PAGE)
# The table's causes have numbers; in this order they have these names here.
KINDS = ["memory", "provider", "dns", "refused", "unreachable"]
KINDS += ["provider late", "dns late", "tcp late", "tls late", "http late"]
KINDS += ["roots", "clock", "certificate", "no tls", "tls end", "http end", "no http"]
KINDS += ["no upgrade", "3xx", "4xx", "5xx", "400", "401", "403", "404", "503", "other"]
FORMS = ("cpython", "micropython", "compiled")
_SHORT = {"connection_timeout": 300}
_READS = "*  s3cret\n*  looks  read\n"
# A board's firmware has no roots.
_NO_PLATFORM = {"SSL_CERT_FILE": "/nonexistent/file", "SSL_CERT_DIR": "/nonexistent"}


def wait_for_more(sock, peer):
    sock.recv(1)


def redirect(sock, peer):
    sock.sendall(b"HTTP/1.1 302 Found\r\nLocation: https://new.example/x\r\n\r\n")


@contextlib.contextmanager
def full_listener():
    """The port of one that takes no connection more: its queue is full, and nobody accepts."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        address = listener.getsockname()
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        yield address[1]


@contextlib.contextmanager
def closed_port():
    """One that nothing listens on, and nobody else gets."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def party(port, **place):
    return {"party": {"host": f"127.0.0.1:{port}", "room": "home", **place}}


@contextlib.contextmanager
def faults(folder):
    """A list of (cause, job for device.py): each cause's fault, and some more of the same."""
    shown = identities()
    secure, other = shown["address"], shown["wrong address"]
    for name, each in (("other", other), (".", secure)):
        (folder / name).mkdir(exist_ok=True)
        each.write_to(folder / name)
    (folder / "tokens").write_text(_READS)
    with contextlib.ExitStack() as stack:

        def serving(*given, **how):
            return stack.enter_context(Server(*given, **how)).port

        def said(status, more=b"", body=b""):
            length = b"Content-Length: %d\r\n\r\n" % len(body)
            return serving(None, answering(b"HTTP/1.1 %d No\r\n" % status + more + length + body))

        def room_server(*arguments):
            return stack.enter_context(RoomServer(*arguments))

        def url(port, scheme="ws", **options):
            return {"url": f"{scheme}://127.0.0.1:{port}/", "options": options}

        def wss(port, **options):
            return url(port, "wss", **{"ssl": secure.root, **options})

        open_room, full = room_server(), room_server("--max-clients", 1)
        closed = room_server("--token-file", folder / "tokens").port
        stack.enter_context(connect(full.ws_url()))
        identity = folder / "identity.pem"
        tls_port = room_server("--cert", identity, "--key", identity).port
        wrong_name = serving(other.context)
        late = stack.enter_context(full_listener())
        yield [
            ("memory", {"acts": "memory"}),
            ("provider", {"url": "http:/x"}),
            ("provider late", {"acts": "hang", "options": _SHORT}),
            ("dns", {"url": "ws://nowhere.invalid/"}),
            ("dns late", {**url(1, **_SHORT), "transport": "unresolved"}),
            ("refused", url(stack.enter_context(closed_port()))),
            # The system connects no stream to a group: it says that no way leads there.
            ("unreachable", {"url": "ws://224.0.0.1:9/"}),
            ("tcp late", url(late, **_SHORT)),
            ("roots", url(tls_port, "wss")),
            ("clock", {**wss(wrong_name), "year": 2000}),
            ("certificate", wss(wrong_name)),
            ("no tls", {**party(open_room.port, protocol="wss"), "options": {"ssl": secure.root}}),
            ("no tls", wss(serving(None, handshake=say_ssh))),
            ("tls end", wss(serving(None, handshake=hang_up))),
            ("tls end", wss(serving(None, handshake=reset))),
            ("tls late", wss(serving(None, handshake=say_nothing), **_SHORT)),
            ("http end", url(tls_port)),
            ("http end", url(serving(None, lambda sock, peer: None))),
            ("http late", url(serving(None, wait_for_more), **_SHORT)),
            ("no http", url(serving(None, answering(b"SSH-2.0-OpenSSH\r\n")))),
            ("no upgrade", url(serving(None, answering(OK)))),
            ("no upgrade", url(serving(None, answering(b"HTTP/1.1 101 Yes\r\n\r\n")))),
            ("3xx", url(serving(None, redirect))),
            ("400", party(open_room.port, query={"role": "device", "name": "x" * 65})),
            ("401", party(closed)),
            ("403", party(closed, query={"role": "device", "token": "looks"})),
            ("404", party(open_room.port, base_path="nothing")),
            ("4xx", url(said(410, body=b"this room has moved"))),
            ("503", party(full.port)),
            ("5xx", url(said(500, body=b"out of order."))),
            ("other", {**url(1), "transport": "odd"}),
        ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("trouble")


@pytest.fixture(scope="module")
def provoked(folder):
    """What an interpreter tells, provoked once: a dict for each fault, see device.py."""

    @functools.cache
    def by(interpreter):
        if interpreter != "cpython":
            need_micropython()
        without = shutil.ignore_patterns("roots.*", "__pycache__")
        lib = shutil.copytree(lib_of(interpreter), folder / interpreter, ignore=without)
        with faults(folder) as jobs:
            named = [{**job, "name": cause} for cause, job in jobs]
            output = run(interpreter, "../trouble/device.py", named, lib=lib, env=_NO_PLATFORM)
        return results(output)

    return by


def pattern(row):
    """What matches a line with the first cell of a row in it: "..." is any text."""
    shown = row[0].strip("`")
    parts = [re.escape(part) for part in shown.split("...")]
    where = r"( to (127\.0\.0\.1|nowhere\.invalid|224\.0\.0\.1):\d+)?"
    return f"no connection{where} {'.+'.join(parts)} Next dial in \\d+ s\\."


def test_the_page_has_a_row_for_each_cause_in_the_order_of_the_table():
    assert len(ROWS) == len(causes.CAUSES) == len(KINDS)
    for row, cause, words in zip(ROWS, KINDS, causes.CAUSES):
        assert all(row) and len(row) == 3, cause
        assert words in row[0], cause
        assert re.search(r"\((provider|dns|tcp|tls|http|\.\.\.)\): ", row[0]), row


@pytest.mark.parametrize("interpreter", FORMS)
def test_each_line_of_the_page_is_what_its_fault_prints(interpreter, provoked):
    found = provoked(interpreter)
    assert {result["name"] for result in found} == set(KINDS)
    for result in found:
        cause, lines = result["name"], result["lines"]
        assert len(lines) == 1, (cause, lines)
        text = lines[0].removeprefix("partysocket: ")
        print(cause, text)
        assert re.fullmatch(pattern(ROWS[KINDS.index(cause)]), text), (cause, text)
        others = [row for row in ROWS if "..." not in row[0] and re.fullmatch(pattern(row), text)]
        assert len(others) <= 1, text


def test_a_line_that_differs_by_a_word_is_noticed():
    row = ["`(tcp): refused: is it started?`", "", ""]
    line = "no connection to 127.0.0.1:1 (tcp): refused: is it %s? Next dial in 4 s."
    assert re.fullmatch(pattern(row), line % "started")
    assert not re.fullmatch(pattern(row), line % "begun")


@pytest.mark.parametrize("interpreter", FORMS)
def test_the_servers_own_sentence_is_in_the_line(interpreter, provoked):
    lines = {result["name"]: result["lines"][0] for result in provoked(interpreter)}
    for cause, sentence in (
        ("400", "the server answered 400: "),
        ("401", "the server answered 401: "),
        ("403", "the server answered 403: your token only reads: give one that may write"),
        ("404", "the server answered 404: nothing here: rooms are at /parties/<party>/<room>"),
        ("4xx", "the server answered 410: this room has moved"),
        ("503", "the server answered 503: "),
        ("5xx", "the server answered 500: out of order; the fault is the server's"),
    ):
        assert sentence in lines[cause]
    assert "looks" not in "".join(lines.values())


@pytest.mark.parametrize("interpreter", FORMS[1:])
def test_a_board_lets_go_of_the_words_at_once(interpreter, provoked):
    assert [result["name"] for result in provoked(interpreter) if result["kept"]] == []


@pytest.mark.parametrize(
    ("phase", "error", "cause"),
    [
        # Linux, lwIP of a Pico W (a reset), newlib of an ESP32, macOS, Windows.
        *(("tcp", OSError(number, "x"), "refused") for number in (111, 104, 61, 10061)),
        *(
            ("tcp", OSError(n, "x"), "unreachable")
            for n in (113, 101, 118, 114, 65, 51, 10065, 10051)
        ),
        *(("tcp", OSError(number, "x"), "tcp late") for number in (110, 116, 60, 10060)),
        *(("http", OSError(number, "x"), "http end") for number in (104, 103, 32, 54, 10054)),
        *(("tls", OSError(number, "x"), "tls end") for number in (104, 54, 10054)),
        # CircuitPython has the number alone; OpenSSL 3.0 and 3.2 differ.
        ("tls", OSError(-0x7200), "no tls"),
        ("tls", OSError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "no tls"),
        ("tls", OSError(1, "[SSL: RECORD_LAYER_FAILURE] record layer failure"), "no tls"),
        ("tls", OSError(-0x7780, "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE"), "other"),
        # TLS that gets no memory.
        ("tls", OSError(-0x7F00, "MBEDTLS_ERR_SSL_ALLOC_FAILED"), "memory"),
        ("tcp", OSError(12, "ENOMEM"), "memory"),
        ("dns", OSError(-2, "x"), "dns"),
        ("dns", OSError(-202), "dns"),
        ("tcp", OSError(5, "EIO"), "other"),
        # A transport of one's own, with a phase of its own.
        ("proxy", OSError("TIMEOUT"), "other"),
        ("http", HandshakeError("the server answered 600", 600), "no upgrade"),
    ],
)
def test_the_errors_of_other_ports_have_their_causes(phase, error, cause):
    assert KINDS[causes.cause_of(phase, error, str(error))] == cause
