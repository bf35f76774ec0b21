"""The papers tell the truth: tables, commands, links and figures are held against the code."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from bandmate.app.flags import parsed
from bandmate.asks.presets import PRESET_FIELDS, presets
from bandmate.config import SETTINGS
from bandmate.fields import Field
from bandmate.workers.weights import manifest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page
    for page in ROOT.rglob("*.md")
    if not {".venv", "out", "build", ".pytest_cache"} & set(page.relative_to(ROOT).parts)
)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def printed(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def rows(fields: Iterable[Field]) -> list[str]:
    return [
        f"| `{f.name}` | {f.words} | {f.range.words} | "
        f"{f.default.removeprefix('the preset' + chr(39) + 's, else ')} |"
        for f in fields
    ]


def table(page: str) -> list[str]:
    return [line for line in text(page).splitlines() if line.startswith("| `")]


def test_every_preset_field_is_on_its_page_and_no_other() -> None:
    assert table("presets/README.md") == rows(PRESET_FIELDS)


def test_every_setting_is_on_its_page_and_no_other() -> None:
    assert table("daemon/README.md") == rows(SETTINGS)


def test_at_least_eight_presets_and_each_sounds_different() -> None:
    found = presets()
    assert len(found) >= 8
    assert len({(p.parts, p.genre) for p in found}) == len(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{target} is not there"


def test_make_targets_that_the_papers_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    for page in PAGES:
        named = re.findall(r"`make ([a-z-]+)`|^    make ([a-z-]+)", page.read_text("utf-8"), re.M)
        assert {a or b for a, b in named} <= targets, page
    wanted = {"run", "serve", "test", "lint", "bench", "eval", "train"}
    assert wanted <= set(re.findall(r"make (\w+)", printed("make", "-s", "help")))


def test_commands_that_the_readme_shows_are_understood() -> None:
    block = text("README.md").replace("\\\n", " ")
    lines = re.findall(r"^    bandmate (.+)$", block, re.MULTILINE)
    assert len(lines) >= 6
    for line in lines:
        assert parsed(shlex.split(line, comments=True)).command


LIMITS = {"loops/": 20, "chords/proposer": 8, "inspire/labels": 6, "": 6}
"""Megabytes that shipped files may have, by how their names begin; the last is the rest."""


def test_shipped_weights_are_in_the_manifest_and_under_their_limits() -> None:
    models = ROOT / "models"
    sizes = {row.file: (models / row.file).stat().st_size / 1e6 for row in manifest()}
    found = {path.relative_to(models).as_posix() for path in models.rglob("*.onnx")}
    assert found | {path.relative_to(models).as_posix() for path in models.rglob("*.gguf")} <= {
        *sizes
    }
    used = dict.fromkeys(LIMITS, 0.0)
    for name, size in sizes.items():
        used[next(start for start in LIMITS if name.startswith(start))] += size
    assert all(0 < used[start] < limit for start, limit in LIMITS.items()), used


def test_no_paper_or_module_names_a_machine() -> None:
    for name in printed("git", "ls-files").splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".lua", ".yaml", ".toml"} and path.is_file():
            found = re.search(r"/(?:work|root|home/\w+)/", path.read_text(encoding="utf-8"))
            assert not found or name == "tests/test_docs.py", f"{name} says {found and found[0]}"
