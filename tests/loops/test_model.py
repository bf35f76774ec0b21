"""The ONNX file against torch, and its cache."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bandmate.errors import Unavailable
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.inference import CHUNK, LoopModel
from bandmate.loops.model.positions import Place, places_of
from bandmate.workers.weights import checked

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


def tokens() -> list[int]:
    ids: list[int] = np.load(GOLDEN)["ids"].tolist()
    return ids


def counted(model: LoopModel, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the number of tokens of every piece of a prompt that is read."""
    pieces: list[int] = []
    read = model._cache.read

    def counting(ids: Sequence[int], places: Sequence[Place], end: int) -> None:
        pieces.append(len(ids))
        read(ids, places, end)

    monkeypatch.setattr(model._cache, "read", counting)
    return pieces


def test_what_a_prompt_shares_with_the_one_before_is_not_read_again(
    model: LoopModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = tokens()
    fresh = LoopModel(checked("loops")).begin([[*ids[:70], *ids[90:130]]])[0].copy()
    model.begin([ids[:100]])
    for token in ids[100:120]:
        model.step([token])
    pieces = counted(model, monkeypatch)
    again = model.begin([[*ids[:70], *ids[90:130]]])[0]
    assert pieces == [CHUNK, 110 - 3 * CHUNK], "the first 64 of 110 were there"
    assert again.tolist() == fresh.tolist()
    del pieces[:]
    model.begin([[*ids[:70], *ids[90:130]]])
    assert pieces == [110 - 3 * CHUNK], "logits are wanted even where nothing is new"


def test_takes_go_on_from_one_prompt_each_its_own_way(
    model: LoopModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = tokens()
    ways = [ids[60:90], ids[100:118], ids[61:101], ids[60:61]]
    model.begin([ids[:60]] * 4)
    pieces = counted(model, monkeypatch)
    logits = model.begin([ids[:60]] * 4)
    assert pieces == [60 - CHUNK], "read once for all"
    found = [row.copy() for row in logits]
    for step in range(max(map(len, ways))):
        going = [way[step] if step < len(way) else None for way in ways]
        logits = model.step(going)
        assert len(logits) == 4
        for take, token in enumerate(going):
            if token is not None:
                found[take] = logits[take].copy()
    assert model.lengths == [60 + len(way) for way in ways]
    for way, row in zip(ways, found, strict=True):
        model.rewind()
        model.read(ids[:60])
        assert model.read(way) == pytest.approx(row, abs=0.15)


def test_a_take_that_sat_out_comes_back_as_it_was(model: LoopModel) -> None:
    ids = tokens()
    ways = [ids[60:80], ids[100:120], ids[61:81]]
    model.begin([ids[:60]] * 3)
    left = [list(way) for way in ways]
    found: dict[int, NDArray[np.float32]] = {}
    for turn in range(60):
        going = [
            way.pop(0) if way and (turn + take) % 3 == 0 else None for take, way in enumerate(left)
        ]
        logits = model.step(going)
        found |= {take: logits[take].copy() for take in range(3) if going[take] is not None}
    assert not any(left)
    after = model.begin([ids[:60]])[0].copy()
    for take, way in enumerate(ways):
        assert model.begin([ids[:60]])[0].tolist() == after.tolist()
        assert model.read(way) == pytest.approx(found[take], abs=0.15)


def test_takes_may_begin_with_prompts_of_their_own(model: LoopModel) -> None:
    ids = tokens()
    prompts = [ids[:50], [*ids[:40], *ids[60:90]], ids[:33]]
    together = model.begin(prompts).copy()
    stepped = model.step([ids[100], None, ids[101]]).copy()
    last = model.step([None, ids[102], None])[1].copy()
    for prompt, row in zip(prompts, together, strict=True):
        assert model.begin([prompt])[0] == pytest.approx(row, abs=0.15)
    assert model.step([ids[101]])[0] == pytest.approx(stepped[2], abs=0.15)
    model.begin([prompts[1]])
    assert model.step([ids[102]])[0] == pytest.approx(last, abs=0.15)


def test_past_the_context_is_told(model: LoopModel) -> None:
    model.rewind()
    with pytest.raises(Unavailable, match="at most 2048 tokens, not 2049"):
        model.read([v.BEGIN] * 2049)
    model.begin([[v.BEGIN] * 2047, [v.BEGIN]])
    model.step([v.END, None])
    model.step([None, v.END])
    with pytest.raises(Unavailable, match="at most 2048 tokens, not 2049"):
        model.step([v.END, v.END])


def test_export_in_32_bits_agrees_with_torch_to_a_hundred_thousandth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch", reason="torch is in the extra train only")
    onnx = pytest.importorskip("onnx", reason="onnx is in the extra train only")
    models = Path(__file__).parents[2] / "models"
    monkeypatch.syspath_prepend(str(models))
    monkeypatch.syspath_prepend(str(models / "loops"))
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
    small.begin([ids[:40], ids[:60]])
    for at in range(40, 60):
        one, other = small.step([ids[at], ids[at + 20]])
        assert one == pytest.approx(expected[at], abs=1e-5)
        assert other == pytest.approx(expected[at + 20], abs=1e-5)
    assert "torch" in sys.modules
