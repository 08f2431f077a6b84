"""The manifests, by which boards install the library, list exactly what there is."""

import json
import re
from pathlib import Path

import pytest

from library import CIRCUITPYTHON, FORMS, PARTS, address_of, part_of, version_of
from manifest import ADDRESS, addressed, manifest, manifests, written
from partysocket import parts

ROOT = Path(__file__).resolve().parent.parent
MADE = manifests()


def wrong(root):
    """Return what is wrong with the manifest of the tree at `root`, a line each."""
    listed = json.loads((root / "package.json").read_text(encoding="utf-8"))["urls"]
    lib = root / "lib"
    there = {str(path.relative_to(lib)) for path in lib.glob("partysocket/**/*.py")}
    apart = [name for names in [*PARTS.values(), CIRCUITPYTHON] for name in names]
    there -= {f"partysocket/{name}.py" for name in apart}
    targets = [target for target, _ in listed]
    return [
        *(f"not listed: {name}" for name in sorted(there - set(targets))),
        *(f"listed, but not there: {name}" for name in sorted(set(targets) - there)),
        *(f"not a file: {url}" for _, url in listed if not (root / url).is_file()),
        *(f"{target} comes from {url}" for target, url in listed if url != "lib/" + target),
        *(["not in sorted order, or twice"] if targets != sorted(set(targets)) else []),
    ]


def listed(name):
    """{target: file} of a manifest, as it lies in the tree."""
    path = ROOT / name
    urls = json.loads(path.read_text(encoding="utf-8"))["urls"]
    return {target: path.parent / url for target, url in urls}


def test_package_json_lists_the_library():
    assert wrong(ROOT) == [], "`make manifest` writes it anew"


def test_what_only_circuitpython_loads_is_in_none_of_them():
    for name in MADE:
        assert not [module for module in CIRCUITPYTHON for t in listed(name) if module in t], name


def test_package_json_has_the_version_of_pyproject():
    made = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert made["version"] == version_of(ROOT)


@pytest.mark.parametrize("name", MADE)
def test_a_manifest_is_what_the_tool_writes_and_names_files(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text == written(MADE[name]), "`make manifest` writes it anew"
    assert all(path.is_file() for path in listed(name).values()), "`make mpy` compiles them"


def test_there_is_no_other_manifest():
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "lib").rglob("*.json")}
    assert there | {"package.json"} == set(MADE)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_and_the_parts_beside_it_are_all_of_one_kind(form):
    names = [f"lib/mpy/{form}.json", *(f"lib/mpy/{part}.json" for part in PARTS)]
    targets = [target for name in names for target in listed(name)]
    assert len(targets) == len(set(targets))
    assert all(target.endswith(".mpy") for target in targets)
    sources = [*listed("package.json"), *(t for part in PARTS for t in listed(f"lib/{part}.json"))]
    native = [] if form != "portable" else ["partysocket/core/native.py"]
    left = set(sources) - {target[:-4] + ".py" for target in targets}
    assert left == {"partysocket/net/cpython.py", *native}


def test_parts_are_of_modules_that_are_there():
    for part, names in PARTS.items():
        assert all(part_of(name) == part for name in names)
        assert all((ROOT / f"lib/partysocket/{name}.py").is_file() for name in names)


def lines():
    """(page, what mip is told to install) of each address in the documents and the library."""
    pattern = ADDRESS.pattern + r"(?:/[\w./-]+)?"
    for path in addressed():
        for hit in re.findall(pattern, path.read_text(encoding="utf-8")):
            yield path.relative_to(ROOT).as_posix(), hit.rstrip(".")


def test_every_line_that_installs_names_a_manifest_of_this_tree():
    found = list(lines())
    assert {"README.md", "lib/partysocket/parts.py"} <= {page for page, _ in found}
    for page, line in found:
        if page.endswith(".py"):
            assert line == address_of() + "/lib/"  # with a part's name behind it
            continue
        address, path = line[: len(address_of())], line[len(address_of()) + 1 :]
        assert address == address_of(), f"{page}: `make manifest` writes it"
        # As mip does it.
        path = path if path.endswith(".json") else f"{path}/package.json".lstrip("/")
        assert path in MADE, f"{page}: {line}"


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("ending, form", [("py", ""), ("mpy", "mpy/")])
def test_the_library_names_the_line_for_an_absent_part(part, ending, form, monkeypatch):
    monkeypatch.setattr(parts, "__file__", f"/lib/partysocket/parts.{ending}")
    command, _, address = parts.line(part).rpartition(" ")
    assert command == "mpremote mip install"
    assert address == f"{address_of()}/lib/{form}{part}.json"
    assert f"lib/{form}{part}.json" in MADE


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


@pytest.mark.parametrize("url", ["", "https://example.com/a/b", "https://github.com/a"])
def test_an_address_that_mip_could_not_use_is_refused(tmp_path, url):
    (tmp_path / "pyproject.toml").write_text(f'Repository = "{url}"\n')
    with pytest.raises(ValueError, match="https://github.com/OWNER/NAME"):
        address_of(tmp_path)
