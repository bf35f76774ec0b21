"""What is kept: the person's settings, folders, the disk, the takes, the controller's mapping."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

from bandmate import paths
from bandmate.doctor import kept_takes
from bandmate.doctor.findings import NOTE, TROUBLE, Finding, Patient
from bandmate.errors import AskError, FileError
from bandmate.surfaces.mapping import FILE, read_mapping
from bandmate.system import yaml_reader

FULL, NEARLY_FULL = 50 << 20, 500 << 20
"""Free bytes under which clips cannot be kept, and under which that is near."""


def settings(patient: Patient) -> Iterator[Finding]:
    """Look at the person's own settings."""
    file = paths.settings_file()
    if patient.mistakes:
        cure = f"mend that line in {file}, or take it out"
        yield Finding("settings", patient.mistakes, TROUBLE, cure)
    else:
        there = f"{file} makes sense" if file.exists() else "as they come"
        yield Finding("settings", there)


def home(patient: Patient) -> Iterator[Finding]:
    """Look whether bandmate's own folder takes files."""
    folder = paths.home()
    words = _refusal(folder)
    if words:
        cure = "let your user write there, or set BANDMATE_HOME to another folder"
        yield Finding("own folder", f"nothing can be kept in {folder}: {words}", TROUBLE, cure)
    else:
        yield Finding("own folder", str(folder))


def clips(patient: Patient) -> Iterator[Finding]:
    """Look whether the clips folder takes files, and how much."""
    folder = paths.clips(patient.settings.clips)
    words = _refusal(folder)
    if words:
        cure = "let your user write there, or set `clips` in config.yaml to another folder"
        yield Finding("clips", f"no clip can be kept in {folder}: {words}", TROUBLE, cure)
        return
    yield Finding("clips", str(folder))
    free = patient.free_bytes(folder)
    level = TROUBLE if free < FULL else NOTE if free < NEARLY_FULL else "ok"
    cure = "" if level == "ok" else "make room on that disk, or set `clips` to another one"
    yield Finding("disk", f"{free >> 20} MB are free for clips", level, cure)


def takes(patient: Patient) -> Iterator[Finding]:
    """Look whether the takes can be read; nothing is written."""
    yield from kept_takes.database(paths.database())
    yield from kept_takes.asides(paths.clips(patient.settings.clips))
    yield from kept_takes.mailboxes(paths.mailboxes())


def controller(patient: Patient) -> Iterator[Finding]:
    """Look at the person's own mapping of buttons and pads."""
    file = paths.home() / FILE
    if not file.exists():
        yield Finding("controller", "the mapping is the shipped one")
        return
    try:
        count = len(read_mapping(yaml_reader.read_text(file)).bindings)
    except (AskError, FileError) as error:
        cure = f"mend that line in {file}, then send /bandmate/live/load or start bandmate anew"
        yield Finding("controller", str(error), TROUBLE, cure)
        return
    yield Finding("controller", f"{count} controls are mapped in {file}")


def _refusal(folder: Path) -> str:
    """Return why nothing can be written into a folder, made where it is missing; else nothing."""
    trial = folder / f".doctor-{secrets.token_hex(4)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial.write_bytes(b"bandmate")
        trial.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return ""
