"""A checkpoint -> the ONNX graph that ships: one step, its cache, weights in 8 bits, by hand.

The graph is written operator by operator around onnxruntime's GroupQueryAttention, whose cache is a
buffer that past and present share; the matrices are MatMulNBits of 8 bits in blocks of 32. Rows of
the embedding hold each token's sum of features. The sequence is read in one call and written token
by token.

    python models/loops/export.py [out/loops/fast/latest.pt] [models/loops/loops.onnx]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from bandmate.loops.generate import LoopGenerator
from bandmate.loops.model import conditioning
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.inference import LoopModel
from bandmate.loops.model.positions import COLUMNS, places_of
from bandmate.loops.model.tokenizer import LoopTokenizer
from bandmate.loops.plan import LoopPlan, PlannedPart
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from data import enlist, out_folder
from network import LoopNetwork, Shape, rotary_tables

MICROSOFT = "com.microsoft"
BLOCK = 32
"""Weights that share one scale."""


class Graph:
    """Collects nodes and weights; every method returns the name of what it adds."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, values: NDArray[np.generic]) -> str:
        """Add a constant."""
        self.weights.append(numpy_helper.from_array(values.copy(order="C"), name))
        return name

    def node(
        self, kind: str, inputs: list[str], name: str, domain: str = "", **attributes: object
    ) -> str:
        """Add a node with one output."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name, domain=domain, **attributes))
        return name

    def linear(self, x: str, weight: NDArray[np.float32], name: str) -> str:
        """Add x @ weight.T; the weights (out, in) in 8 bits, or as they are where bits is 32."""
        if self.bits == 32:
            return self.node("MatMul", [x, self.weight(f"{name}.weight", weight.T)], name)
        quantised, scales = quantised_rows(weight)
        return self.node(
            "MatMulNBits",
            [x, self.weight(f"{name}.weight", quantised), self.weight(f"{name}.scales", scales)],
            name,
            MICROSOFT,
            K=weight.shape[1],
            N=weight.shape[0],
            bits=8,
            block_size=BLOCK,
            accuracy_level=4,
        )

    def norm(self, x: str, weight: NDArray[np.float32], name: str) -> str:
        """Add the root-mean-square norm of x."""
        return self.node(
            "SimplifiedLayerNormalization",
            [x, self.weight(f"{name}.weight", weight)],
            name,
            axis=-1,
            epsilon=1e-6,
        )


def quantised_rows(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return (out, blocks, BLOCK) bytes around 128 and their (out * blocks) scales."""
    rows, columns = weight.shape
    blocks = weight.reshape(rows, columns // BLOCK, BLOCK)
    scales = np.abs(blocks).max(axis=-1, keepdims=True) / 127
    scales[scales == 0] = 1
    quantised = np.clip(np.round(blocks / scales) + 128, 0, 255).astype(np.uint8)
    return quantised, scales.reshape(rows, -1).astype(np.float32)


def exported(network: LoopNetwork, bits: int = 8) -> onnx.ModelProto:
    """Return the ONNX model of a network.

    Inputs: ids (batch, time) and places (batch, time, COLUMNS) int64; seqlens (batch,) int32, the
    tokens in a row's cache after this call less one; total (1,) int32, the most tokens of any row;
    past_key/value_i (batch, 1, context, head_width) float32, shared with present_key/value_i.
    Output: logits (batch, MUSIC_SIZE) after the last token. Several rows take one token each: with
    a past, the operator reads several new tokens for one row only.
    """
    s = network.shape
    state = {name: weight.detach().float().numpy() for name, weight in network.named_parameters()}
    table = network.table().detach().float().numpy()
    g = Graph(bits)
    cos, sin = (t.numpy() for t in rotary_tables(s))
    g.weight("cos", cos)
    g.weight("sin", sin)
    x = _embedded(g, network, table)
    for i in range(s.layers):
        x = _block(g, x, i, state, s)
    last = g.node("Gather", [x, g.weight("minus_one", np.array(-1, np.int64))], "last", axis=1)
    last = g.norm(last, state["last_norm"], "last_norm")
    logits = g.linear(last, table[: v.MUSIC_SIZE], "logits")
    caches = [f"{kind}_{i}" for i in range(s.layers) for kind in ("key", "value")]
    cache_shape = ["batch", 1, s.context, s.head_width]
    graph = helper.make_graph(
        g.nodes,
        "loops",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "time"]),
            helper.make_tensor_value_info("places", TensorProto.INT64, ["batch", "time", COLUMNS]),
            helper.make_tensor_value_info("seqlens", TensorProto.INT32, ["batch"]),
            helper.make_tensor_value_info("total", TensorProto.INT32, [1]),
            *(
                helper.make_tensor_value_info(f"past_{c}", TensorProto.FLOAT, cache_shape)
                for c in caches
            ),
        ],
        [
            helper.make_tensor_value_info(logits, TensorProto.FLOAT, ["batch", v.MUSIC_SIZE]),
            *(
                helper.make_tensor_value_info(f"present_{c}", TensorProto.FLOAT, cache_shape)
                for c in caches
            ),
        ],
        g.weights,
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=9,
    )
    facts = {"shape": json.dumps(s.as_dict()), "words": json.dumps([v.SIZE, v.MUSIC_SIZE])}
    helper.set_model_props(model, facts)
    return model


def _embedded(g: Graph, network: LoopNetwork, table: NDArray[np.float32]) -> str:
    """Add the sum of a token's vector and those of its places, its copies and what is told."""
    scale = np.float32(network.shape.width**0.5)
    places = network.place_table().detach().float().numpy()
    copies = [copy.detach().float().numpy() for copy in network.copy_tables()]
    said = network.told_table().detach().float().numpy()
    starts = [len(places) + i * len(copies[0]) for i in range(len(copies) + 1)]
    starts += starts[-1:] * (conditioning.COLUMNS - 1)
    offsets = g.weight("place_offsets", np.array([0, 0, 0, *starts], np.int64))
    rows = g.node("Add", ["places", offsets], "place_rows")
    # Columns go first: the order of a sum along the first axis does not depend on the batch.
    turned = g.node("Transpose", [rows], "rows_by_column", perm=[2, 0, 1])
    together = g.weight("place_table", np.concatenate([places, *copies, said]) * scale)
    each = g.node("Gather", [together, turned], "each_place")
    axis = g.weight("place_axis", np.array([0], np.int64))
    where = g.node("ReduceSum", [each, axis], "place", keepdims=0)
    word = g.node("Gather", [g.weight("table", table * scale), "ids"], "word")
    return g.node("Add", [word, where], "embedded")


def _block(g: Graph, x: str, i: int, state: dict[str, NDArray[np.float32]], s: Shape) -> str:
    def weight(name: str) -> NDArray[np.float32]:
        return state[f"blocks.{i}.{name}"]

    def of(name: str) -> str:
        return f"{name}_{i}"

    h = g.norm(x, weight("attention_norm"), of("attention_norm"))
    together = np.concatenate([weight(f"{name}.weight") for name in ("queries", "keys", "values")])
    packed = g.linear(h, together, of("packed"))
    heard = of("heard")
    g.nodes.append(
        helper.make_node(
            "GroupQueryAttention",
            [packed, "", "", f"past_key_{i}", f"past_value_{i}", "seqlens", "total", "cos", "sin"],
            [heard, f"present_key_{i}", f"present_value_{i}"],
            heard,
            domain=MICROSOFT,
            num_heads=s.heads,
            kv_num_heads=1,
            do_rotary=1,
            rotary_interleaved=0,
        )
    )
    x = g.node(
        "Add", [x, g.linear(heard, weight("attended.weight"), of("attended"))], of("attended_sum")
    )
    h = g.norm(x, weight("hidden_norm"), of("hidden_norm"))
    gate = g.linear(h, weight("gate.weight"), of("gate"))
    opened = g.node("Mul", [gate, g.node("Sigmoid", [gate], of("sigmoid"))], of("silu"))
    hidden = g.node("Mul", [opened, g.linear(h, weight("up.weight"), of("up"))], of("hidden"))
    return g.node("Add", [x, g.linear(hidden, weight("down.weight"), of("down"))], of("hidden_sum"))


def network_of(checkpoint: Path) -> LoopNetwork:
    """Return the network of a checkpoint."""
    saved = torch.load(checkpoint, map_location="cpu", weights_only=False)
    network = LoopNetwork(Shape(**saved["shape"]))
    network.load_state_dict(saved["network"])
    network.eval()
    return network


def main() -> None:
    """Export a checkpoint."""
    usual = out_folder("loops") / "fast" / "latest.pt"
    checkpoint = Path(sys.argv[1]) if len(sys.argv) > 1 else usual
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).with_name("loops.onnx")
    onnx.save(exported(network_of(checkpoint)), target)
    print(f"{target} {target.stat().st_size / 1e6:.1f} MB")
    if target.parent == Path(__file__).parent:
        LoopTokenizer().save(target.with_name("tokenizer.json"))
        golden = Path(__file__).parents[2] / "tests" / "golden" / "loops_logits.npz"
        save_agreement(network_of(checkpoint), target, golden)
        enlist(target)


class _Recorder(LoopModel):
    """A model that remembers what its first take read since the last prompt."""

    heard: list[int]

    def begin(self, prompts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        self.heard = list(prompts[0])
        return super().begin(prompts)

    def step(self, tokens: Sequence[int | None]) -> NDArray[np.float32]:
        self.heard += [token for token in tokens[:1] if token is not None]
        return super().step(tokens)


def save_agreement(network: LoopNetwork, model: Path, file: Path) -> None:
    """Let the exported model write a loop; save its tokens and torch's answers after some."""
    recorder = _Recorder(model)
    band = (PlannedPart("drums", 0), PlannedPart("bass", 33), PlannedPart("keys", 4))
    plan = LoopPlan(4, 96.0, Meter(4, 4), Key.parse("A:min"), band, seed=1)
    list(LoopGenerator(recorder, "loops").bars(plan))
    places = np.linspace(20, len(recorder.heard) - 1, 12).astype(int)
    with torch.no_grad():
        heard = torch.tensor([recorder.heard]), torch.tensor([places_of(recorder.heard)])
        logits = network(*heard)[0, torch.tensor(places)].numpy()
    np.savez_compressed(file, ids=np.array(recorder.heard), places=places, logits=logits)


if __name__ == "__main__":
    main()
