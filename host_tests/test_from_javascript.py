"""The Python in examples/from_javascript.md runs unchanged, except for the addresses. Its tables
are compared with the names of the library and of the npm package.
"""

import inspect
import json
import re
import socket
from pathlib import Path

import pytest

import partysocket
from e2e.devices import Device
from e2e.test_fetch import HttpServer
from parity.npm import PACKAGE, need_partysocket
from partysocket.hooks import Hook
from strict_server import StrictServer, silent
from test_stubs import executed, public

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "examples/from_javascript.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.S)
_NAMES = "simple party query urls async-url protocol protocols async-protocols options react"
# In the page's order.
PROGRAMS = dict(
    zip(
        [*_NAMES.split(), "fetch", "awaited"],
        [code for language, code in BLOCKS if language == "python"],
        strict=True,
    )
)

HOST = "project.name.partykit.dev"
ANOTHER = "another-project.username.partykit.dev"
SITE, YOURS = "wss://my.site.com", "wss://your.site.com"
SOON = "min_reconnection_delay=100"


@pytest.fixture(params=["micropython", "cpython"])
def run(request, tmp_path):
    """Run a program of the page on a device, with each text in `changes` replaced."""
    devices = []

    def start(name, changes):
        code = PROGRAMS[name]
        for old, new in changes.items():
            assert old in code
            code = code.replace(old, new)
        assert ".site.com" not in code and ".partykit.dev" not in code
        program = tmp_path / f"program{len(devices)}.py"
        program.write_text(code, encoding="utf-8")
        devices.append(Device(request.param, program, heap="1M"))
        return devices[-1]

    yield start
    for device in devices:
        device.kill()


@pytest.fixture
def server():
    with StrictServer(silent) as server:
        yield server


@pytest.fixture
def nobody():
    """An address that refuses connections, and stays ours meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


def ended(device):
    """The output of a program that ends by itself."""
    device.wait_output()
    assert device.wait_end() == 0, device.lines
    return device.lines


def printed(device):
    """The output so far of a program that runs for ever."""
    device.kill()
    device.wait_output()
    return device.lines


def paths(server):
    return [connection.path for connection in server.connections]


def offers(server):
    """The subprotocols that each connection's client offered."""
    return [c.headers.get_all("Sec-WebSocket-Protocol") for c in server.connections]


def test_simple_usage_says_hello_on_each_connection(run, server):
    device = run("simple", {f'"{SITE}"': f'"{server.url}", {SOON}'})
    assert server.wait_messages(1) == ["hello!"]
    server.drop_all()
    server.wait_messages(2)
    assert [c.messages for c in server.connections] == [["hello!"], ["hello!"]]
    assert paths(server) == ["/", "/"]
    assert printed(device) == []


def test_updated_properties_are_dialled_and_the_first_ones_never(run, server):
    with StrictServer(silent) as first:
        device = run("party", {HOST: first.address, ANOTHER: server.address})
        server.wait_connections(1)
        assert paths(server) == ["/parties/main/my-new-room?_pk=some-connection-id"]
        assert first.connections == [] and printed(device) == []


def test_a_url_is_waited_for(run, server):
    device = run("async-url", {SITE: server.url})
    server.wait_connections(1)
    assert paths(server) == ["/secret"] and printed(device) == []


def test_a_query_is_asked_before_each_dial(run, server):
    changes = {
        "query=query,": f"query=query, {SOON}",
        '"secret"': "secrets.pop(0)",
        "import asyncio\n": 'import asyncio\nsecrets = ["one", "t w&o"]\n',
    }
    device = run("query", {HOST: server.address, **changes})
    server.wait_connections(1)
    server.drop_all()
    server.wait_connections(2)
    one, two = [path.split("&") for path in paths(server)]
    assert re.fullmatch("/parties/main/my-room\\?_pk=[0-9a-f-]{36}", one[0])
    assert (one[0], one[1:], two[1:]) == (two[0], ["token=one"], ["token=t+w%26o"])
    assert printed(device) == []


def test_urls_take_turns(run):
    async def drop(connection):
        connection.drop()

    with StrictServer(drop) as server:
        hosts = ("my", "your", "their")
        urls = {f"wss://{host}.site.com": f"{server.url}/{host}" for host in hosts}
        soon = {"WebSocket(url_provider)": f"WebSocket(url_provider, {SOON})"}
        device = run("urls", urls | soon)
        server.wait_connections(4)
        assert paths(server)[:4] == ["/my", "/your", "/their", "/my"]
        assert printed(device) == []


def test_one_protocol(run):
    with StrictServer(silent, subprotocols=["your-protocol"]) as server:
        device = run("protocol", {YOURS: server.url})
        server.wait_connections(1)
        assert offers(server) == [["your-protocol"]]
        assert printed(device) == []


def test_npms_protocol_is_a_value_error_as_the_page_says(run, server):
    device = run("protocol", {YOURS: server.url, "your-protocol": "your protocol"})
    assert device.wait_end() != 0
    device.wait_output()
    assert device.lines[-1].startswith("ValueError: "), device.lines
    assert server.connections == []


def test_protocols_take_turns(run):
    async def script(connection):
        await connection.close(1012)

    with StrictServer(script, subprotocols=["p1", "p2", "p3.2"]) as server:
        soon = {"protocols_provider)": f"protocols_provider, {SOON})"}
        device = run("protocols", {YOURS: server.url, **soon})
        server.wait_connections(4)
        assert offers(server)[:4] == [["p1"], ["p2"], ["p3.1, p3.2"], ["p1"]]
        assert [c.ws.subprotocol for c in server.connections][:4] == ["p1", "p2", "p3.2", "p1"]
        assert printed(device) == []


@pytest.mark.parametrize("token,offered", [("secret", ["chat, token.secret"]), ("", [])])
def test_protocols_are_waited_for_and_may_be_none(run, token, offered):
    with StrictServer(silent, subprotocols=["chat"] if token else None) as server:
        device = run("async-protocols", {YOURS: server.url, '"secret"': f'"{token}"'})
        server.wait_connections(1)
        assert offers(server) == [offered]
        assert printed(device) == []


def test_options_a_transport_that_tells_its_dials(run, server):
    device = run("options", {SITE: server.url})
    server.wait_connections(1)
    assert offers(server) == [[]]
    (line,) = printed(device)
    words = line.split()
    assert words[:3] == ["dial", "127.0.0.1", str(server.port)]
    # connection_timeout, minus the time that has passed.
    assert 0 < int(words[4]) <= 1000


def test_options_ten_retries_are_eleven_dials(run, nobody):
    soon = {"**options": f"**options, {SOON}, max_reconnection_delay=100"}
    lines = ended(run("options", {SITE: f"ws://{nobody}", **soon}))
    dial = "dial " + nobody.replace(":", " ")
    # The first failure is also told by the library.
    assert f"no connection to {nobody} (tcp): refused" in lines.pop(1)
    assert [line.split(" within")[0] for line in lines] == [dial] * 11


def test_the_hook_lives_until_it_is_not_enabled(run):
    async def script(connection):
        await connection.send("hi")
        assert await connection.receive() == "hello!"
        await connection.send("bye")
        await connection.receive()

    with StrictServer(script) as server:
        lines = ended(run("react", {HOST: server.address}))
        assert lines == ["connected", "message hi", "message bye", "closed 1000"]
        server.wait_closed()
        (connection,) = server.connections
        assert connection.path.startswith("/parties/main/my-room?_pk=")
        assert (connection.close_code, connection.messages) == (1000, ["hello!"])


def test_the_hook_tells_of_errors_before_it_closes(run, nobody):
    told, error, closed = ended(run("react", {HOST: nobody, "enabled=True": "max_retries=0"}))
    assert told.endswith("No dial follows.")
    assert error.startswith("error ") and closed == "closed 1006"


def test_fetch_sends_its_request_and_prints_the_answer(run):
    body = b'{"n": 1}'
    answer = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with HttpServer(answer) as server:
        assert ended(run("fetch", {HOST: server.address})) == ["201 {'n': 1}"]
        ((head, sent),) = server.requests
        assert head.startswith("POST /parties/main/my-room/messages?limit=10 HTTP/1.1\r\n")
        assert "\r\nContent-Type: application/json\r\n" in head
        assert json.loads(sent) == {"text": "hello!"}


def test_messages_are_awaited_and_so_is_their_arrival(run):
    async def script(connection):
        assert await connection.receive() == "hello!"
        await connection.send("one")
        await connection.send("bye")
        await silent(connection)

    with StrictServer(script) as server:
        assert ended(run("awaited", {HOST: server.address})) == ["one", "bye", "True"]
        server.wait_closed()
        (connection,) = server.connections
        assert (connection.close_code, connection.messages) == (1000, ["hello!", "bye"])


def test_each_program_has_a_test_and_its_javascript_above_it():
    here = Path(__file__).read_text(encoding="utf-8")
    assert set(re.findall(r'run\("([a-z-]+)"', here)) == set(PROGRAMS)
    languages = [language for language, _ in BLOCKS]
    assert languages == ["javascript", "python"] * (len(PROGRAMS) - 1) + ["python"]


def bare(javascript):
    """An example without differences that do not matter: comments, imports, spaces, the kind of
    quotes, and the invalid protocol.
    """
    lines = [re.sub("(^|\\s)//.*", "", line).strip() for line in javascript.splitlines()]
    code = "".join(line for line in lines if not line.startswith("import"))
    code = re.sub("['`]", '"', code).replace("your protocol", "your-protocol")
    return re.sub("\\s", "", code)


def test_each_example_of_npms_readme_is_there():
    need_partysocket()
    readme = (PACKAGE / "README.md").read_text(encoding="utf-8")
    examples = re.findall("```javascript\n(.*?)```", readme, re.S)
    examples = [code for code in examples if "new " in code]
    ours = {bare(code) for language, code in BLOCKS if language == "javascript"}
    assert len(examples) == readme.count("const ws = new") > 5
    assert [code for code in examples if bare(code) not in ours] == []


def test_no_line_is_longer_than_110_columns():
    assert [line for line in PAGE.splitlines() if len(line) > 110] == []


# Names of partysocket 1.3.0: its README's "Available options", methods, attributes and constants;
# other names in its types; its hooks.
NPM = """
WebSocket maxReconnectionDelay minReconnectionDelay reconnectionDelayGrowFactor minUptime
connectionTimeout maxRetries maxEnqueuedMessages startClosed debug
close reconnect send addEventListener removeEventListener
binaryType bufferedAmount extensions onclose onerror onmessage onopen protocol readyState url
retryCount CONNECTING OPEN CLOSING CLOSED
shouldReconnectOnClose debugLogger shouldReconnect drainQueuedMessages updateProperties fetch
id host room party basePath prefix protocols path query disableNameValidation
name roomUrl _pk _pkurl partySocketOptions
open message close error data code reason wasClean once handleEvent dispatchEvent
usePartySocket useWebSocket onOpen onMessage onClose onError enabled transferEnqueuedMessages
""".split()


def tables():
    """Each row as (names in its JavaScript, text of its Python, names in that)."""
    found = []
    head = []
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("|"):
            head = []
        elif not head:
            head = cells
        elif "`" in line:
            foreign = names(cells[0]) if "JavaScript" in head[0] else set()
            own = next(cell for cell, title in zip(cells, head) if "Python" in title)
            found.append((foreign, own, names(own) | (foreign if "the same" in own else set())))
    return found


def names(cell):
    """The identifiers in a cell's code."""
    return {name for code in re.findall("`(.*?)`", cell) for name in re.findall(r"\w+", code)}


def ours():
    return set().union(*[own for _, _, own in tables()])


def snake(name):
    return re.sub("(?<=[a-z])[A-Z]", lambda m: "_" + m[0], name).lower()


def test_the_tables_have_every_public_name_and_option():
    made = partysocket.PartySocket("localhost", "r", start_closed=True)
    stubbed = [name for name in public(vars(executed())) if hasattr(partysocket, name)]
    arguments = set(inspect.signature(partysocket.PartySocket).parameters) - {"options"}
    names = [*partysocket.DEVICE, *stubbed, *dir(made), *arguments, *dir(Hook), "socket"]
    assert {name for name in names if not name.startswith("_")} - ours() == set()


def test_the_tables_have_every_name_of_the_npm_package():
    assert set(NPM) - set().union(*[foreign for foreign, _, _ in tables()]) == set()
    package = json.loads((ROOT / "tools/dashboard/package.json").read_text())
    assert package["devDependencies"]["partysocket"] == "1.3.0", "compare NPM with the new one"
    assert "(1.3.0)" in PAGE


def test_names_in_camel_case_are_the_same_in_snake_case():
    for foreign, text, own in tables():
        for name in foreign:
            if re.fullmatch("[a-z]+[A-Z][A-Za-z]*", name) and text != "none":
                assert snake(name) in own, (name, text)
