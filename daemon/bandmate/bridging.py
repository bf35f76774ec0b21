"""What `bandmate bridge` does and says: install, uninstall, status, run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bandmate import bridges
from bandmate.errors import AskError, FileError, nearest
from bandmate.flags import settings_of

if TYPE_CHECKING:
    import argparse

ABLETON_OSC = "abletonosc"
"""What can be run: the bridge to a Live that has AbletonOSC, and no script of ours."""


def checked(verb: str, bridge: str) -> str:
    """Return the verb where both make sense; raises AskError."""
    if verb not in DOES:
        verbs = ", ".join(list(DOES)[:-1])
        raise AskError(f"bridge can {verbs} or {list(DOES)[-1]}, not {verb!r}")
    known = [ABLETON_OSC] if verb == "run" else list(bridges.BRIDGES)
    if not bridge and verb != "status":
        raise AskError(f"say which bridge to {verb}: {nearest('', known)}")
    if verb == "run" and bridge != ABLETON_OSC:
        raise AskError(
            f"only {ABLETON_OSC} can be run, not {bridge!r}: the others run in their DAW"
        )
    return verb


def _install(said: argparse.Namespace, system: bridges.System | None) -> int:
    installed = bridges.install(bridges.bridge_of(said.bridge), said.to, system)
    print(f"installed {installed.bridge.name} {installed.version} in {installed.folder}")
    for line in bridges.clicks(installed):
        print(f"  {line}")
    return 0


def _uninstall(said: argparse.Namespace, system: bridges.System | None) -> int:
    bridge = bridges.bridge_of(said.bridge)
    kept = bridges.uninstall(bridge, said.to, system)
    print(f"took the bridge out of {bridge.host}; start it anew")
    for path in kept:
        print(f"  {path} stays: you wrote into it")
    return 0


def _status(said: argparse.Namespace, system: bridges.System | None) -> int:
    names = [said.bridge] if said.bridge else list(bridges.BRIDGES)
    for bridge in map(bridges.bridge_of, names):
        try:
            print(bridges.status(bridge, said.to, system).words)
        except FileError as error:
            print(f"{bridge.name}: {error}")
    return 0


def _run(said: argparse.Namespace, system: bridges.System | None) -> int:
    from bandmate.osclink import run

    settings = settings_of(said)
    run(settings.host, settings.port, lambda words: print(words, flush=True))
    return 0


DOES: dict[str, Callable[[argparse.Namespace, bridges.System | None], int]] = {
    "install": _install,
    "uninstall": _uninstall,
    "status": _status,
    "run": _run,
}
"""Each verb, and what it does."""
