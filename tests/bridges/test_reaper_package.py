"""The REAPER bridge as a package: what reapack-index reads, and what a person loads."""

from __future__ import annotations

import re
import shutil
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bandmate import __version__
from bridges.reaper_scene import FOLDER, LIBRARY

FILES = sorted(path for path in FOLDER.rglob("*.lua"))
ACTIONS = sorted(path for path in FOLDER.glob("bandmate_*.lua"))
LUAS = ("luac5.3", "luac5.4", "luac")


def header() -> dict[str, str]:
    """Return the tags of the package, as reapack-index reads them: indented lines belong to one."""
    tags: dict[str, str] = {}
    name = ""
    for line in LIBRARY.read_text(encoding="utf-8").splitlines():
        if not line.startswith("--"):
            break
        tag = re.fullmatch(r"-- @(\w+) ?(.*)", line)
        if tag:
            name = tag[1]
            tags[name] = tag[2]
        else:
            assert line == "--" or line.startswith("--   "), "no blank or bare line between tags"
            tags[name] += "\n" + line[5:]
    return tags


def test_the_header_has_what_a_package_needs() -> None:
    tags = header()
    assert {"description", "author", "version", "changelog", "provides", "about"} == tags.keys()
    assert re.match(r"\d", tags["version"])
    assert tags["version"] == __version__
    assert f'VERSION = "{tags["version"]}"' in LIBRARY.read_text(encoding="utf-8")


def test_the_package_provides_each_file_once_and_no_other() -> None:
    provided: dict[str, bool] = {}
    for line in header()["provides"].split("\n")[1:]:
        option, pattern = line.split(" ")
        assert option in ("[main]", "[nomain]")
        pattern = LIBRARY.name if pattern == "." else pattern
        here = FOLDER.glob(pattern.rpartition("/")[0] + "/*" if "/" in pattern else "*")
        names = [path.relative_to(FOLDER).as_posix() for path in here]
        found = [name for name in names if fnmatchcase(name, pattern)]
        assert found, f"{pattern} is not there"
        for name in found:
            assert name not in provided
            provided[name] = option == "[main]"
    assert sorted(provided) == sorted(path.relative_to(FOLDER).as_posix() for path in FILES)
    assert sorted(n for n, is_main in provided.items() if is_main) == [p.name for p in ACTIONS]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_other_file_is_a_package_of_its_own(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert (first == "-- @noindex") != (path == LIBRARY)


def test_the_index_is_one_that_is_filled() -> None:
    root = ElementTree.parse(FOLDER / "index.xml").getroot()
    assert (root.tag, root.attrib) == ("index", {"version": "1", "name": "bandmate"})


@pytest.mark.parametrize("compiler", LUAS)
def test_every_file_is_sound_lua(compiler: str) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed (apt-get install lua5.3 lua5.4)")
    for path in FILES:  # one by one: luac 5.4.4 fails on many
        subprocess.run([compiler, "-p", str(path)], check=True, timeout=60)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_touches_a_global_but_reapers(path: Path) -> None:
    compiler = next((name for name in LUAS if shutil.which(name)), None)
    if compiler is None:
        pytest.skip("luac is not installed (apt-get install lua5.4)")
    told = subprocess.run(
        [compiler, "-l", "-p", str(path)], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    touched = re.findall(r"([GS]ET)TABUP .*_ENV \"(\w+)\"", told)
    assert {name for kind, name in touched if kind == "SET"} <= {"_ENV"}
    assert {name for kind, name in touched if kind == "GET"} <= {
        "reaper", "gfx", "require", "package", "debug", "dofile", "math", "string", "table", "os",
        "io", "pairs", "ipairs", "next", "tostring", "tonumber", "type", "pcall", "select",
    }  # fmt: skip


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.name)
def test_every_action_is_told_of(path: Path) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    name = path.stem.removeprefix("bandmate")
    assert (
        f"`bandmate{name}`" in readme
        or f"`{'_' + name.rpartition('_')[2]}`" in readme
        or f"`{name}`" in readme
    )
    assert f'.run("{name[1:]}")' in path.read_text(encoding="utf-8")
