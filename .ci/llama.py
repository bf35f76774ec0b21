"""Compiles llama.cpp for this environment, in the background of `make run`, and shows progress.

    .ci/llama.py build      compile and install; wait where another process does it already
    .ci/llama.py start      start a build in the background unless one runs, and print one line
    .ci/llama.py watch      the same, then print its progress until it ends

A wheel is built first and kept in .venv/llama: the environment is changed only in the seconds in
which pip installs it. A build that was ended starts again at the next run, an install that was
ended is repeated. Exit code 0 also where nothing could be built: everything else works without it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
VENV = Path(sys.prefix)
DONE = VENV / ".llm"
"""Touched once there is nothing left to do; older than what it depends on, it does not count."""
FOLDER = VENV / "llama"
LOCK, LOG, STATE = FOLDER / "lock", FOLDER / "log.txt", FOLDER / "progress.json"

CPU_SECONDS = 230
"""What compiling costs, measured on one server core; only for the estimate before it has begun."""
NICENESS = 10
_SECONDS_BETWEEN_LINES = 10.0
_TRIES = 20
_STEP = re.compile(r"\[\s*(\d+)/(\d+)\] |\[\s*(\d+)(%)\] ")
_FETCHING, _COMPILING, _INSTALLING, _READY, _FAILED = (
    "fetching", "compiling", "installing", "ready", "failed",
)  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """How far it is."""

    phase: str = _FETCHING
    done: int = 0
    of: int = 0
    """Steps of the compiler; 0 while they are not known."""
    since: float = field(default_factory=time.time)
    """When the compiler began, in seconds of Unix time."""
    pid: int = field(default_factory=os.getpid)
    trouble: str = ""

    @property
    def words(self) -> str:
        """One line for a person."""
        if self.phase == _READY:
            return "llama.cpp is installed: the next run proposes chords with it."
        if self.phase == _FAILED:
            return (
                f"llama.cpp was not built: {self.trouble}. Everything else works without it. "
                f"The log: {LOG}; `make llm` tries again."
            )
        if self.phase == _COMPILING and self.of:
            return f"llama.cpp is being compiled: {self.done} of {self.of} files, {self._left()}."
        return {
            _FETCHING: f"llama.cpp is being fetched; compiling it then takes {_whole()}.",
            _COMPILING: "llama.cpp is being compiled: CMake looks for a compiler.",
            _INSTALLING: "llama.cpp is being installed.",
        }[self.phase]

    def _left(self) -> str:
        elapsed = time.time() - self.since
        if self.done < self.of / 10 or elapsed < 5:
            return _whole()
        return f"{_minutes(elapsed / self.done * (self.of - self.done))} left"


def _whole() -> str:
    cores = os.cpu_count() or 1
    return f"{_minutes(CPU_SECONDS / cores)} on {cores} core{'s' * (cores > 1)}"


def _minutes(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"about {minutes} minute{'s' * (minutes > 1)}" if minutes else "less than a minute"


def main() -> int:
    """Do what is asked for."""
    verbs: dict[str, Callable[[], None]] = {
        "build": build, "start": start, "watch": watch, "behind": behind,
    }  # fmt: skip
    if len(sys.argv) != 2 or sys.argv[1] not in verbs:
        print("usage: .ci/llama.py build|start|watch", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    with contextlib.suppress(KeyboardInterrupt):
        verbs[sys.argv[1]]()
    return 0


def is_done() -> bool:
    """Return True where there is nothing left to do."""
    if not DONE.is_file():
        return False
    return all(
        path.stat().st_mtime <= DONE.stat().st_mtime
        for path in (CONSTRAINTS, ROOT / "pyproject.toml")
    )


# In the foreground.


def build() -> None:
    """Compile and install, or wait for the process that does."""
    with _locked(_TRIES) as is_ours:
        if is_ours:
            _build(_Lines())
        else:
            _follow((_progress() or Progress()).pid)


def start() -> None:
    """Start it in the background and say so in one line."""
    if not is_done():
        _started()
        print(_first_line())


def watch() -> None:
    """Start it and print its progress, a line for each change, until there is none any more."""
    if not is_done():
        _follow(_started())


def _started() -> int:
    """Return the process that builds; it outlives this one, its terminal and Ctrl-C."""
    told = _progress()
    if told and _is_locked():
        return told.pid
    _keep(Progress())
    command = [sys.executable, str(Path(__file__).resolve()), "behind"]
    with LOG.open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _keep(Progress(pid=process.pid))
    return process.pid


def _first_line() -> str:
    told = _progress() or Progress()
    return (
        f"{told.words} This goes on in the background, at low priority, when the program ends; "
        f"`kill {told.pid}` stops it, and the next run starts it again."
    )


def _follow(pid: int) -> None:
    print(_first_line(), flush=True)
    before = (_progress() or Progress()).words
    while _is_alive(pid) or _is_locked():
        words = (_progress() or Progress()).words
        if words != before:
            print(words, flush=True)
        before = words
        time.sleep(0.5)
    last = _progress()
    ended = "The build of llama.cpp was stopped; the next run starts it again."
    print(last.words if last and last.phase in (_READY, _FAILED) else ended, flush=True)


def _is_alive(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        return not os.waitpid(pid, os.WNOHANG)[0]  # a child of ours is a zombie until it is asked
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


# What is done.


class _Lines:
    """Prints the progress of a build in the foreground, some lines of it."""

    def __init__(self) -> None:
        self._phase, self._due = "", 0.0

    def __call__(self, progress: Progress) -> None:
        """Print it where the phase is another one, or the last line is ten seconds old."""
        now = time.monotonic()
        if progress.phase != self._phase or now >= self._due:
            print(progress.words, flush=True)
            self._phase, self._due = progress.phase, now + _SECONDS_BETWEEN_LINES


def behind() -> None:
    """Compile and install in the background; for `start` and `watch`."""
    os.nice(NICENESS)
    signal.signal(signal.SIGTERM, _end_all)
    with _locked(_TRIES) as is_ours:
        if is_ours:
            _build(lambda progress: None)


def _end_all(*_: object) -> None:
    """End the compiler's processes with this one, which leads their group."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    os._exit(143)


def _build(shown: Callable[[Progress], None]) -> None:
    def tell(progress: Progress) -> None:
        _keep(progress)
        shown(progress)

    trouble, is_final = _built(tell)
    if is_final:
        DONE.touch()
    tell(Progress(_FAILED, trouble=trouble) if trouble else Progress(_READY))


def _built(tell: Callable[[Progress], None]) -> tuple[str, bool]:
    """Return what went wrong, or nothing, and whether trying again would end in the same way."""
    wanted = _wanted()
    if _works(wanted):
        return "", True
    if not _wheel(wanted):
        trouble, is_final = _compiled(wanted, tell)
        if trouble:
            return trouble, is_final
    tell(Progress(_INSTALLING))
    pip = [sys.executable, "-m", "pip", "install", "-q", "-c", str(CONSTRAINTS)]
    for more in ([], ["--force-reinstall", "--no-deps"]):  # an install that was ended is incomplete
        if _run([*pip, *more, str(_wheel(wanted))]) == 0 and _works(wanted):
            return "", True
    return "pip could not install the wheel", False


def _compiled(wanted: str, tell: Callable[[Progress], None]) -> tuple[str, bool]:
    """Build the wheel; return what went wrong, or nothing, and whether it would go wrong again."""
    temporary = FOLDER / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)  # of one that was ended
    temporary.mkdir()
    progress = Progress()
    tell(progress)
    for line in _lines_of_pip(wanted, temporary):
        before, progress = progress, progress_of(line, progress)
        if progress != before:
            tell(progress)
    for wheel in (temporary / "wheel").glob("llama_cpp_python-*.whl"):
        wheel.replace(FOLDER / wheel.name)
    shutil.rmtree(temporary, ignore_errors=True)
    if _wheel(wanted):
        return "", True
    if progress.phase == _FETCHING:
        return "its source could not be fetched", False
    return "it did not compile (it needs a C++ compiler)", True


def _lines_of_pip(wanted: str, temporary: Path) -> Iterator[str]:
    """Build the wheel and yield what pip and the compiler print, all of which goes to the log."""
    cores = str(os.cpu_count() or 1)
    pip = [sys.executable, "-m", "pip", "wheel", "-v", "--no-deps", "-c", str(CONSTRAINTS)]
    process = subprocess.Popen(
        [*pip, "-w", str(temporary / "wheel"), f"llama-cpp-python=={wanted}"],
        env={**os.environ, "TMPDIR": str(temporary), "CMAKE_BUILD_PARALLEL_LEVEL": cores},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout
    with process, LOG.open("a", 1, encoding="utf-8") as log:
        for line in process.stdout:
            log.write(line)
            yield line


def progress_of(line: str, before: Progress) -> Progress:
    """Return the progress after a line of pip's, CMake's or the compiler's."""
    if before.phase == _FETCHING and "Configuring CMake" in line:
        return replace(before, phase=_COMPILING, since=time.time())
    step = _STEP.search(line)
    if before.phase != _COMPILING or not step:
        return before
    done, of = (step[1], step[2]) if step[1] else (step[3], "100")
    return replace(before, done=int(done), of=int(of))


def _wanted() -> str:
    """Return the version that constraints.txt lists."""
    match = re.search(r"^llama-cpp-python==(\S+)", CONSTRAINTS.read_text("utf-8"), re.M)
    assert match, "constraints.txt lists no llama-cpp-python"
    return match[1]


def _works(wanted: str) -> bool:
    """Return True where that version is installed whole."""
    script = f"import llama_cpp; raise SystemExit(llama_cpp.__version__ != {wanted!r})"
    return _run([sys.executable, "-c", script]) == 0


def _wheel(wanted: str) -> Path | None:
    return next(FOLDER.glob(f"llama_cpp_python-{wanted}-*.whl"), None)


def _run(command: list[str]) -> int:
    with LOG.open("ab") as log:
        return subprocess.run(command, stdout=log, stderr=log, check=False).returncode


# Files.


def _keep(progress: Progress) -> None:
    beside = STATE.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps(asdict(progress)), "utf-8")
    beside.replace(STATE)


def _progress() -> Progress | None:
    try:
        return Progress(**json.loads(STATE.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


@contextlib.contextmanager
def _locked(tries: int = 1) -> Iterator[bool]:
    """Yield True in the one process that builds; the system unlocks when that dies.

    Whoever only looks holds the lock for a moment, therefore a builder tries again.
    """
    with LOCK.open("ab") as lock:
        yield any(_is_taken(lock) or time.sleep(0.05) for _ in range(tries))


def _is_taken(lock: IO[bytes]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_locked() -> bool:
    with _locked() as is_ours:
        return not is_ours


if __name__ == "__main__":
    sys.exit(main())
