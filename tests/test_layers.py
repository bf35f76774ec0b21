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

# From the bottom up: a room (a package, or a module beside them) imports only rooms before it.
ROOMS = (
    "errors", "paths", "system", "fields", "music", "timing", "config", "workers", "style", "loops",
    "chords", "inspire", "asks", "plans", "takes", "compose", "contract", "clients", "surfaces",
    "handlers", "wires", "hosts", "shelf", "setup", "doctor", "app",
)  # fmt: skip
PLACE = {room: number for number, room in enumerate(ROOMS)}

# What rooms that know little may know at the most.
WALLS = {
    "music": {"errors"},
    "timing": {"errors", "music", "system"},
    "loops": {"errors", "music", "paths", "fields", "style", "workers"},
    "chords": {"errors", "music", "paths", "style", "loops", "workers"},
    "contract": {
        "errors", "fields", "music", "style", "asks", "loops", "chords", "timing", "takes",
        "compose",
    },
}  # fmt: skip

MOST_MODULES = 16
MOST_LINES = 300
# These are still longer; none may grow, and none may be added.
LONGER = {
    "app.cli": 400, "app.flags": 313, "app.serve": 330, "asks.loop": 301, "compose.chords": 327,
    "contract.addresses": 325, "hosts.abletonosc_link": 318, "hosts.install": 332,
    "music.midifile": 374, "plans.loop": 378, "takes.store": 391, "timing.player.client": 338,
    "timing.player.player": 308, "timing.player.process": 310, "timing.player.scheduler": 315,
    "timing.player.stage": 355, "timing.sources.transport": 312, "wires.mailbox": 322,
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


def modules_of(module: str) -> set[str]:
    """Return the other modules that a module imports, those under TYPE_CHECKING too."""
    return {name for name in imported(MODULES[module]) if name in MODULES} - {module, "bandmate"}


def rooms_of(module: str) -> set[str]:
    """Return the other rooms that a module imports."""
    return {room(name) for name in modules_of(module)} - {room(module)}


@pytest.mark.parametrize("module", sorted(m for m in MODULES if m != "bandmate"))
def test_nothing_imports_upward(module: str) -> None:
    here = room(module)
    assert here in PLACE, f"{here} is a new room: give it a place in this test"
    assert not {other for other in rooms_of(module) if PLACE[other] >= PLACE[here]}


@pytest.mark.parametrize("here", sorted(WALLS))
def test_walls_stand(here: str) -> None:
    known = set().union(
        *(rooms_of(module) for module in MODULES if module != "bandmate" and room(module) == here)
    )
    assert known <= WALLS[here]


def test_no_modules_import_each_other_in_a_circle() -> None:
    left = {
        module: {other for other in modules_of(module) if MODULES[other].name != "__init__.py"}
        for module in MODULES
    }
    while free := {module for module, others in left.items() if not others & left.keys()}:
        left = {module: others for module, others in left.items() if module not in free}
    assert not left, "these import each other, or modules that do"


def test_packages_are_small() -> None:
    for folder in {path.parent for path in MODULES.values()}:
        found = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(found) <= MOST_MODULES, folder.name


def test_beside_the_packages_lies_little() -> None:
    loose = {path.stem for path in PACKAGE.glob("*.py")}
    assert loose == {"__init__", "errors", "paths", "config", "fields"}


def test_modules_are_short() -> None:
    lengths = {
        module.removeprefix("bandmate."): len(path.read_text("utf-8").splitlines())
        for module, path in MODULES.items()
    }
    long = {module: lines for module, lines in lengths.items() if lines > MOST_LINES}
    assert not {module for module, lines in long.items() if lines > LONGER.get(module, 0)}
    assert LONGER.keys() <= long.keys(), "one is short enough now: take it off the list"


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
        ("bandmate.workers.runtime", "onnxruntime"),
        ("bandmate.loops.model.inference", "onnxruntime"),  # its types alone
        ("bandmate.loops.model.tokenizer", "miditok"),
        ("bandmate.loops.model.tokenizer", "symusic"),
        ("bandmate.takes.sound", "symusic"),
        ("bandmate.chords.proposer.llama", "llama_cpp"),
        ("bandmate.chords.proposer.general", "llama_cpp"),
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
    script = (
        f"import sys, bandmate.app.serve, bandmate.app.cli; print(set({heavy}) & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "set()"


def test_no_room_is_named_for_nothing() -> None:
    empty = {"utils", "core", "base", "helpers", "manager", "common", "models", "session"}
    assert not {part for module in MODULES for part in module.split(".")} & empty
