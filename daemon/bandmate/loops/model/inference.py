"""The loop model under onnxruntime: tokens in, logits out, and the cache that lies between.

One thread and no spinning by default: beside a busy DAW, threads that spin lose. The cache is one
buffer a layer, bound as past and as present, so that a step copies nothing. It holds several takes
that began with one prompt, and all of them go on in one call; what the prompt shares with the one
before is not read again.

The same tokens give the same numbers whatever was read before and however many takes go on beside:
a prompt is always cut at the same places, and whatever follows it is read token by token. (Between
one take and several that holds where onnxruntime adds up alike for one row and for more, as it does
with AVX-512; elsewhere the last digit may differ, and once in a while a note.)
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bandmate import paths
from bandmate.errors import Unavailable, WeightsError
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.positions import COLUMNS, Whereabouts
from bandmate.workers import runtime

if TYPE_CHECKING:
    import onnxruntime as ort
else:
    ort = runtime.onnxruntime()

CHUNK = 32
"""A prompt is read in pieces of so many tokens, and what is kept of it is whole pieces."""


class LoopModel:
    """An open model and one cache."""

    def __init__(self, path: Path, device: str = "cpu", threads: int = 1) -> None:
        """Open *path* on ``cpu`` or ``cuda``; ``device_note`` tells of a GPU that cannot be had."""
        self._session, self.device, self.device_note = _session(path, device, threads)
        facts = self._session.get_modelmeta().custom_metadata_map
        size, music = json.loads(facts.get("words", "[0, 0]"))
        columns = _columns(self._session)
        if music != v.MUSIC_SIZE or size > v.SIZE or columns > COLUMNS:
            raise WeightsError(f"{path.name} was made for other tokens than this bandmate reads")
        self.size: int = size
        """How many of the tokens it knows, from the first on."""
        shape = self.shape = json.loads(facts["shape"])
        self.context: int = int(shape["context"])
        """Longest sequence, in tokens."""
        self._cache = _Cache(self._session, 1, shape)
        self._prompt: list[int] = []  # what the first row of the cache begins with
        self._common = 0  # how much of it all rows begin with
        self._rows = [0]  # of each take
        self.lengths = [0]
        """Tokens in the cache, of each take."""
        self._whereabouts = [Whereabouts()]

    @property
    def length(self) -> int:
        """Tokens in the cache; of the first take where there are several."""
        return self.lengths[0]

    def rewind(self) -> None:
        """Forget all tokens; what is read next is a prompt, for one take."""
        self._rows, self.lengths, self._whereabouts = [0], [0], [Whereabouts()]

    def begin(self, prompts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Forget all tokens and read prompts, one for each take that goes on from here.

        Returns the next tokens' logits, (takes, MUSIC_SIZE), overwritten by the next call; raises
        Unavailable past the context. What a prompt shares with the one read before is not read
        again, so that takes of one prompt cost one reading.
        """
        self._check(max(map(len, prompts)))
        self.rewind()
        takes = len(prompts)
        if takes > self._cache.rows:
            self._cache = _Cache(self._session, takes, self.shape, self._cache, len(self._prompt))
        stands = Whereabouts()
        for take in reversed(range(takes)):  # the first row reads for all, last for itself
            if take == takes - 1 or list(prompts[take]) != self._prompt:
                stands = self._read(prompts[take])
            if take:
                self._cache.copy(take, len(self._prompt))
            self._whereabouts.insert(0, stands.copied())
        del self._whereabouts[takes:]
        self._rows, self.lengths = list(range(takes)), [len(ids) for ids in prompts]
        self._common = min(_shared(prompts[0], ids) for ids in prompts)
        logits: NDArray[np.float32] = self._cache.logits[:takes]
        return logits

    def known(self, ids: Sequence[int]) -> list[int]:
        """Return the tokens without those that came after these weights."""
        return [token for token in ids if token < self.size]

    def _read(self, ids: Sequence[int]) -> Whereabouts:
        """Read a prompt into the first row; return where it stands."""
        whereabouts = Whereabouts()
        places = [whereabouts.of(token) for token in ids]
        # The last token is read in any case: its logits are wanted.
        shared = _shared(self._prompt, ids[:-1]) // CHUNK * CHUNK
        del self._prompt[shared:]
        for start in range(shared, len(ids), CHUNK):
            end = min(start + CHUNK, len(ids))
            self._cache.read(ids[start:end], places[start:end], end)
            self._prompt += ids[start:end]
        return whereabouts

    def step(self, tokens: Sequence[int | None]) -> NDArray[np.float32]:
        """Take one token in each take, none where it is None; return the next ones' logits.

        Logits are (takes, MUSIC_SIZE), overwritten by the next call, and without meaning for a take
        that sat out. Sitting out costs nothing, coming back costs a copy. Raises Unavailable past
        the context.
        """
        going = [take for take, token in enumerate(tokens) if token is not None]
        self._seat(going)
        cache = self._cache
        for take in going:
            token, row = tokens[take], self._rows[take]
            assert token is not None
            self._check(self.lengths[take] + 1)
            cache.ids[row, 0] = token
            cache.places[row, 0] = self._whereabouts[take].of(token)[: cache.columns]
            cache.seqlens[row] = self.lengths[take]
            self.lengths[take] += 1
        cache.step(len(going))
        are_in_order = self._rows == list(range(len(tokens)))
        seats = slice(len(tokens)) if are_in_order else self._rows
        logits: NDArray[np.float32] = cache.logits[seats]
        return logits

    def read(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Take tokens after those read before; return the next one's logits, (MUSIC_SIZE,).

        For a single take. The first tokens are a prompt (see `begin`). Raises Unavailable past the
        context.
        """
        if not self.length:
            rows = self.begin([ids])
        else:
            self._check(self.length + len(ids))
            for token in ids:
                rows = self.step([token])
        logits: NDArray[np.float32] = rows[0]
        return logits

    def _check(self, length: int) -> None:
        if length > self.context:
            raise Unavailable(f"the loop model reads at most {self.context} tokens, not {length}")

    def _seat(self, going: Sequence[int]) -> None:
        """Bring the takes that go on into the first rows of the cache."""
        outside = [take for take in going if self._rows[take] >= len(going)]
        if not outside:
            return
        inside = [take for take, row in enumerate(self._rows) if row < len(going)]
        leaving = [take for take in inside if take not in going]
        del self._prompt[self._common :]
        for take, other in zip(outside, leaving, strict=True):
            length = max(self.lengths[take], self.lengths[other])
            self._cache.swap(self._rows[take], self._rows[other], length)
            self._rows[take], self._rows[other] = self._rows[other], self._rows[take]


class _Cache:
    """Rows of keys and values, one a take, and what a step of the first rows reads and writes."""

    def __init__(
        self,
        session: ort.InferenceSession,
        rows: int,
        shape: dict[str, float],
        before: _Cache | None = None,
        length: int = 0,
    ) -> None:
        """Make room for *rows*; the first row takes *length* tokens over from *before*.

        It lies in the machine's own memory on every device: with a cache in 32 bits, onnxruntime
        has this attention for the CPU only.
        """
        self._session = session
        self.rows = rows
        names = [f"{kind}_{i}" for i in range(int(shape["layers"])) for kind in ("key", "value")]
        size = (len(names), rows, 1, int(shape["context"]), int(shape["head_width"]))
        self._kept = np.zeros(size, np.float32)
        if before is not None:
            self._kept[:, 0, :, :length] = before._kept[:, 0, :, :length]
        self._names = names
        self.ids = np.zeros((rows, 1), np.int64)
        self.columns = _columns(session)
        """Of what is told with every token, how much these weights know."""
        self.places = np.zeros((rows, 1, self.columns), np.int64)
        self.seqlens = np.zeros(rows, np.int32)
        """The tokens of a row after the step, less one."""
        self._total = np.zeros(1, np.int32)
        self.logits = np.zeros((rows, v.MUSIC_SIZE), np.float32)
        self._steps: dict[int, ort.IOBinding] = {}
        self._read = self._bound(1)

    def _bound(self, rows: int) -> ort.IOBinding:
        """Bind keys, values and logits of the first rows, where they lie."""
        binding = self._session.io_binding()
        for name, kept in zip(self._names, self._kept, strict=True):
            buffer = _in_place(kept[:rows])
            binding.bind_ortvalue_input(f"past_{name}", buffer)
            binding.bind_ortvalue_output(f"present_{name}", buffer)
        binding.bind_ortvalue_output("logits", _in_place(self.logits[:rows]))
        return binding

    def read(self, ids: Sequence[int], places: Sequence[Sequence[int]], end: int) -> None:
        """Read tokens into the first row, which holds *end* of them afterwards."""
        inputs = {  # held until the run is over: a binding does not keep what it points to
            "ids": np.array([ids], np.int64),
            "places": np.array([places], np.int64)[..., : self.columns],
            "seqlens": np.array([end - 1], np.int32),
            "total": np.array([end], np.int32),
        }
        for name, values in inputs.items():
            self._read.bind_cpu_input(name, values)
        self._session.run_with_iobinding(self._read)

    def step(self, rows: int) -> None:
        """Take a token in each of the first rows, as ``ids``, ``places``, ``seqlens`` say."""
        binding = self._steps.get(rows)
        if binding is None:
            binding = self._steps[rows] = self._bound(rows)
            binding.bind_ortvalue_input("ids", _in_place(self.ids[:rows]))
            binding.bind_ortvalue_input("places", _in_place(self.places[:rows]))
            binding.bind_ortvalue_input("seqlens", _in_place(self.seqlens[:rows]))
            binding.bind_ortvalue_input("total", _in_place(self._total))
        self._total[0] = self.seqlens[:rows].max() + 1
        self._session.run_with_iobinding(binding)

    def copy(self, row: int, length: int) -> None:
        """Copy the first *length* tokens of the first row and its logits to another."""
        self._kept[:, row, :, :length] = self._kept[:, 0, :, :length]
        self.logits[row] = self.logits[0]

    def swap(self, one: int, other: int, length: int) -> None:
        """Exchange the first *length* tokens of two rows."""
        both = [one, other]
        self._kept[:, both, :, :length] = self._kept[:, both[::-1], :, :length]


def _columns(session: ort.InferenceSession) -> int:
    return int(next(each.shape[2] for each in session.get_inputs() if each.name == "places"))


def _in_place(values: NDArray[np.generic]) -> ort.OrtValue:
    """Return what onnxruntime reads and writes where *values* lie; they must be contiguous."""
    return ort.OrtValue.ortvalue_from_numpy(values, "cpu")


def _shared(before: Sequence[int], ids: Sequence[int]) -> int:
    """Return how many tokens two sequences begin with alike."""
    pairs = enumerate(zip(before, ids, strict=False))
    return next((i for i, (one, other) in pairs if one != other), min(len(before), len(ids)))


def _session(path: Path, device: str, threads: int) -> tuple[ort.InferenceSession, str, str]:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    wanted = ["CPUExecutionProvider"]
    if device == "cuda":
        wanted.insert(0, "CUDAExecutionProvider")
        # What the driver compiles for the card is kept in bandmate's own folder, not beside it.
        os.environ.setdefault("CUDA_CACHE_PATH", str(paths.home() / "cuda"))
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
