"""A person installs bandmate: without a compiler on each system, and by pipx and uv on this one.

These need a package index: `make wheels` runs them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = pytest.mark.network

ROOT = Path(__file__).parents[1]
SYSTEMS = {
    "Windows": ("x86_64-pc-windows-msvc", ("3.11", "3.12", "3.13", "3.14")),
    "macOS 14, Apple": ("aarch64-apple-darwin", ("3.11", "3.12", "3.13", "3.14")),
    "macOS 14, Intel": ("x86_64-apple-darwin", ("3.11", "3.12", "3.13")),
    "Linux, x86-64": ("x86_64-manylinux_2_28", ("3.11", "3.12", "3.13", "3.14")),
    # midirenderer's wheel is for Debian 12, Ubuntu 22.04, Raspberry Pi OS 12 and newer.
    "Linux, arm64": ("aarch64-manylinux_2_34", ("3.11", "3.12", "3.13", "3.14")),
}
"""What uv calls each system, and the versions of Python that have wheels there."""
MIDI_PORTS = {"3.11", "3.12"}
"""The versions of Python that python-rtmidi has wheels for."""
Uv = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def uv(tmp_path_factory: pytest.TempPathFactory) -> Uv:
    """Run uv; skip where there is none, or no package index to ask."""
    pytest.importorskip("uv", reason="uv is in the extra dev")
    folder = tmp_path_factory.mktemp("uv")
    environ = {
        **os.environ,
        "MACOSX_DEPLOYMENT_TARGET": "14.0",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_TOOL_DIR": str(folder / "tools"),
        "UV_TOOL_BIN_DIR": str(folder / "bin"),
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "uv", *words]
        return subprocess.run(
            command, cwd=folder, env=environ, capture_output=True, text=True, check=False
        )

    asked = run("pip", "install", "--dry-run", "--target", str(folder / "none"), "mido")
    if any(words in asked.stderr for words in ("ailed to fetch", "network was disabled")):
        pytest.skip("no package index answers")
    assert asked.returncode == 0, asked.stderr
    return run


Case = tuple[str, str, bool]
CASES: list[Case] = [
    (name, version, is_tested)
    for name, (_, versions) in SYSTEMS.items()
    for version in versions
    for is_tested in (True, False)
]
"""A system, a version of Python, and whether `make` installs (the tested versions) or pipx."""


@pytest.fixture(scope="module")
def resolved(uv: Uv) -> Iterator[dict[Case, Future[subprocess.CompletedProcess[str]]]]:
    """Resolve everything at once: most of it is waiting for the index."""
    with ThreadPoolExecutor(8) as pool:
        yield {case: pool.submit(resolve, uv, *case) for case in CASES}


def resolve(uv: Uv, name: str, version: str, is_tested: bool) -> subprocess.CompletedProcess[str]:
    return uv(
        "pip", "compile", "-q", "--no-header", "--no-annotate", "--only-binary", ":all:",
        "--extra", "cpu", "--extra", "inspire", str(ROOT / "pyproject.toml"),
        "--python-platform", SYSTEMS[name][0], "--python-version", version,
        *(("-c", str(ROOT / "constraints.txt")) if is_tested else ()),
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_everything_has_a_wheel(
    resolved: dict[Case, Future[subprocess.CompletedProcess[str]]], case: Case
) -> None:
    told = resolved[case].result()
    assert told.returncode == 0, told.stderr
    names = {line.partition("==")[0] for line in told.stdout.splitlines()}
    assert names >= {"onnxruntime", "mido", "python-osc", "midirenderer", "tokenizers", "pillow"}
    assert ("python-rtmidi" in names) is (case[1] in MIDI_PORTS)


def a_loop_is_written_by(program: Path, folder: Path) -> None:
    """Use what was installed, without anything of this environment."""
    told = subprocess.run(
        [str(program), "loop", "--preset", "tight-funk", "--seed", "7", "-o", "out.mid"],
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(folder), "BANDMATE_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert (folder / "out.mid").stat().st_size > 200


def test_uv_installs_the_wheel_as_a_tool(uv: Uv, wheel: Path, tmp_path: Path) -> None:
    told = uv("tool", "install", "--python", sys.executable, f"bandmate[cpu,inspire] @ {wheel}")
    assert told.returncode == 0, told.stderr
    folder = Path(uv("tool", "dir", "--bin").stdout.strip())
    a_loop_is_written_by(folder / "bandmate", tmp_path)
    assert uv("tool", "uninstall", "bandmate").returncode == 0
    assert not (folder / "bandmate").exists()


def test_pipx_installs_the_wheel(uv: Uv, wheel: Path, tmp_path: Path) -> None:
    pytest.importorskip("pipx", reason="pipx is in the extra dev")
    environ = {**os.environ, "PIPX_HOME": str(tmp_path / "pipx"), "PIPX_BIN_DIR": str(tmp_path)}
    environ.pop("PYTHONPATH", None)

    def pipx(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pipx", *words]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    told = pipx("install", "--python", sys.executable, f"{wheel}[cpu,inspire]")
    assert told.returncode == 0, told.stderr
    a_loop_is_written_by(tmp_path / "bandmate", tmp_path)
    assert pipx("uninstall", "bandmate").returncode == 0
    assert not (tmp_path / "bandmate").exists()
