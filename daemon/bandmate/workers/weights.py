"""The shipped models: ``models/manifest.yaml`` tells which; each is checked when it is opened."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bandmate.errors import FileError, WeightsError, nearest
from bandmate.paths import shipped
from bandmate.system import yaml_reader

_UNSAFE = re.compile(r"[^\w.-]")


@dataclass(frozen=True, slots=True)
class Weights:
    """One row of the manifest."""

    name: str
    file: str
    """Relative to the models folder."""
    sha256: str
    """64 hexadecimal digits."""
    licence: str
    reads: str
    """What opens it."""


def manifest(models: Path | None = None) -> tuple[Weights, ...]:
    """Return what is shipped; raises WeightsError where the manifest makes no sense."""
    file = (models or shipped("models")) / "manifest.yaml"
    try:
        rows: Any = yaml_reader.load(yaml_reader.read_text(file), f"{file} cannot be read: it")
        return tuple(Weights(**{f.name: str(row[f.name]) for f in fields(Weights)}) for row in rows)
    except FileError as error:
        raise WeightsError(str(error)) from error
    except (TypeError, KeyError) as error:
        names = ", ".join(field.name for field in fields(Weights))
        raise WeightsError(f"{file} must list models, each with {names}") from error


def checked(name: str, models: Path | None = None) -> Path:
    """Return the file of a model that is the one that was shipped; raises WeightsError in words."""
    folder = models or shipped("models")
    rows = {row.name: row for row in manifest(folder)}
    if name not in rows:
        raise WeightsError(f"there is no model called {name!r}, try {nearest(name, rows)}")
    row = rows[name]
    found = _sha256(folder / row.file)
    if found != row.sha256.lower():
        raise WeightsError(
            f"models/{row.file} is not the one that was shipped "
            f"(sha256 {found}, expected {row.sha256}): install bandmate again"
        )
    return folder / row.file


def name_of(name: str, models: Path | None = None) -> str:
    """Return a shipped model's name and checksum, ``prior@1a2b3c4d``, as the manifest says."""
    row = next(row for row in manifest(models) if row.name == name)
    return f"{name}@{row.sha256[:8].lower()}"


def name_of_file(file: Path) -> str:
    """Return the name and the checksum of a person's own model; raises WeightsError."""
    stem = _UNSAFE.sub("-", file.stem)[:40]
    try:
        with file.open("rb") as opened:
            return f"{stem}@{hashlib.file_digest(opened, 'sha256').hexdigest()[:8]}"
    except OSError as error:
        raise WeightsError(f"{file} cannot be read ({error.strerror})") from error


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(
            f"models/{file.parent.name}/{file.name} cannot be read ({error.strerror}): "
            "install bandmate again"
        ) from error
