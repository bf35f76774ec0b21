"""Genres by ear: a log-mel spectrum as musicnn was trained on, its network, and words for its tags.

After J. Pons and X. Serra (2019), "musicnn: pre-trained convolutional neural networks for music
audio tagging". The weights are theirs (ISC licence), made smaller by ``export_tags.py``.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bandmate.errors import FileError, Unavailable, WeightsError
from bandmate.inspire.audio.resampling import resampled
from bandmate.inspire.audio.spectrum import frames
from bandmate.system import yaml_reader
from bandmate.workers import runtime, weights
from bandmate.workers.child import sign_of_life

if TYPE_CHECKING:
    from numpy import float32, float64
    from numpy.typing import NDArray

TAG_RATE = 16_000
"""Hertz at which the network hears."""
PATCH = 187
"""Frames that the network hears at once: 3 seconds."""

_WINDOW, _HOP, _MELS = 512, 256, 96
_MOST_PATCHES = 20
"""A minute, spread over the whole sound: more of it says the same."""
_LINEAR_HERTZ, _LINEAR_MELS = 1000.0, 15.0
_STEP = np.log(6.4) / 27


class Tags:
    """The network, open."""

    def __init__(self, session: Any, rows: list[dict[str, Any]]) -> None:  # noqa: ANN401 - untyped
        """Take a session of the network and the rows of ``tags.yaml``."""
        self._session = session
        self.names = tuple(str(row["tag"]) for row in rows)
        """The tags in the order of the network's answers."""
        self.words = tuple(str(row["word"]) if row.get("word") else None for row in rows)
        """The vocabulary's word for each tag, None where it is not used."""
        self._usual = np.array([float(row["usual"]) for row in rows])

    @classmethod
    def open(cls, models: Path) -> Tags:
        """Open the network of the folder where ``manifest.yaml`` lies.

        Raises WeightsError for a missing or altered file, Unavailable without onnxruntime.
        """
        file, table = (weights.checked(name, models) for name in ("tags", "tag-words"))
        try:
            onnxruntime = runtime.onnxruntime()
        except ModuleNotFoundError as error:
            raise Unavailable(
                f"sound needs {error.name}: install bandmate with the extra cpu or gpu"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        return cls(session, _rows(table))

    def heard(self, samples: NDArray[float32], rate: int) -> NDArray[float64]:
        """Return the probability of each tag, 0..1, over the whole of mono samples."""
        mels = log_mels(resampled(samples, rate, TAG_RATE))
        if len(mels) < PATCH:
            mels = np.tile(mels, (-(-PATCH // len(mels)), 1))
        count = min(_MOST_PATCHES, max(1, len(mels) // PATCH))
        starts = np.linspace(0, len(mels) - PATCH, count).astype(int)
        answers = []
        for start in starts:
            sign_of_life()
            answers.append(self._session.run(None, {"mels": mels[None, start : start + PATCH]})[0])
        mean: NDArray[float64] = np.concatenate(answers).mean(axis=0).astype(np.float64)
        return mean

    def found(self, samples: NDArray[float32], rate: int) -> dict[str, float]:
        """Return how surely each word of the vocabulary is heard, 0..1, the surest first.

        A tag counts by how far its probability lies above its usual one.
        """
        sure = self.heard(samples, rate)
        sure = sure / (sure + self._usual)
        words: dict[str, float] = {}
        for word, value in zip(self.words, sure.tolist(), strict=True):
            if word is not None:
                words[word] = max(value, words.get(word, 0.0))
        return dict(sorted(words.items(), key=lambda item: -item[1]))


def _rows(file: Path) -> list[dict[str, Any]]:
    try:
        rows: Any = yaml_reader.load(yaml_reader.read_text(file), str(file))
        return [{"tag": row["tag"], "word": row["word"], "usual": row["usual"]} for row in rows]
    except (FileError, TypeError, KeyError) as error:
        raise WeightsError(
            f"models/inspire/{file.name} cannot be read: install bandmate again"
        ) from error


def log_mels(samples: NDArray[float32]) -> NDArray[float32]:
    """Return log10(1 + 10,000 power) in 96 mels, frames x mels, of samples at TAG_RATE."""
    reach = _WINDOW // 2
    edged = np.pad(samples, (reach, reach), mode="reflect")[: len(samples) + 2 * reach]
    bands = mel_bands()
    blocks = [np.square(block) @ bands for block in frames(edged, _WINDOW, _HOP)]
    # `frames` pads with silence: its first and last frames are centred on the mirrored edges.
    whole = np.concatenate(blocks)[1 : 2 + len(samples) // _HOP]
    return np.log10(10_000 * whole + 1).astype(np.float32)


@lru_cache(maxsize=1)
def mel_bands() -> NDArray[float32]:
    """Return weights (window/2+1 x 96): triangles of equal area, even on M. Slaney's mel scale."""
    bins = np.arange(_WINDOW // 2 + 1) * TAG_RATE / _WINDOW
    top = _LINEAR_MELS + np.log(TAG_RATE / 2 / _LINEAR_HERTZ) / _STEP
    mels = np.linspace(0.0, top, _MELS + 2)
    over = np.exp(np.maximum(mels - _LINEAR_MELS, 0) * _STEP) * _LINEAR_HERTZ
    edges = np.where(mels < _LINEAR_MELS, mels * _LINEAR_HERTZ / _LINEAR_MELS, over)
    up = (bins[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    down = (edges[2:] - bins[:, None]) / np.diff(edges)[1:]
    height = 2 / (edges[2:] - edges[:-2])
    found: NDArray[float32] = (np.clip(np.minimum(up, down), 0, None) * height).astype(np.float32)
    return found
