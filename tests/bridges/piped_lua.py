"""The Lua that a system installs, in a process of its own, with the face of lupa's."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

HOST = Path(__file__).with_name("piped_lua.lua")
OPTIONAL = ("set_action_options",)
"""Functions that a script may look for in vain."""


class LuaFailed(Exception):
    """A script failed: in REAPER that is a box in the person's way."""


class PipedLua:
    """What stands in the place of a module of lupa's: makes runtimes of one interpreter."""

    def __init__(self, interpreter: str) -> None:
        self.interpreter = interpreter
        self.runtimes: list[PipedRuntime] = []

    @property
    def is_installed(self) -> bool:
        """Whether the interpreter is there."""
        return shutil.which(self.interpreter) is not None

    def LuaRuntime(self, unpack_returned_tuples: bool) -> PipedRuntime:
        """Start an interpreter."""
        assert unpack_returned_tuples
        self.runtimes.append(PipedRuntime(self.interpreter))
        return self.runtimes[-1]

    def close(self) -> None:
        """End all interpreters."""
        for runtime in self.runtimes:
            runtime.close()


class PipedRuntime:
    """One interpreter: runs code, and calls back for each function of ``reaper``."""

    def __init__(self, interpreter: str) -> None:
        self._process = subprocess.Popen(
            [interpreter, str(HOST)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._known: Mapping[str, Callable[..., object]] = {}
        self._things: list[object] = []

    def furnish(self, known: Mapping[str, Callable[..., object]]) -> None:
        """Say which functions there are."""
        self._known = known

    def execute(self, code: str) -> None:
        """Run code; raises LuaFailed."""
        self._do("run", code)

    def close(self) -> None:
        """End the interpreter."""
        self._process.kill()
        self._process.communicate()

    def _do(self, word: str, value: object) -> None:
        self._say(word, value)
        while True:
            word, values = self._told()
            if word == "done":
                return
            if word == "failed":
                raise LuaFailed(str(values[0]))
            self._called(str(values[0]), values[1:])

    def _called(self, name: str, arguments: list[object]) -> None:
        if name == "has":
            wanted = str(arguments[0])
            if wanted in self._known or wanted in OPTIONAL:
                self._say("return", wanted in self._known)
            else:
                self._say("error", f"REAPER has no function {wanted}")
            return
        try:
            answer = self._known[name](*arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, the script hears of it
            self._say("error", str(error))
            return
        self._say("return", *(answer if isinstance(answer, tuple) else (answer,)))

    def _say(self, word: str, *values: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join([word, *map(self._encoded, values)]) + "\n")
        self._process.stdin.flush()

    def _told(self) -> tuple[str, list[object]]:
        assert self._process.stdout is not None
        word, *values = self._process.stdout.readline().split()
        return word, [self._decoded(value) for value in values]

    def _encoded(self, value: object) -> str:
        match value:
            case None:
                return "n"
            case bool():
                return f"b{int(value)}"
            case int():
                return f"i{value}"
            case float():
                return f"f{value.hex()}"
            case str():
                return f"s{value.encode().hex()}"
        if value not in self._things:
            self._things.append(value)
        return f"p{self._things.index(value)}"

    def _decoded(self, value: str) -> object:
        kind, rest = value[0], value[1:]
        match kind:
            case "n":
                return None
            case "b":
                return rest == "1"
            case "i":
                return int(rest)
            case "f":
                return float.fromhex(rest)
            case "s":
                return bytes.fromhex(rest).decode()
            case "p":
                return self._things[int(rest)]
        return lambda: self._do("again", int(rest))
