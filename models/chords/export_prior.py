"""A checkpoint of P or Q -> the ONNX file that ships, its matrices stored in 8 bits.

    python models/chords/export_prior.py prior        P, from out/chords/prior.pt
    python models/chords/export_prior.py proposals    Q, from out/chords/proposals.pt

The graph holds three answers, of which a run computes those that are asked: the scores of given
chords, every chord in a row's place, and when a given chord changes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from bandmate.chords.events import ROW
from data import MODELS, enlist, out_folder
from prior_network import ChordNetwork, Shape

_SMALLEST = 2048
"""Weights with fewer numbers stay as they are."""


class Answers(nn.Module):
    """The network's three answers as one graph."""

    def __init__(self, network: ChordNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, rows: Tensor, targets: Tensor, last: Tensor, temperature: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores (B, T, 4), following (B, 13, K, 12) and when (B, W) of the row *last*."""
        return self.network.answers(rows, targets, last, temperature)


def load(file: Path) -> ChordNetwork:
    """Return the network of a checkpoint, ready to run."""
    saved = torch.load(file, weights_only=False, map_location="cpu")
    network = ChordNetwork(Shape(**saved["shape"]))
    network.load_state_dict(saved["network"])
    return network.eval()


def write_onnx(network: ChordNetwork, file: Path) -> None:
    """Write a network as ONNX."""
    rows = torch.zeros(2, 5, ROW, dtype=torch.long)
    targets = torch.zeros(2, 5, 4, dtype=torch.long)
    given = (rows, targets, torch.tensor([4, 2]), torch.tensor(1.0))
    batch, time = torch.export.Dim("batch", min=1), torch.export.Dim("time", min=1)
    torch.onnx.export(
        Answers(network),
        given,
        file,
        input_names=["rows", "targets", "last", "temperature"],
        output_names=["scores", "following", "when"],
        dynamic_shapes=({0: batch, 1: time}, {0: batch, 1: time}, {0: batch}, {}),
        opset_version=20,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    onnx.save(in_eight_bits(onnx.load(file)), file)


def in_eight_bits(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store large matrices as int8 with a scale for each row; whoever opens it unfolds them."""
    graph, kept, unfolded = model.graph, [], []
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.ndim != 2 or values.size < _SMALLEST:
            kept.append(weight)
            continue
        axis = int(np.argmin(values.shape))
        scale = np.abs(values).max(axis=1 - axis, keepdims=True) / 127
        scale[scale == 0] = 1
        packed = np.rint(values / scale).astype(np.int8)
        kept += [
            numpy_helper.from_array(packed, f"{weight.name}.int8"),
            numpy_helper.from_array(scale.astype(np.float32).reshape(-1), f"{weight.name}.scale"),
        ]
        names = [f"{weight.name}.int8", f"{weight.name}.scale"]
        unfolded.append(helper.make_node("DequantizeLinear", names, [weight.name], axis=axis))
    nodes = [*unfolded, *graph.node]
    for node in nodes:  # where torch was when it made them: a sixth of the file
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    graph.ClearField("value_info")
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    name = sys.argv[1]
    target = MODELS / "chords" / f"{name}.onnx"
    write_onnx(load(out_folder("chords") / f"{name}.pt"), target)
    enlist(target)
    print(f"{target.name}: {target.stat().st_size / 1e6:.2f} MB")
