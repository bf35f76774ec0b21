"""The weights of musicnn -> ``tags.onnx``: a small network that names genres, weights in 8 bits.

The weights are the TensorFlow checkpoint ``MSD_musicnn`` of the package ``musicnn`` (ISC, Music
Technology Group, Universitat Pompeu Fabra; J. Pons and X. Serra (2019), "musicnn: pre-trained
convolutional neural networks for music audio tagging"). `bundle` reads it. The graph is written
operator by operator; the large weights are int8 with a scale for each output channel, behind a
DequantizeLinear. The same network in torch, in float, is what the graph is checked against.

    python models/inspire/export_tags.py FOLDER_OF_THE_CHECKPOINT [models/inspire/tags.onnx]
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch.nn import functional as f

from bandmate.workers.runtime import onnxruntime
from bundle import read_bundle

Array = NDArray[np.float32]
Weights = dict[str, Array]

FRAMES, MELS, TAGS = 187, 96, 50
EPSILON = 1e-3
"""Of the batch norms, as the network was trained."""
OPSET = 17
_TIMBRAL, _TEMPORAL, _MIDDLE = ("", "_1"), ("_2", "_3", "_4"), ("_5", "_6", "_7")


def scaled(weights: Weights, number: int) -> tuple[Array, Array]:
    """Return a batch norm as a factor and a sum."""
    name = f"batch_normalization{f'_{number}' if number else ''}"
    factor = weights[f"{name}/gamma"] / np.sqrt(weights[f"{name}/moving_variance"] + EPSILON)
    return factor, weights[f"{name}/beta"] - weights[f"{name}/moving_mean"] * factor


def kernel(weights: Weights, suffix: str) -> tuple[Array, Array]:
    """Return a convolution's kernel (out, in, time, pitch) and its bias."""
    turned = weights[f"conv2d{suffix}/kernel"].transpose(3, 2, 0, 1)
    return np.ascontiguousarray(turned), weights[f"conv2d{suffix}/bias"]


def in_torch(weights: Weights, mels: torch.Tensor) -> torch.Tensor:
    """Return the probabilities of the tags of log-mel patches (n x FRAMES x MELS)."""
    tensors = {name: torch.from_numpy(value.copy()) for name, value in weights.items()}

    def normed(x: torch.Tensor, number: int) -> torch.Tensor:
        name = f"batch_normalization{f'_{number}' if number else ''}"
        found = (tensors[f"{name}/{part}"] for part in ("moving_mean", "moving_variance"))
        mean, variance = found
        gamma, beta = tensors[f"{name}/gamma"], tensors[f"{name}/beta"]
        return f.batch_norm(x, mean, variance, gamma, beta, False, 0.0, EPSILON)

    x = normed(mels[:, None], 0)
    features = []
    for number, suffix in enumerate((*_TIMBRAL, *_TEMPORAL), 1):
        weight, bias = (torch.tensor(part) for part in kernel(weights, suffix))
        size = weight.shape[2]
        before = (size - 1) // 2
        y = f.conv2d(f.pad(x, (0, 0, before, size - 1 - before)), weight, bias)
        features.append(normed(f.relu(y), number).amax(dim=3))
    front = torch.cat(features, dim=1)
    parts, y = [front], front
    for number, suffix in enumerate(_MIDDLE, 6):
        weight, bias = (torch.tensor(part) for part in kernel(weights, suffix))
        deep = normed(
            f.relu(f.conv1d(f.pad(y, (3, 3)), weight[:, 0].transpose(1, 2), bias)), number
        )
        y = deep if number == 6 else deep + y
        parts.append(y)
    held = torch.cat(parts, dim=1)
    pooled = torch.stack([held.amax(dim=2), held.mean(dim=2)], dim=2).flatten(1)
    dense = normed(pooled, 9) @ tensors["dense/kernel"] + tensors["dense/bias"]
    logits = normed(f.relu(dense), 10) @ tensors["dense_1/kernel"] + tensors["dense_1/bias"]
    return torch.sigmoid(logits)


class Graph:
    """An ONNX graph being written."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.values: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, **settings: object) -> str:
        """Add an operator and return the name of its output."""
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **settings))
        return name

    def value(self, array: NDArray[np.generic]) -> str:
        """Add a constant and return its name."""
        name = f"value{len(self.values)}"
        self.values.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def weight(self, array: Array, axis: int) -> str:
        """Add weights in 8 bits, with a scale for each place on an axis."""
        others = tuple(i for i in range(array.ndim) if i != axis)
        scale = np.maximum(np.abs(array).max(axis=others), 1e-12) / 127
        shape = [1] * array.ndim
        shape[axis] = -1
        small = np.clip(np.rint(array / scale.reshape(shape)), -127, 127).astype(np.int8)
        inputs = (self.value(small), self.value(scale.astype(np.float32)))
        return self.add("DequantizeLinear", *inputs, axis=axis)

    def normed(self, x: str, weights: Weights, number: int, shape: tuple[int, ...]) -> str:
        """Add a batch norm."""
        factor, added = (self.value(part.reshape(shape)) for part in scaled(weights, number))
        return self.add("Add", self.add("Mul", x, factor), added)


def written(weights: Weights) -> onnx.ModelProto:
    """Return the network as ONNX: ``mels`` (n x FRAMES x MELS) to ``tags`` (n x TAGS)."""
    graph = Graph()
    x = graph.normed("mels", weights, 0, (1, 1, 1))
    x = graph.add("Unsqueeze", x, graph.value(np.array([1])))
    features = [
        _front(graph, weights, x, suffix, number)
        for number, suffix in enumerate((*_TIMBRAL, *_TEMPORAL), 1)
    ]
    held = _middle(graph, weights, graph.add("Concat", *features, axis=1))
    most = graph.add("ReduceMax", held, axes=[2], keepdims=1)
    mean = graph.add("ReduceMean", held, axes=[2], keepdims=1)
    pooled = graph.add("Flatten", graph.add("Concat", most, mean, axis=2))
    y = graph.normed(pooled, weights, 9, (1, -1))
    y = graph.add("MatMul", y, graph.weight(weights["dense/kernel"], 1))
    y = graph.add("Relu", graph.add("Add", y, graph.value(weights["dense/bias"])))
    y = graph.normed(y, weights, 10, (1, -1))
    y = graph.add("MatMul", y, graph.weight(weights["dense_1/kernel"], 1))
    y = graph.add("Add", y, graph.value(weights["dense_1/bias"]))
    graph.nodes.append(helper.make_node("Sigmoid", [y], ["tags"]))
    made = helper.make_graph(
        graph.nodes,
        "tags",
        [helper.make_tensor_value_info("mels", TensorProto.FLOAT, ["n", FRAMES, MELS])],
        [helper.make_tensor_value_info("tags", TensorProto.FLOAT, ["n", TAGS])],
        graph.values,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    model.producer_name = "bandmate"
    onnx.checker.check_model(model)
    return model


def _front(graph: Graph, weights: Weights, x: str, suffix: str, number: int) -> str:
    """Add a convolution over the spectrum, and the most it finds at any pitch."""
    weight, bias = kernel(weights, suffix)
    before = (weight.shape[2] - 1) // 2
    pads = [before, 0, weight.shape[2] - 1 - before, 0]
    y = graph.add("Conv", x, graph.weight(weight, 0), graph.value(bias), pads=pads)
    y = graph.normed(graph.add("Relu", y), weights, number, (1, -1, 1, 1))
    return graph.add("ReduceMax", y, axes=[3], keepdims=0)


def _middle(graph: Graph, weights: Weights, front: str) -> str:
    """Add three convolutions over time, each added to the one before, and join all."""
    parts, y = [front], front
    for number, suffix in enumerate(_MIDDLE, 6):
        weight, bias = kernel(weights, suffix)
        turned = np.ascontiguousarray(weight[:, 0].transpose(0, 2, 1))
        deep = graph.add("Conv", y, graph.weight(turned, 0), graph.value(bias), pads=[3, 3])
        deep = graph.normed(graph.add("Relu", deep), weights, number, (1, -1, 1))
        y = deep if number == 6 else graph.add("Add", deep, y)
        parts.append(y)
    return graph.add("Concat", *parts, axis=1)


def checked(weights: Weights, file: Path) -> tuple[float, float]:
    """Return the largest and the mean distance of the graph's tags from torch's, on noise."""
    rng = np.random.default_rng(1)
    level = rng.uniform(0, 3, (16, 1, 1)) + rng.normal(0, 0.4, (16, 1, MELS))
    mels = np.clip(level + rng.normal(0, 0.5, (16, FRAMES, MELS)), 0, None).astype(np.float32)
    with torch.no_grad():
        wanted = in_torch(weights, torch.from_numpy(mels)).numpy()
    session = onnxruntime().InferenceSession(file, providers=["CPUExecutionProvider"])
    distance = np.abs(np.asarray(session.run(None, {"mels": mels})[0]) - wanted)
    return float(distance.max()), float(distance.mean())


def main() -> None:
    """Write the graph, check it, print what the manifest needs."""
    folder = Path(sys.argv[1])
    file = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).with_name("tags.onnx")
    weights = read_bundle(folder / ".index", folder / ".data-00000-of-00001")
    onnx.save(written(weights), file)
    most, mean = checked(weights, file)
    print(f"{file.stat().st_size} bytes, off by {mean:.5f} on average, {most:.5f} at most")
    print(f"sha256: {hashlib.sha256(file.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
