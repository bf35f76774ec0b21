"""llama.cpp, as far as our own proposer needs it: many short sequences at once, under a grammar.

Sequences share one prompt: it is read once and its memory handed to all of them. Used only inside
the proposer's process; one thread, since more of them stall beside a busy DAW.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

import llama_cpp as lib
import numpy as np
from numpy.typing import NDArray

from bandmate.errors import WeightsError

MAGIC = b"GGUF"
_DTYPE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


# Kept for as long as the process lives: llama.cpp calls it from wherever it is.
_silent = lib.llama_log_callback(lambda level, text, data: None)


def check_magic(file: Path) -> None:
    """Raise WeightsError where a file is no GGUF at all; llama.cpp would say it in ten lines."""
    try:
        with file.open("rb") as opened:
            head = opened.read(4)
    except OSError as error:
        raise WeightsError(f"{file} cannot be read ({error.strerror})") from error
    if head != MAGIC:
        raise WeightsError(f"the proposer must be a GGUF file, which {file.name} is not")


def hush() -> None:
    """Silence llama.cpp's own log; what goes wrong comes back as an error, or as a death."""
    os.environ["GGML_NO_BACKTRACE"] = "1"  # else it dies with a debugger's pages, and slowly
    lib.llama_log_set(_silent, ctypes.c_void_p(0))


class Llama:
    """A GGUF model with room for a number of sequences."""

    def __init__(self, file: Path, sequences: int, context: int) -> None:
        """Open a file; raises WeightsError where llama.cpp cannot."""
        check_magic(file)
        hush()
        lib.llama_backend_init()
        settings = lib.llama_model_default_params()
        settings.n_gpu_layers = 0
        self._model = lib.llama_model_load_from_file(str(file).encode(), settings)
        if not self._model:
            raise WeightsError(f"llama.cpp cannot read {file.name}: it is damaged or too new")
        room = lib.llama_context_default_params()
        room.n_ctx, room.n_seq_max = context, sequences
        room.n_batch = room.n_ubatch = max(sequences, 256)
        room.n_threads = room.n_threads_batch = 1
        room.kv_unified = True  # so that a prompt is shared and not copied
        self._context = lib.llama_init_from_model(self._model, room)
        if not self._context:
            raise WeightsError(f"llama.cpp found no memory for {file.name}")
        self._memory = lib.llama_get_memory(self._context)
        self._vocabulary = lib.llama_model_get_vocab(self._model)
        self.tokens = int(lib.llama_vocab_n_tokens(self._vocabulary))
        self._size = int(room.n_batch)
        self._batch = lib.llama_batch_init(self._size, 0, 1)

    def clear(self) -> None:
        """Forget all sequences."""
        lib.llama_memory_clear(self._memory, True)

    def read(self, prompt: Sequence[int], sequences: Sequence[int]) -> NDArray[np.float32]:
        """Read a prompt once for some sequences; return the logits behind it, (tokens,)."""
        first, *others = sequences
        for start in range(0, len(prompt), self._size):
            piece = prompt[start : start + self._size]
            is_last = start + len(piece) == len(prompt)
            cells = [(token, start + i, first) for i, token in enumerate(piece)]
            self._decode(cells, [is_last and i == len(piece) - 1 for i in range(len(piece))])
        for number in others:
            lib.llama_memory_seq_cp(self._memory, first, number, -1, -1)
        return self._logits(len(piece) - 1)

    def step(self, cells: Sequence[tuple[int, int, int]]) -> NDArray[np.float32]:
        """Read (token, position, sequence), one a sequence; return the logits, (cells, tokens)."""
        self._decode(cells, [True] * len(cells))
        return np.stack([self._logits(index) for index in range(len(cells))])

    def grammar(self, text: str) -> Grammar:
        """Return a grammar at its start; raises ValueError for one that makes no sense."""
        return Grammar(self._vocabulary, text)

    def _decode(self, cells: Sequence[tuple[int, int, int]], wanted: Sequence[bool]) -> None:
        batch = self._batch
        for index, (token, position, sequence) in enumerate(cells):
            batch.token[index], batch.pos[index] = token, position
            batch.n_seq_id[index], batch.seq_id[index][0] = 1, sequence
            batch.logits[index] = wanted[index]
        batch.n_tokens = len(cells)
        code = lib.llama_decode(self._context, batch)
        if code != 0:
            raise WeightsError(f"llama.cpp could not go on (code {code})")

    def _logits(self, index: int) -> NDArray[np.float32]:
        found = lib.llama_get_logits_ith(self._context, index)
        return np.ctypeslib.as_array(found, (self.tokens,)).copy()

    def close(self) -> None:
        """Give the memory back."""
        lib.llama_batch_free(self._batch)
        lib.llama_free(self._context)
        lib.llama_model_free(self._model)


class Grammar:
    """A GBNF grammar and how far a sequence has come in it."""

    def __init__(self, vocabulary: ctypes.c_void_p, text: str) -> None:
        self._sampler = lib.llama_sampler_init_grammar(vocabulary, text.encode(), b"root")
        if not self._sampler:
            raise ValueError("the grammar makes no sense to llama.cpp")

    def __del__(self) -> None:
        if getattr(self, "_sampler", None):
            lib.llama_sampler_free(self._sampler)

    def copied(self) -> Grammar:
        """Return a grammar that has come as far."""
        other = object.__new__(Grammar)
        other._sampler = lib.llama_sampler_clone(self._sampler)
        return other

    def masked(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return logits with minus infinity where the grammar lets nothing through."""
        data = np.zeros(len(logits), _DTYPE)
        data["id"], data["logit"] = np.arange(len(logits)), logits
        pointer = data.ctypes.data_as(ctypes.POINTER(lib.llama_token_data))
        array = lib.llama_token_data_array(pointer, len(logits), -1, False)
        lib.llama_sampler_apply(self._sampler, ctypes.byref(array))
        return np.asarray(data["logit"])

    def accept(self, token: int) -> None:
        """Go on with a token."""
        lib.llama_sampler_accept(self._sampler, token)
