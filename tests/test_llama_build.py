"""llama.cpp is compiled in the background of a first run: only pip is a fake."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PIP = """
import os, sys, time
from pathlib import Path
with open(os.environ["CALLS"], "a") as calls:
    print(sys.argv[1], file=calls)
if sys.argv[1] == "wheel":
    trouble = os.environ["TROUBLE"]
    if trouble == "no source":
        sys.exit("ERROR: No matching distribution found for llama-cpp-python")
    print("  *** Configuring CMake...", flush=True)
    if trouble == "no compiler":
        sys.exit("CMake Error: No CMAKE_CXX_COMPILER could be found.")
    for step in range(1, 84):
        print(f"  [{step}/83] Building CXX object llama.cpp.o", flush=True)
        while step == 42 and not Path(os.environ["GATE"]).exists():
            time.sleep(0.02)
    folder = Path(sys.argv[sys.argv.index("-w") + 1])
    folder.mkdir()
    version = sys.argv[-1].partition("==")[2]
    (folder / f"llama_cpp_python-{version}-py3-none-any.whl").write_text(version)
elif os.environ["TROUBLE"] == "half an install" and "--force-reinstall" not in sys.argv:
    pass  # pip takes what is there for whole
else:
    wheel = next(Path(word) for word in sys.argv if word.endswith(".whl"))
    (Path(os.environ["SITE"]) / "llama_cpp.py").write_text(f"__version__ = {wheel.read_text()!r}")
"""


class Machine:
    """An environment of its own whose pip compiles nothing."""

    def __init__(self, folder: Path) -> None:
        self.gate, self.calls, self.site = folder / "gate", folder / "calls", folder / "site"
        self.venv = folder / "venv"
        venv.create(self.venv, symlinks=True)
        (self.site / "pip").mkdir(parents=True)
        (self.site / "pip" / "__main__.py").write_text(PIP)
        self.trouble = ""

    def run(self, verb: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.venv / "bin" / "python", ROOT / ".ci" / "llama.py", verb],
            env={
                **os.environ,
                "PYTHONPATH": str(self.site),
                "GATE": str(self.gate),
                "CALLS": str(self.calls),
                "SITE": str(self.site),
                "TROUBLE": self.trouble,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def printed(self, verb: str) -> list[str]:
        return self.run(verb).communicate(timeout=60)[0].splitlines()

    @property
    def log(self) -> str:
        return (self.venv / "llama" / "log.txt").read_text("utf-8")

    @property
    def is_done(self) -> bool:
        return (self.venv / ".llm").is_file()

    def asked_of_pip(self) -> list[str]:
        return self.calls.read_text("utf-8").split()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    built = Machine(tmp_path)
    yield built
    built.gate.touch()


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def pid_in(line: str) -> int:
    return int(line.partition("`kill ")[2].partition("`")[0])


def test_a_build_is_followed_file_by_file_and_used_once(machine: Machine) -> None:
    watch = machine.run("watch")
    assert watch.stdout
    first = watch.stdout.readline()
    assert "in the background" in first
    assert "next run starts it again" in first
    shown = ""
    while "42 of 83 files" not in shown:
        shown = watch.stdout.readline()
        assert shown
    machine.gate.touch()
    rest = watch.communicate(timeout=60)[0].splitlines()
    assert rest[-1] == "llama.cpp is installed: the next run proposes chords with it."
    assert machine.is_done
    assert machine.asked_of_pip() == ["wheel", "install"]
    assert machine.printed("watch") == machine.printed("start") == []
    assert machine.printed("build")[-1] == rest[-1]
    assert machine.asked_of_pip() == ["wheel", "install"]  # what works is not built again


def test_it_goes_on_when_the_program_ends_and_is_found_again(machine: Machine) -> None:
    (first,) = machine.printed("start")
    pid = pid_in(first)
    until(lambda: "[42/83]" in machine.log)
    again = machine.run("watch")  # the next run, while it compiles
    assert again.stdout
    line = again.stdout.readline()
    assert "42 of 83 files" in line
    assert pid_in(line) == pid
    os.kill(again.pid, signal.SIGTERM)  # which ends too
    again.wait(60)
    machine.gate.touch()
    until(lambda: machine.is_done)
    assert machine.asked_of_pip() == ["wheel", "install"]


def test_tests_wait_for_the_build_that_runs(machine: Machine) -> None:
    machine.printed("start")
    until(lambda: "[42/83]" in machine.log)
    build = machine.run("build")
    machine.gate.touch()
    assert build.communicate(timeout=60)[0].splitlines()[-1].startswith("llama.cpp is installed")
    assert machine.asked_of_pip() == ["wheel", "install"]


def test_a_build_that_was_stopped_starts_again_and_leaves_nothing(machine: Machine) -> None:
    watch = machine.run("watch")
    assert watch.stdout
    pid = pid_in(watch.stdout.readline())
    until(lambda: "[42/83]" in machine.log)
    os.kill(pid, signal.SIGTERM)
    told = watch.communicate(timeout=60)[0].splitlines()
    assert told[-1] == "The build of llama.cpp was stopped; the next run starts it again."
    assert not machine.is_done
    assert not (machine.site / "llama_cpp.py").exists()
    machine.gate.touch()
    assert machine.printed("watch")[-1].startswith("llama.cpp is installed")
    assert machine.asked_of_pip() == ["wheel", "wheel", "install"]
    assert not (machine.venv / "llama" / "tmp").exists()


def test_an_install_that_was_stopped_is_repeated_from_the_wheel(machine: Machine) -> None:
    machine.trouble = "half an install"
    machine.gate.touch()
    (machine.site / "llama_cpp.py").write_text("import jinja2_that_is_missing")
    assert machine.printed("build")[-1].startswith("llama.cpp is installed")
    assert machine.asked_of_pip() == ["wheel", "install", "install"]


@pytest.mark.parametrize(
    ("trouble", "words", "is_final"),
    [("no compiler", "it needs a C++ compiler", True), ("no source", "not be fetched", False)],
)
def test_what_cannot_be_built_is_said_and_tried_again_where_that_may_help(
    machine: Machine, trouble: str, words: str, is_final: bool
) -> None:
    machine.trouble = trouble
    build = machine.run("build")
    last = build.communicate(timeout=60)[0].splitlines()[-1]
    assert build.returncode == 0  # everything else works
    assert words in last
    assert "`make llm` tries again" in last
    assert machine.is_done is is_final


def test_make_run_does_not_wait_for_a_compiler() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in ("run", "serve"):
        assert f"\n{target}: .venv/.run ##" in makefile
    assert "\ntest: .venv/.dev .venv/.llm ##" in makefile


def test_only_the_library_is_compiled() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for option in ("-DGGML_NATIVE=OFF", "-DLLAVA_BUILD=OFF", "/.ci/llama.cmake'"):
        assert option in makefile
    assert "set(LLAMA_BUILD_COMMON OFF)" in (ROOT / ".ci" / "llama.cmake").read_text("utf-8")
