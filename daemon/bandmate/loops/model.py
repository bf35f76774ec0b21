"""The loop model under onnxruntime: tokens in, logits out, and the cache that lies between.

One thread and no spinning by default: beside a busy DAW, threads that spin lose. The cache is one
buffer a layer, bound as past and as present, so that a step copies nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from bandmate.errors import Unavailable, WeightsError
from bandmate.loops import vocabulary as v
from bandmate.loops.whereabouts import Whereabouts


class LoopModel:
    """An open model and one cache."""

    def __init__(self, path: Path, device: str = "cpu", threads: int = 1) -> None:
        """Open *path* on ``cpu`` or ``cuda``; ``device_note`` tells of a GPU that cannot be had."""
        self._session, self.device, self.device_note = _session(path, device, threads)
        facts = self._session.get_modelmeta().custom_metadata_map
        if json.loads(facts.get("words", "[]")) != [v.SIZE, v.MUSIC_SIZE]:
            raise WeightsError(f"{path.name} was made for other tokens than this bandmate reads")
        shape = self.shape = json.loads(facts["shape"])
        self.context: int = int(shape["context"])
        """Longest sequence, in tokens."""
        self._binding = self._session.io_binding()
        cache_shape = (1, 1, self.context, int(shape["head_width"]))
        for i in range(int(shape["layers"])):
            for kind in ("key", "value"):
                buffer = ort.OrtValue.ortvalue_from_numpy(
                    np.zeros(cache_shape, np.float32), self.device
                )
                self._binding.bind_ortvalue_input(f"past_{kind}_{i}", buffer)
                self._binding.bind_ortvalue_output(f"present_{kind}_{i}", buffer)
        self._logits = ort.OrtValue.ortvalue_from_numpy(
            np.zeros((1, v.MUSIC_SIZE), np.float32), "cpu"
        )
        self._binding.bind_ortvalue_output("logits", self._logits)
        self.length = 0
        """Tokens in the cache."""
        self._whereabouts = Whereabouts()

    def rewind(self) -> None:
        """Forget all tokens."""
        self.length = 0
        self._whereabouts = Whereabouts()

    def read(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Take tokens after those read before; return the next one's logits, (MUSIC_SIZE,).

        Raises Unavailable past the context.
        """
        self.length += len(ids)
        if self.length > self.context:
            raise Unavailable(
                f"the loop model reads at most {self.context} tokens, not {self.length}"
            )
        inputs = {  # held until the run is over: a binding does not keep what it points to
            "ids": np.array([ids], np.int64),
            "places": np.array([[self._whereabouts.of(token) for token in ids]], np.int64),
            "seqlens": np.array([self.length - 1], np.int32),
            "total": np.array([self.length], np.int32),
        }
        for name, values in inputs.items():
            self._binding.bind_cpu_input(name, values)
        self._session.run_with_iobinding(self._binding)
        logits: NDArray[np.float32] = self._logits.numpy()[0]
        return logits


def _session(path: Path, device: str, threads: int) -> tuple[ort.InferenceSession, str, str]:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    wanted = ["CPUExecutionProvider"]
    if device == "cuda":
        wanted.insert(0, "CUDAExecutionProvider")
    try:
        session = ort.InferenceSession(
            path, options, providers=[p for p in wanted if p in ort.get_available_providers()]
        )
    except Exception as error:  # onnxruntime has a class for each way to be wrong
        raise WeightsError(f"{path.name} does not open as a model: {error}") from error
    has_cuda = session.get_providers()[0] == "CUDAExecutionProvider"
    note = ""
    if device == "cuda" and not has_cuda:
        note = "CUDA was asked for but no GPU can be used here, so the CPU writes the loops"
    return session, "cuda" if has_cuda else "cpu", note
