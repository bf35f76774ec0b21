"""Weights: only what was shipped is opened."""

from __future__ import annotations

import asyncio
import hashlib
from functools import partial
from pathlib import Path

import pytest

from bandmate.errors import WeightsError
from bandmate.loops.service import open_loops
from bandmate.workers.weights import checked, manifest
from bandmate.workers.worker import Worker

DATA = b"the weights"
ROW = """
- name: loops
  file: loops/loops.onnx
  sha256: {sha256}
  licence: MIT
  reads: bandmate.loops
"""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a folder with one model that is as it was shipped."""
    (tmp_path / "loops").mkdir()
    (tmp_path / "loops" / "loops.onnx").write_bytes(DATA)
    (tmp_path / "manifest.yaml").write_text(ROW.format(sha256=hashlib.sha256(DATA).hexdigest()))
    return tmp_path


def test_what_was_shipped_is_found(models: Path) -> None:
    (row,) = manifest(models)
    assert (row.name, row.file, row.licence, row.reads) == (
        "loops",
        "loops/loops.onnx",
        "MIT",
        "bandmate.loops",
    )
    assert checked("loops", models) == models / "loops" / "loops.onnx"


def test_an_altered_file_is_refused(models: Path) -> None:
    (models / "loops" / "loops.onnx").write_bytes(DATA + b"!")
    found, expected = (hashlib.sha256(data).hexdigest() for data in (DATA + b"!", DATA))
    with pytest.raises(WeightsError) as refused:
        checked("loops", models)
    assert str(refused.value) == (
        "models/loops/loops.onnx is not the one that was shipped "
        f"(sha256 {found}, expected {expected}): install bandmate again"
    )


def test_a_missing_file_is_told(models: Path) -> None:
    (models / "loops" / "loops.onnx").unlink()
    with pytest.raises(WeightsError, match=r"^models/loops/loops.onnx cannot be read"):
        checked("loops", models)


def test_an_unknown_name_offers_the_nearest(models: Path) -> None:
    with pytest.raises(WeightsError, match=r"there is no model called 'lops', try loops"):
        checked("lops", models)


@pytest.mark.parametrize("text", ["- name: loops\n", "loops", "7", "", "[", "- 7", b"\xff\xfe\x01"])
def test_a_manifest_that_makes_no_sense_is_told(models: Path, text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    (models / "manifest.yaml").write_bytes(data)
    with pytest.raises(
        WeightsError, match=r"manifest.yaml (must list models|cannot be read)"
    ) as told:
        manifest(models)
    assert "\n" not in str(told.value)


def test_the_worker_tells_of_an_altered_model(models: Path) -> None:
    (models / "loops" / "loops.onnx").write_bytes(b"other")

    async def life() -> None:
        worker = Worker(partial(open_loops, models), "loops")
        with pytest.raises(WeightsError, match=r"is not the one that was shipped"):
            await worker.start()
        await worker.stop()

    asyncio.run(life())


def test_every_shipped_model_is_as_the_manifest_says() -> None:
    rows = manifest()
    assert "loops" in {row.name for row in rows}
    for row in rows:
        assert checked(row.name).exists()
        assert row.licence
        assert row.reads
