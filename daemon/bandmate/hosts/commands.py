"""What `bandmate bridge` does and says: install, uninstall, status, run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bandmate.config import read_settings
from bandmate.errors import AskError, FileError, nearest
from bandmate.hosts import install

if TYPE_CHECKING:
    import argparse

ABLETON_OSC = "abletonosc"
"""What can be run: the bridge to a Live that has AbletonOSC, and no script of ours."""


def checked(verb: str, bridge: str) -> str:
    """Return the verb where both make sense; raises AskError."""
    if verb not in DOES:
        verbs = ", ".join(list(DOES)[:-1])
        raise AskError(f"bridge can {verbs} or {list(DOES)[-1]}, not {verb!r}")
    known = [ABLETON_OSC] if verb == "run" else list(install.BRIDGES)
    if not bridge and verb != "status":
        raise AskError(f"say which bridge to {verb}: {nearest('', known)}")
    if verb == "run" and bridge != ABLETON_OSC:
        raise AskError(
            f"only {ABLETON_OSC} can be run, not {bridge!r}: the others run in their DAW"
        )
    return verb


def _install(said: argparse.Namespace, system: install.System | None) -> int:
    installed = install.install(install.bridge_of(said.bridge), said.to, system)
    print(f"installed {installed.bridge.name} {installed.version} in {installed.folder}")
    for line in install.clicks(installed):
        print(f"  {line}")
    return 0


def _uninstall(said: argparse.Namespace, system: install.System | None) -> int:
    bridge = install.bridge_of(said.bridge)
    kept = install.uninstall(bridge, said.to, system)
    print(f"took the bridge out of {bridge.host}; start it anew")
    for path in kept:
        print(f"  {path} stays: you wrote into it")
    return 0


def _status(said: argparse.Namespace, system: install.System | None) -> int:
    names = [said.bridge] if said.bridge else list(install.BRIDGES)
    for bridge in map(install.bridge_of, names):
        try:
            print(install.status(bridge, said.to, system).words)
        except FileError as error:
            print(f"{bridge.name}: {error}")
    return 0


def _run(said: argparse.Namespace, system: install.System | None) -> int:
    from bandmate.hosts.abletonosc_link import run

    named = {name: getattr(said, name) for name in ("host", "port")}
    settings = read_settings({name: value for name, value in named.items() if value is not None})
    run(settings.host, settings.port, lambda words: print(words, flush=True))
    return 0


DOES: dict[str, Callable[[argparse.Namespace, install.System | None], int]] = {
    "install": _install,
    "uninstall": _uninstall,
    "status": _status,
    "run": _run,
}
"""Each verb, and what it does."""
