"""`bandmate setup`: bridges into the DAWs that are found, and a daemon that starts at login.

    steps       what can be set up here, asked one by one, done or undone
    autostart   what starts a program at login: systemd, launchd or the Run key of Windows; pure
    journal     what was there before each step, kept in a file until it is undone
    desktop     what is asked of the system: commands, the registry, a person's answers

Nothing that a person wrote is overwritten, and undoing restores each file as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandmate.errors import AskError

if TYPE_CHECKING:
    import argparse

    from bandmate.hosts.install import System


def run(said: argparse.Namespace, system: System | None) -> int:
    """Set up or undo as it is said, and return the exit code; raises BandmateError in words."""
    from bandmate.setup import steps
    from bandmate.setup.desktop import desktop_of

    if said.undo and said.yes:
        raise AskError("--undo asks nothing, so it goes without --yes")
    desktop = desktop_of(system, answers_yes=said.yes)
    if said.undo:
        return steps.undo(desktop, is_dry=said.dry_run)
    return steps.set_up(desktop, is_dry=said.dry_run)
