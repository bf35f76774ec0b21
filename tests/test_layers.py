"""The walls of the house, read from the syntax tree: who may import whom, what nobody imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "daemon" / "bandmate"
MODULES = {
    ".".join(("bandmate", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in PACKAGE.rglob("*.py")
}

# The house from the cellar up: a room imports only from floors below its own.
FLOORS = (
    ("errors",),
    ("files", "private", "yaml_reader"),
    ("places", "ranges", "music", "workshop", "line", "silence", "process"),
    (
        "home_lock",
        "keeping",
        "leftovers",
        "weights",
        "runtime",
        "config",
        "timing",
        "sound",
        "roll",
        "chart",
        "worker",
        "forecast",
    ),
    ("loops", "guest", "capture"),
    ("rendering", "spelling", "keywords", "context", "energy", "shaped"),
    ("cells", "plan_json", "time_feel"),
    ("asks",),
    ("presets", "handshakes"),
    ("chords", "song"),
    ("inspire", "chord_asks", "edits", "wishes", "clip_files"),
    ("plans",),
    ("chord_plans",),
    ("take_rows", "take_database"),
    ("takes",),
    ("compose", "cowriter", "measuring"),
    ("wires", "alone"),
    ("serve", "caller", "flags", "telling", "bridges", "abletonosc"),
    ("demo", "osclink", "shelf"),
    ("bridging", "doctor", "setup"),
    ("cli",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# What rooms that know little may know at the most.
WALLS = {
    "music": {"errors"},
    "timing": {"errors", "music"},
    "loops": {"errors", "music", "weights", "runtime", "places", "ranges"},
    "compose": {
        "errors", "loops", "asks", "song", "presets", "plans", "takes", "worker", "config",
        "line", "context", "forecast", "take_rows",
    },
    "chords": {
        "errors", "loops", "asks", "music", "keywords", "weights", "runtime", "places", "ranges",
    },
    "inspire": {
        "errors", "files", "chords", "music", "keywords", "weights", "runtime", "places",
        "presets", "ranges", "asks", "yaml_reader", "workshop",
    },
}  # fmt: skip

# In a process of their own, or only where a person asks for them.
HEAVY = {"torch", "miditok", "onnxruntime", "llama_cpp", "aalink", "PySide6", "symusic"}


def imported(path: Path) -> set[str]:
    """Return the modules, and the names in them, that a file imports anywhere."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def room(module: str) -> str:
    return module.split(".")[1]


def rooms_of(module: str) -> set[str]:
    """Return the other rooms that a module imports."""
    names = {name for name in imported(MODULES[module]) if name.startswith("bandmate.")}
    return {room(name) for name in names if room(name) in FLOOR} - {room(module)}


@pytest.mark.parametrize("module", sorted(m for m in MODULES if m != "bandmate"))
def test_nothing_imports_upward(module: str) -> None:
    here = room(module)
    assert here in FLOOR, f"{here} is a new room: give it a floor in this test"
    assert not {other for other in rooms_of(module) if FLOOR[other] >= FLOOR[here]}


@pytest.mark.parametrize("here", sorted(WALLS))
def test_walls_stand(here: str) -> None:
    known = set().union(
        *(rooms_of(module) for module in MODULES if module != "bandmate" and room(module) == here)
    )
    assert known <= WALLS[here]


def test_nothing_imports_torch() -> None:
    assert not [
        m for m, path in MODULES.items() if any(n.split(".")[0] == "torch" for n in imported(path))
    ]


def test_only_these_open_heavy_packages() -> None:
    found = {
        (module, name.split(".")[0])
        for module, path in MODULES.items()
        for name in imported(path)
        if name.split(".")[0] in HEAVY
    }
    assert found <= {
        ("bandmate.runtime", "onnxruntime"),
        ("bandmate.loops.model", "onnxruntime"),  # its types alone
        ("bandmate.loops.tokenizer", "miditok"),
        ("bandmate.loops.tokenizer", "symusic"),
        ("bandmate.sound", "symusic"),
        ("bandmate.chords.llama", "llama_cpp"),
        ("bandmate.chords.foreign", "llama_cpp"),
        ("bandmate.shelf.elided", "PySide6"),
        ("bandmate.shelf.look", "PySide6"),
        ("bandmate.shelf.picture", "PySide6"),
        ("bandmate.shelf.place", "PySide6"),
        ("bandmate.shelf.program", "PySide6"),
        ("bandmate.shelf.row_view", "PySide6"),
        ("bandmate.shelf.window", "PySide6"),
    }


def test_the_daemons_own_process_imports_no_model() -> None:
    heavy = sorted(HEAVY | {"numpy"})
    script = f"import sys, bandmate.serve, bandmate.cli; print(set({heavy}) & set(sys.modules))"
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "set()"


def test_no_room_is_named_for_nothing() -> None:
    empty = {"utils", "core", "base", "helpers", "manager", "common", "models", "session"}
    assert not {part for module in MODULES for part in module.split(".")} & empty
