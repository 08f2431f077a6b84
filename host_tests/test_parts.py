"""If only the base is installed, the library names the line that installs a part when it is
used.
"""

import pytest

from boards.yard import furnish
from e2e.devices import said
from install.trees import put
from library import INCLUDED, LIB, PARTS, address_of
from manifest import manifests

_USE = {
    "fetch": "asyncio.run(partysocket.PartySocket.fetch('localhost', 'room'))",
    "hooks": "partysocket.use_party_socket",
    "roots": "asyncio.run(dial('wss://localhost:9'))",
}
_PROGRAM = """
import asyncio
import partysocket
async def dial(url):
    told = asyncio.Event()
    ws = partysocket.WebSocket(url)
    ws.onerror = lambda event: told.set()
    await told.wait()
    print(ws.last_error)
    ws.close()
try:
    {use}
except (ImportError, partysocket.Error) as e:
    print(e)
"""


@pytest.mark.parametrize("part", _USE)
@pytest.mark.parametrize(
    "kind, interpreter", [("py", "micropython"), ("py", "cpython"), ("mpy", "micropython")]
)
def test_the_line_is_named(part, kind, interpreter, tmp_path, monkeypatch):
    # CPython's own roots.
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.setenv(name, "/nonexistent")
    put(LIB, kind, tmp_path, base=True)
    text = said(_PROGRAM.format(use=_USE[part]), tmp_path, interpreter)
    form = "mpy/" if kind == "mpy" else ""
    assert f"mpremote mip install {address_of()}/lib/{form}{part}.json" in text, text
    assert f"lib/{form}{part}.json" in manifests()


def test_what_a_part_itself_lacks_is_told_as_it_is(tmp_path):
    put(LIB, "py", tmp_path, base=True)
    (tmp_path / "partysocket/hooks.py").write_text("import absent_driver\n")
    text = said(_PROGRAM.format(use=_USE["hooks"]), tmp_path)
    assert "absent_driver" in text and "mip install" not in text


def test_of_the_other_parts_the_application_itself_imports_the_modules():
    assert set(PARTS) - set(_USE) - set(INCLUDED) == {
        "clock",
        "outbox",
        "portal",
        "recorder",
        "wifi",
        # Python's own error names them.
    }


def test_the_boards_start_up_file_names_the_line_for_wifi(tmp_path):
    put(LIB, "mpy", tmp_path, base=True)
    furnish("pico_w", tmp_path, NETWORKS=[("home", "its password")], HOST="localhost", NAME="me")
    start = "try:\n    import main\nexcept ImportError as e:\n    print(e)"
    assert f"mpremote mip install {address_of()}/lib/mpy/wifi.json" in said(start, tmp_path)
