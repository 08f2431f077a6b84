"""package.json, by which boards install the library, lists exactly what there is."""

import json
from pathlib import Path

import pytest

from manifest import PARTS, content, manifest, version_of, written

ROOT = Path(__file__).resolve().parent.parent


def wrong(root):
    """Return what is wrong with the manifest of the tree at `root`, a line each."""
    listed = json.loads((root / "package.json").read_text(encoding="utf-8"))["urls"]
    lib = root / "lib"
    there = {str(path.relative_to(lib)) for path in lib.glob("partysocket/**/*.py")}
    there -= {name for names in PARTS.values() for name in names}
    targets = [target for target, _ in listed]
    return [
        *(f"not listed: {name}" for name in sorted(there - set(targets))),
        *(f"listed, but not there: {name}" for name in sorted(set(targets) - there)),
        *(f"not a file: {url}" for _, url in listed if not (root / url).is_file()),
        *(f"{target} comes from {url}" for target, url in listed if url != "lib/" + target),
        *(["not in sorted order, or twice"] if targets != sorted(set(targets)) else []),
    ]


def test_package_json_lists_the_library():
    assert wrong(ROOT) == [], "`make manifest` writes it anew"


def test_package_json_has_the_version_of_pyproject():
    made = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert made["version"] == version_of(ROOT)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_apart_has_a_manifest_of_its_own(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text == written(content(PARTS[name], version_of(ROOT), "")), "`make manifest` writes it"
    folder = (ROOT / name).parent
    assert all((folder / url).is_file() for _, url in json.loads(text)["urls"])


@pytest.fixture
def tree(tmp_path):
    """A library of two files, a stub and a part apart, with the manifest that the tool writes."""
    for name in ("__init__.py", "core/ring.py", "__init__.pyi", "roots.py"):
        path = tmp_path / "lib/partysocket" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "package.json").write_text(written(manifest(tmp_path, "1.2.3")))
    return tmp_path


def test_the_tool_writes_a_right_one(tree):
    assert wrong(tree) == []
    assert json.loads((tree / "package.json").read_text()) == {
        "urls": [
            ["partysocket/__init__.py", "lib/partysocket/__init__.py"],
            ["partysocket/core/ring.py", "lib/partysocket/core/ring.py"],
        ],
        "version": "1.2.3",
    }


def test_a_new_file_is_missed(tree):
    (tree / "lib/partysocket/new.py").touch()
    assert wrong(tree) == ["not listed: partysocket/new.py"]


def test_a_removed_file_is_noticed(tree):
    (tree / "lib/partysocket/core/ring.py").unlink()
    assert wrong(tree) == [
        "listed, but not there: partysocket/core/ring.py",
        "not a file: lib/partysocket/core/ring.py",
    ]


def test_a_wrong_order_or_source_is_noticed(tree):
    made = manifest(tree, "1")
    made["urls"].reverse()
    made["urls"][0][1] = "lib/partysocket/__init__.py"
    (tree / "package.json").write_text(written(made))
    assert wrong(tree) == [
        "partysocket/core/ring.py comes from lib/partysocket/__init__.py",
        "not in sorted order, or twice",
    ]
