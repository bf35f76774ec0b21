"""The loop generator as the worker serves it; imported here, its model is opened only there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bandmate.errors import Unavailable
from bandmate.loops.bars import Bar
from bandmate.loops.plan import LoopPlan
from bandmate.paths import shipped
from bandmate.workers import weights

if TYPE_CHECKING:
    from bandmate.loops.generate import LoopGenerator


class LoopServant:
    """Serves plans with bars."""

    def __init__(self, generator: LoopGenerator) -> None:
        self._generator = generator

    @property
    def name(self) -> str:
        """The model and its checksum, ``loops@1a2b3c4d``."""
        return self._generator.name

    @property
    def note(self) -> str:
        """A sentence where the asked device could not be had, else empty."""
        return self._generator.device_note

    def serve(
        self, request: tuple[LoopPlan, ...], is_cancelled: Callable[[], bool]
    ) -> Iterator[tuple[int, Bar]]:
        """Yield the bars of plans as they are written, each with the place of its plan.

        Raises Cancelled between two tokens.
        """
        yield from self._generator.takes(request, is_cancelled)


def shipped_loops(device: str, threads: int) -> Callable[[], LoopServant]:
    """Return what opens the shipped loop model in a worker, on ``cpu`` or ``cuda``."""
    return partial(open_loops, shipped("models"), device, threads)


def open_loops(models: Path, device: str = "cpu", threads: int = 1) -> LoopServant:
    """Open the loop model of the folder where ``manifest.yaml`` lies; blocks, in the worker.

    Raises WeightsError for a missing or altered file, Unavailable where onnxruntime is missing.
    """
    file = weights.checked("loops", models)
    try:
        from bandmate.loops.generate import LoopGenerator
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"the loop model needs {error.name}: install bandmate with the extra cpu or gpu"
        ) from error
    return LoopServant(LoopGenerator.open(file, device, threads))
