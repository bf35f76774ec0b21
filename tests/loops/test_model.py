"""The ONNX file against torch, and its cache."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from bandmate.errors import Unavailable
from bandmate.loops import vocabulary as v
from bandmate.loops.model import LoopModel
from bandmate.loops.whereabouts import places_of
from bandmate.weights import checked

GOLDEN = Path(__file__).parents[1] / "golden" / "loops_logits.npz"


@pytest.fixture(scope="module")
def model() -> LoopModel:
    return LoopModel(checked("loops"))


def test_eight_bits_agree_with_torch(model: LoopModel) -> None:
    golden = np.load(GOLDEN)
    ids, places, logits = golden["ids"].tolist(), golden["places"].tolist(), golden["logits"]
    model.rewind()
    read = 0
    for place, expected in zip(places, logits, strict=True):
        answer = model.read(ids[read : place + 1])
        read = place + 1
        error = np.abs(answer - expected)
        assert error.mean() < 0.1 * expected.std()
        shares, wanted = (
            np.exp(x - x.max()) / np.exp(x - x.max()).sum() for x in (answer, expected)
        )
        assert np.abs(shares - wanted).sum() / 2 < 0.1, "probability that moved"


def test_reading_at_once_or_token_by_token_is_the_same(model: LoopModel) -> None:
    ids = np.load(GOLDEN)["ids"].tolist()[:80]
    model.rewind()
    at_once = model.read(ids)
    model.rewind()
    for token in ids:
        stepwise = model.read([token])
    assert stepwise == pytest.approx(at_once, abs=0.15)


def test_rewinding_forgets(model: LoopModel) -> None:
    ids = np.load(GOLDEN)["ids"].tolist()
    model.rewind()
    first = model.read(ids[:60])
    model.read(ids[60:90])
    model.rewind()
    assert model.read(ids[:60]) == pytest.approx(first, abs=1e-5)


def test_past_the_context_is_told(model: LoopModel) -> None:
    model.rewind()
    with pytest.raises(Unavailable, match="at most 2048 tokens, not 2049"):
        model.read([v.BEGIN] * 2049)


def test_export_in_32_bits_agrees_with_torch_to_a_hundred_thousandth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch", reason="torch is in the extra train only")
    onnx = pytest.importorskip("onnx", reason="onnx is in the extra train only")
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "models" / "loops"))
    from export import exported
    from network import LoopNetwork, Shape

    torch.manual_seed(0)
    network = LoopNetwork(Shape(width=64, layers=2, heads=2, head_width=32, hidden=96)).eval()
    ids = [v.BEGIN, v.IDS["Meter_4/4"], *torch.randint(0, v.SIZE, (88,)).tolist()]
    with torch.no_grad():
        expected = network(torch.tensor([ids]), torch.tensor([places_of(ids)]))[0].numpy()
    onnx.save(exported(network, bits=32), tmp_path / "small.onnx")
    small = LoopModel(tmp_path / "small.onnx")
    for end, start in ((40, 0), (41, 40), (90, 41)):
        assert small.read(ids[start:end]) == pytest.approx(expected[end - 1], abs=1e-5)
    assert "torch" in sys.modules
