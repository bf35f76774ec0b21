"""What keeps our dependencies quiet is set before any of them is imported, in every process."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

import bandmate
from bandmate import SWITCHES
from bandmate.workers.weights import checked
from bandmate.workers.worker import Worker

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(bandmate.__file__).parent
TALKATIVE = {"onnxruntime", "huggingface_hub", "tokenizers", "miditok", "transformers", "midigpt"}
"""Packages that read the switches when they are imported, or that bring one that does."""


def printed(*words: str, **environment: str) -> str:
    """Return what python prints, told to switch everything on."""
    on = dict.fromkeys(SWITCHES, "0")
    path = {"PYTHONPATH": os.pathsep.join((str(PACKAGE.parent), environment.pop("path", "")))}
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=True,
        env=os.environ | on | path | environment,
    ).stdout  # fmt: skip


TELL = "import os, bandmate; print({name: os.environ[name] for name in bandmate.SWITCHES})"


def test_the_switches_hold_whatever_was_set_before() -> None:
    assert SWITCHES["ORT_DISABLE_TELEMETRY"] == "1"
    assert ast.literal_eval(printed("-c", TELL)) == SWITCHES


def test_training_and_evaluation_have_them_too() -> None:
    assert ast.literal_eval(printed("-c", f"import data; {TELL}", path=str(ROOT / "models")))


class Environment:
    """A servant that tells the switches of its process."""

    name, note = "environment", ""

    def serve(self, request: object, is_called_off: Callable[[], bool]) -> Iterator[object]:
        """Yield them."""
        yield {name: os.environ.get(name) for name in SWITCHES}

    def close(self) -> None:
        """Do nothing."""


def test_workers_have_them_even_where_nobody_could_inherit_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in SWITCHES:
        monkeypatch.delenv(name)

    async def story() -> object:
        worker = Worker(Environment, "environment")
        try:
            asked: AsyncGenerator[object, None] = worker.ask(None)
            async with aclosing(asked) as items:
                return await anext(items)
        finally:
            await worker.stop()

    assert asyncio.run(story()) == SWITCHES


FAKE = """
import os
heard = [os.environ.get("ORT_DISABLE_TELEMETRY")]
def disable_telemetry_events(): heard.append("events off")
"""


@pytest.mark.parametrize("module", ["loops.model.inference", "chords.prior", "workers.runtime"])
def test_onnxruntime_finds_itself_switched_off(module: str, tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    (tmp_path / "onnxruntime.py").write_text(FAKE)
    opening = "from bandmate.workers.runtime import onnxruntime"
    script = f"import bandmate.{module}\n{opening}\nprint(*onnxruntime().heard)"
    told = printed("-c", script, path=str(tmp_path)).split()
    assert told[:3] == ["1", "events", "off"]


def test_what_cuda_compiles_is_kept_at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    from bandmate.loops.model.inference import LoopModel

    monkeypatch.setenv("CUDA_CACHE_PATH", "")
    monkeypatch.delenv("CUDA_CACHE_PATH")
    LoopModel(checked("loops"), device="cuda")
    assert os.environ["CUDA_CACHE_PATH"] == str(home / "cuda")


def importers() -> Iterator[tuple[str, str]]:
    """Yield each file of ours and each talkative package that it imports when it is run."""
    for folder in (PACKAGE, ROOT / "models", ROOT / "tests"):
        for path in folder.rglob("*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            types = {id(n) for t in ast.walk(tree) if _is_for_types(t) for n in ast.walk(t)}
            for node in ast.walk(tree):
                names = _names(node) if id(node) not in types else []
                for name in TALKATIVE & {n.partition(".")[0] for n in names}:
                    yield str(path.relative_to(folder.parent)), name


def _is_for_types(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []


def test_talkative_packages_are_imported_from_inside_bandmate_alone() -> None:
    assert set(importers()) == {
        ("bandmate/workers/runtime.py", "onnxruntime"),
        ("bandmate/loops/model/tokenizer.py", "miditok"),
        ("bandmate/inspire/text/embedding.py", "tokenizers"),
        ("tests/bench/rivals.py", "midigpt"),
    }


def test_make_sets_them_before_python_starts() -> None:
    lines = (ROOT / "Makefile").read_text("utf-8")
    assert dict(re.findall(r"^export (\w+) := (\S+)$", lines, re.M)).items() >= SWITCHES.items()
