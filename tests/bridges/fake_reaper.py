"""A whole fake of REAPER's ``reaper`` table: what the bridge calls works, the rest is an error.

A name that the table lacks raises at once, and so does a script that fails: in REAPER that is a box
in the person's way. Scripts run in any Lua that is handed in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from bridges.fake_project import FakeProject
from bridges.fake_window import FakeWindow

TICK = 1 / 30
"""Seconds between two rounds of what was deferred."""


@dataclass(eq=False)
class Run:
    """One run of a script: its own Lua state and what it has deferred."""

    runtime: Any
    path: Path
    deferred: list[Callable[[], object]] = field(default_factory=list)
    options: int = 0
    is_over: bool = False


class FakeReaper(FakeProject):
    """REAPER with one project; time stands still but for its ticks, unless a test moves ``clock``.

    *lua* is a module of lupa's, or a PipedLua, whose scripts have no window.
    """

    def __init__(
        self,
        lua: ModuleType | Any,
        system: str = "Other",
        is_seven: bool = True,
        first_guid: int = 1,
    ) -> None:
        super().__init__(first_guid)
        self.lua = lua
        self.system = system
        self.is_seven = is_seven
        self.clock = 1000.0
        self.ext: dict[tuple[str, str], str] = {}
        self.kept_ext: dict[tuple[str, str], str] = {}
        self.project_ext: dict[tuple[str, str], str] = {}
        self.console: list[str] = []
        self.help: list[str] = []
        self.dialogs: list[list[str]] = []
        self.typed: list[str] | None = None
        self.calls: Counter[str] = Counter()
        self.misuses: list[str] = []
        self.window = FakeWindow()
        self._listings: dict[str, list[str]] = {}
        self._runs: list[Run] = []
        self._now: Run | None = None

    # what a person does

    def run(self, path: Path) -> None:
        """Run a script as an action."""
        for run in self._runs:
            run.is_over = run.is_over or (run.path == path and bool(run.options & 1))
        run = Run(self.lua.LuaRuntime(unpack_returned_tuples=True), path)
        self._furnish(run.runtime)
        self._runs.append(run)
        self._within(run, lambda: run.runtime.execute(path.read_text(encoding="utf-8")))

    def tick(self, count: int = 1) -> None:
        """Let what was deferred run, *count* times."""
        for _ in range(count):
            self.clock += TICK
            for run in self._runs:
                waiting, run.deferred = run.deferred, []
                for function in waiting:
                    if not run.is_over:
                        self._within(run, function)
            self._runs = [run for run in self._runs if run.deferred and not run.is_over]

    def settle(self) -> None:
        """Let as many rounds pass as a script may wait that looks for nothing in particular."""
        self.tick(8)

    @property
    def running(self) -> int:
        """Runs that still have something deferred."""
        return sum(1 for run in self._runs if run.deferred and not run.is_over)

    def quit_and_start(self) -> None:
        """Restart REAPER: runs end, and what ExtState was not told to keep is gone."""
        self._runs.clear()
        self.ext = dict(self.kept_ext)
        self._listings.clear()

    def _within(self, run: Run, function: Callable[[], object]) -> None:
        self._now = run
        try:
            function()
        finally:
            self._now = None
        assert not self.misuses, self.misuses
        assert self.undo_depth == 0, "an undo block was left open"
        assert self.refresh_locks == 0, "the window was left locked"

    def _strict(self, name: str) -> Callable[..., object]:
        # A script may catch what its calls raise; a misuse must be seen all the same.
        def called(*arguments: object) -> object:
            self.calls[name] += 1
            try:
                return getattr(self, name)(*arguments)
            except (AssertionError, TypeError, LookupError, ValueError) as error:
                self.misuses.append(f"{name}{arguments}: {error}")
                raise

        return called

    def _furnish(self, runtime: Any) -> None:
        known = {name: self._strict(name) for name in FUNCTIONS}
        if not self.is_seven:
            del known["set_action_options"]
        if hasattr(runtime, "furnish"):
            runtime.furnish(known)
            return
        make = runtime.eval(
            "function(known, optional) return setmetatable({}, {__index = function(_, name)"
            " return known[name] or not optional[name]"
            " and error('REAPER has no function ' .. name, 2) or nil end}) end"
        )
        table = runtime.table_from
        runtime.globals().reaper = make(table(known), table({"set_action_options": True}))
        self.window.furnish(runtime)

    # the table, in REAPER's own names

    def ShowConsoleMsg(self, text: str) -> None:
        self.console.append(text)

    def Help_Set(self, text: str, is_temporary: bool) -> None:
        self.help.append(text)

    def GetOS(self) -> str:
        return self.system

    def genGuid(self, _: str) -> str:
        return self._guid()

    def time_precise(self) -> float:
        return self.clock

    def get_action_context(self) -> tuple[bool, str, int, int, int, int, int, str]:
        assert self._now is not None
        return True, str(self._now.path), 0, 53000, -1, -1, -1, ""

    def set_action_options(self, flags: int) -> None:
        assert self._now is not None
        self._now.options = flags

    def defer(self, function: Callable[[], object]) -> bool:
        assert self._now is not None
        self._now.deferred.append(function)
        return True

    def GetExtState(self, section: str, name: str) -> str:
        return self.ext.get((section, name), "")

    def SetExtState(self, section: str, name: str, value: str, is_kept: bool) -> None:
        self.ext[section, name] = value
        if is_kept:
            assert "\n" not in value, "an INI file cannot keep a line break"
            self.kept_ext[section, name] = value

    def GetProjExtState(self, project: int, section: str, name: str) -> tuple[int, str]:
        value = self.project_ext.get((section, name), "")
        return len(value), value

    def SetProjExtState(self, project: int, section: str, name: str, value: str) -> int:
        self.project_ext[section, name] = value
        return len(value)

    def GetUserInputs(self, title: str, count: int, captions: str, values: str) -> tuple[bool, str]:
        assert count <= 16
        fields = captions.split(",")
        extras = [
            caption for caption in fields if caption.startswith(("extrawidth=", "separator="))
        ]
        assert len(fields) - len(extras) == count
        separator = next((e[len("separator=") :] for e in extras if e.startswith("sep")), ",")
        self.dialogs.append(values.split(separator))
        if self.typed is None:
            return False, values
        return True, separator.join(self.typed)

    def RecursiveCreateDirectory(self, path: str, _: int) -> int:
        Path(path).mkdir(parents=True, exist_ok=True)
        return 1

    def EnumerateFiles(self, path: str, index: int) -> str | None:
        folder = str(Path(path))
        if index == -1:
            self._listings.pop(folder, None)
            return None
        if folder not in self._listings:
            there = [entry.name for entry in Path(folder).glob("*")]
            self._listings[folder] = sorted(there, reverse=True)
        names = self._listings[folder]
        return names[index] if index < len(names) else None


FUNCTIONS = frozenset(
    name
    for fake in (FakeProject, FakeReaper)
    for name in vars(fake)
    if name[0].isupper() or name in ("genGuid", "defer")
) | {"time_precise", "get_action_context", "set_action_options"}
"""The names of the table, as REAPER has them."""
