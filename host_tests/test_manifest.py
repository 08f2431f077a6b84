"""The manifests with which boards install the library list exactly its files."""

import json
import re
import shutil
from pathlib import Path

import pytest

from library import (
    CIRCUITPYTHON,
    FACADES,
    FORMS,
    INCLUDED,
    NATIVE,
    PARTS,
    address_of,
    files,
    files_of,
    version_of,
)
from manifest import ADDRESS, addressed, manifest, manifests, versioned, written

ROOT = Path(__file__).resolve().parent.parent
MADE = manifests()
SEPARATE = [part for part in PARTS if part not in INCLUDED]
APART = {
    name
    for names in [
        *(names for part in SEPARATE for names in files_of(part).values()),
        CIRCUITPYTHON,
    ]
    for name in names
}


def read(name):
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def listed(name):
    """{target: file} of a manifest, relative to the tree."""
    return {target: (ROOT / name).parent / url for target, url in read(name)["urls"]}


def right(root, version):
    """The files that package.json must list: all that are there, except parts."""
    folder = root / "lib/partysocket"
    there = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.py")}
    names = sorted(f"partysocket/{name}.py" for name in there - APART)
    return {"urls": [[name, f"lib/{name}"] for name in names], "version": version}


def test_package_json_lists_the_library_but_for_its_parts():
    assert read("package.json") == right(ROOT, version_of(ROOT))
    assert all((ROOT / f"lib/partysocket/{name}.py").is_file() for name in APART)


@pytest.mark.parametrize("name", MADE)
def test_a_manifest_is_what_the_tool_writes_and_names_files(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text == written(MADE[name]), "`make manifest` writes it anew"
    assert all(path.is_file() for path in listed(name).values()), "`make mpy` compiles them"
    assert not [module for module in CIRCUITPYTHON for t in listed(name) if module in t]


def test_there_is_no_other_manifest():
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "lib").rglob("*.json")}
    assert there | {"package.json"} == set(MADE)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_and_the_parts_beside_it_are_all_of_one_kind(form):
    names = [f"lib/mpy/{form}.json", *(f"lib/mpy/{part}.json" for part in SEPARATE)]
    targets = [target for name in names for target in listed(name)]
    assert len(targets) == len(set(targets))
    made = {target.partition("/")[2].rpartition(".")[0] for target in targets}
    native = set() if form != "portable" else {NATIVE}
    assert made == set(files()) - native
    # Only `__init__` is a source: it replaces that of another form.
    assert [target for target in targets if not target.endswith(".mpy")] == [
        "partysocket/__init__.py"
    ]


def test_what_is_compiled_is_made_of_all_sources_but_those_of_other_platforms():
    sources = [*listed("package.json"), *(t for part in PARTS for t in listed(f"lib/{part}.json"))]
    sources = {source.partition("/")[2].removesuffix(".py") for source in sources}
    joined = {module for names in files().values() for module in names}
    left = sources - joined - {f"{name}/__init__" for name in joined}
    assert left == {"net/cpython", "core/__init__", *FACADES}


def test_the_library_and_each_part_say_the_version_of_pyproject_toml_or_another(tmp_path):
    shutil.copytree(ROOT / "lib/partysocket", tmp_path / "lib/partysocket")
    (tmp_path / "pyproject.toml").write_text('version = "12.0.3rc1"\n')
    written = versioned(tmp_path)
    assert {path.stem for path in written} == {"__init__", *PARTS}
    for path, text in written.items():
        before = path.read_text(encoding="utf-8")
        version = version_of(ROOT)
        says = [f'__version__ = "{version}"']
        if path.stem in PARTS:
            says = [f'startswith("{version}+")', f"needs partysocket '{version}', not"]
        assert all(before.count(one) == 1 for one in says), f"{path}: `make manifest` writes it"
        assert text.count("12.0.3rc1") == len(says)
        assert text.replace("12.0.3rc1", version) == before


def test_every_line_that_installs_names_a_manifest_of_this_tree():
    pages = set()
    for path in addressed():
        page = path.relative_to(ROOT).as_posix()
        text = path.read_text(encoding="utf-8")
        for line in re.findall(ADDRESS.pattern + r"(?:/[\w./-]+)?", text):
            pages.add(page)
            line = line.rstrip(".")
            if page.endswith(".py"):
                # The name of a part comes after it.
                assert line == address_of() + "/lib/"
                continue
            address, path = line[: len(address_of())], line[len(address_of()) + 1 :]
            assert address == address_of(), f"{page}: `make manifest` writes it"
            # As mip does.
            path = path if path.endswith(".json") else f"{path}/package.json".lstrip("/")
            assert path in MADE, f"{page}: {line}"
    wanted = {"README.md", "lib/partysocket/wrong.py", "tools/room_server/static/index.html"}
    assert wanted <= pages


def test_what_comes_or_goes_is_noticed(tmp_path):
    folder = tmp_path / "lib/partysocket"
    (folder / "core").mkdir(parents=True)
    before = manifest(tmp_path, "1.2.3")
    for name in ("__init__.py", "core/ring.py", "__init__.pyi", "roots.py"):
        (folder / name).touch()
    names = ("partysocket/__init__.py", "partysocket/core/ring.py")
    urls = [[name, f"lib/{name}"] for name in names]
    made = manifest(tmp_path, "1.2.3")
    assert before != made == right(tmp_path, "1.2.3") == {"urls": urls, "version": "1.2.3"}
    (folder / "core/ring.py").unlink()
    assert made != right(tmp_path, "1.2.3") == manifest(tmp_path, "1.2.3")


@pytest.mark.parametrize("url", ["", "https://example.com/a/b", "https://github.com/a"])
def test_an_address_that_mip_could_not_use_is_refused(tmp_path, url):
    (tmp_path / "pyproject.toml").write_text(f'Repository = "{url}"\n')
    with pytest.raises(ValueError, match="https://github.com/OWNER/NAME"):
        address_of(tmp_path)
