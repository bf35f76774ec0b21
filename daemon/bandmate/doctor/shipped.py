"""The models: as they were shipped, with the libraries that read them, and alive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from bandmate.chords.service import shipped_proposer
from bandmate.doctor.findings import NOTE, TROUBLE, Finding, Patient
from bandmate.errors import BandmateError, WeightsError
from bandmate.loops.service import shipped_loops
from bandmate.workers import weights
from bandmate.workers.child import Servant
from bandmate.workers.worker import Worker

OPENING_SECONDS = 60.0
"""How long a model may take to open."""
RUNTIMES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml")
"""Packages that bring the same files."""

_AGAIN = "install bandmate again: `pip install --force-reinstall --no-deps bandmate`"


def models(patient: Patient) -> Iterator[Finding]:
    """Look whether every model is the one that was shipped."""
    rows = weights.manifest(patient.models)
    broken = False
    for row in rows:
        try:
            weights.checked(row.name, patient.models)
        except WeightsError as error:
            broken = True
            words, _, _ = str(error).partition(": install")
            yield Finding("models", words, TROUBLE, _AGAIN)
    if not broken:
        yield Finding("models", f"all {len(rows)} are as they were shipped")


def runtime(patient: Patient) -> Iterator[Finding]:
    """Look for exactly one onnxruntime, and for the one that the settings need."""
    there = {name: v for name in RUNTIMES if (v := patient.version_of(name))}
    wanted = "gpu" if patient.settings.device == "cuda" else "cpu"
    told = " and ".join(f"{name} {version}" for name, version in there.items())
    if len(there) > 1:
        names = " ".join(there)
        cure = f"run `pip uninstall -y {names}`, then `pip install bandmate[{wanted}]`"
        words = f"{told} are both installed and overwrite one another's files"
        yield Finding("onnxruntime", words, TROUBLE, cure)
    elif not there:
        cure = f"run `pip install bandmate[{wanted}]`"
        yield Finding("onnxruntime", "not installed: nothing can be written", TROUBLE, cure)
    elif wanted == "gpu" and "onnxruntime-gpu" not in there:
        cure = f"run `pip uninstall -y {' '.join(there)}`, then `pip install bandmate[gpu]`"
        yield Finding("onnxruntime", f"device is cuda, but {told} knows none", TROUBLE, cure)
    else:
        yield Finding("onnxruntime", told)


def loops(patient: Patient) -> Iterator[Finding]:
    """Open the loop model, in a process of its own."""
    settings = patient.settings
    opening = patient.loops or shipped_loops(settings.device, settings.threads)
    words, note = asyncio.run(_opened(opening, "the loop model"))
    if words:
        cure = "run `pip install --force-reinstall onnxruntime`, or cure what is named above first"
        yield Finding("loop model", words, TROUBLE, cure)
    elif note:
        yield Finding("loop model", note, NOTE, "set `device` to cpu, or mend the CUDA driver")
    else:
        yield Finding("loop model", "opens")


def llama(patient: Patient) -> Iterator[Finding]:
    """Open the proposer with llama.cpp, in a process of its own."""
    version = patient.version_of("llama-cpp-python")
    if not version:
        cure = "run `pip install bandmate[llm]`"
        words = "not installed: chords are proposed by the prior alone"
        yield Finding("llama.cpp", words, NOTE, cure)
        return
    opening = patient.proposer or shipped_proposer(patient.settings.proposer)
    words, _ = asyncio.run(_opened(opening, "the proposer"))
    if not words:
        yield Finding("llama.cpp", f"{version} opens the proposer")
    elif patient.settings.proposer:
        cure = "set `proposer` in config.yaml to a GGUF file that is whole, or take it out"
        yield Finding("llama.cpp", words, TROUBLE, cure)
    else:
        cure = "run `pip install --force-reinstall --no-deps llama-cpp-python`"
        yield Finding("llama.cpp", words, TROUBLE, cure)


async def _opened(opening: Callable[[], Servant], name: str) -> tuple[str, str]:
    """Return why a servant does not open (nothing where it does), and what it wants told."""
    worker = Worker(opening, name)
    try:
        async with asyncio.timeout(OPENING_SECONDS):
            await worker.start()
    except TimeoutError:
        return f"{name} does not open within {OPENING_SECONDS:g} seconds", ""
    except BandmateError as error:
        return str(error), ""
    finally:
        await worker.stop()
    return "", worker.note
